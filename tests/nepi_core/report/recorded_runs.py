"""Run folders to report on, written as a run writes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lxml import html

from nepi_core.description import Condition, ExperimentDescription, Layout, ResourceDescription
from nepi_core.lifecycle import StateChange
from nepi_core.report import write_report
from nepi_core.runs.store import LogEntry, RunStore
from nepi_core.series import Sample, Series
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.xml_format import write_xml

BEGAN = 1_790_000_000.0

NEW, READY, STARTED = ResourceState.NEW, ResourceState.READY, ResourceState.STARTED
STOPPED, FAILED, RELEASED = ResourceState.STOPPED, ResourceState.FAILED, ResourceState.RELEASED


class RecordedRun:
    """A run that a test makes up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = RunStore(folder)
        self.description = ExperimentDescription(exp_id="made-up", run_id="1")

    def resource(self, guid: int, rtype: str = "linux::Ping", label: str = "", **attributes: str | int) -> None:
        layout = Layout(label=label) if label else None
        self.description.resources[guid] = ResourceDescription(guid, rtype, attributes=dict(attributes), layout=layout)
        self.store.resource(guid, rtype, label)

    def lives(self, guid: int, *steps: tuple[ResourceState, float], cause: str = "") -> None:
        """Have a resource go through states, each after so many seconds."""
        old = NEW
        for state, after in steps:
            self.store.state_changed(StateChange(guid, old, state, BEGAN + after, cause if state is FAILED else ""))
            old = state

    def samples(self, guid: int, series: str, values: list[float], unit: str = "", trace: str = "stdout") -> None:
        """Record values, one a second."""
        self.store.series(guid, trace, [Series(series, unit)])
        self.store.samples([Sample(BEGAN + second, guid, trace, series, value) for second, value in enumerate(values)])

    def log(self, level: int, message: str, guid: int | None = None) -> None:
        self.store.log(LogEntry(BEGAN + 1, level, guid, "linux::Ping", "nepi.resource", message))

    def trace(self, name: str, content: bytes = b"x") -> None:
        (self.folder / "traces").mkdir(exist_ok=True)
        (self.folder / "traces" / name).write_bytes(content)

    def end(self, outcome: str = "done", **facts: object) -> None:
        write_xml(self.description, self.folder / "experiment.xml")
        self.store.environment({"host": "a host", "kernel": "a kernel"})
        self.store.facts(exp_id="made-up", run_id="1", began=BEGAN, ended=BEGAN + 10, outcome=outcome, **facts)
        self.store.close()


@contextmanager
def recorded(folder: Path) -> Iterator[RecordedRun]:
    """Give a run that is closed afterwards, also when a test ends it early."""
    run = RecordedRun(folder)
    try:
        yield run
    finally:
        run.store.close()


def ordinary_run(run: RecordedRun) -> None:
    """Record a run in which a client, after its server, measures something."""
    run.resource(1, "linux::Node", "the host", hostname="localhost")
    run.resource(2, "linux::Application", command="serve")
    run.resource(3, "linux::Ping", count=5)
    run.description.connect(1, 2)
    run.description.connect(1, 3)
    condition = Condition(ResourceAction.START, (2,), STARTED, "2s")
    run.description.resources[3].conditions.append(condition)
    for guid in (1, 2, 3):
        run.lives(guid, (READY, 0.5), (STARTED, 1.0 + guid), (STOPPED, 8.0), (RELEASED, 9.5))
    run.samples(3, "rtt", [1.0, 2.0, 6.0], "ms")
    run.trace("3.stdout", b"x" * 1234)


def report(folder: Path) -> html.HtmlElement:
    """Write a report and return the page."""
    return html.fromstring(write_report(folder).read_text(encoding="utf-8"))


def words(element: html.HtmlElement) -> str:
    """Return the text of an element that a reader sees, with single blanks."""
    shown = [str(text) for text in element.xpath(".//text()[not(ancestor::style) and not(ancestor::script)]")]
    return " ".join(" ".join(shown).split())
