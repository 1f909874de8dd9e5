"""Runs as programs leave them, for tests that look at many of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from nepi_core.description import ExperimentDescription, Layout, ResourceDescription
from nepi_core.lifecycle import StateChange
from nepi_core.runs.store import LogEntry, RunStore
from nepi_core.series import Sample, Series
from nepi_core.states import ResourceState
from nepi_core.xml_format import write_xml

BEGAN = 1_700_000_000.0


def described(**attributes: Any) -> ExperimentDescription:
    """Return an experiment: a node (1) with a ping (2), whose attributes are given."""
    node = ResourceDescription(1, "linux::Node", layout=Layout(0, 0, label="here"), connections={2})
    ping = ResourceDescription(
        2, "linux::Ping", {"target": "127.0.0.1"} | attributes, {1}, layout=Layout(0, 50, label="ping")
    )
    return ExperimentDescription("tried", resources={1: node, 2: ping})


def record(
    folder: Path,
    began: float = BEGAN,
    outcome: str = "done",
    description: ExperimentDescription | None = None,
    values: Sequence[float] = (),
    **facts: object,
) -> Path:
    """Write a run that took ten seconds, with a series `rtt` of values; return its folder."""
    with closing(RunStore(folder)) as store:
        store.facts(exp_id=folder.parent.name, run_id=folder.name, began=began, outcome=outcome, **facts)
        if outcome != "running":
            store.facts(ended=began + 10)
        store.environment({"process": str(os.getpid())})
        store.resource(2, "linux::Ping", "ping")
        store.series(2, "stdout", [Series("rtt", "ms", "round trip time")])
        store.state_changed(StateChange(2, ResourceState.NEW, ResourceState.READY, began + 1, ""))
        store.samples(Sample(began + place, 2, "stdout", "rtt", value) for place, value in enumerate(values))
        store.log(LogEntry(began + 3, 20, 2, "linux::Ping", "nepi", "hello"))
    traces = folder / "traces"
    traces.mkdir()
    (traces / "2.stdout").write_text("64 bytes from 127.0.0.1\n")
    write_xml(description or described(), folder / "experiment.xml")
    return folder
