"""What came of a run, as data: for ``--json`` and for the summary."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from nepi_core.lab import is_check
from nepi_core.runs.reader import RecordedSeries, RunReader
from nepi_core.states import ResourceState
from nepi_core.structure import short_type
from nepi_gui.terminal import label_of

if TYPE_CHECKING:
    from nepi_core.controller import ExperimentController
    from nepi_core.resource import ResourceManager


@dataclass(frozen=True, slots=True)
class ResourceResult:
    """What became of a resource.

    Attributes:
        state: the last one before it was RELEASED with all others.
        times: when it last came to each state, in seconds since 1970.
        cause: why it is in that state: of a failure, or what a check has found.
    """

    guid: int
    rtype: str
    label: str
    name: str
    critical: bool
    state: ResourceState
    times: Mapping[ResourceState, float]
    cause: str


@dataclass(frozen=True, slots=True)
class SeriesResult:
    """What was measured; the numbers are NaN when there are no samples."""

    guid: int
    trace: str
    series: str
    unit: str
    count: int
    minimum: float
    mean: float
    maximum: float
    last: float


class CheckResult(NamedTuple):
    """What a check has found.

    Attributes:
        name: what people call it: its label, or type and guid.
        passed: None when it has not judged.
        sentence: what it found, or why it has not judged.
    """

    guid: int
    name: str
    passed: bool | None
    sentence: str


@dataclass(slots=True)
class RunResult:
    """What came of a run.

    Attributes:
        outcome: done, failed or interrupted.
        duration: seconds from the deployment to the end of what was waited for.
        problem: why the run failed when no resource did, "" otherwise.
    """

    exp_id: str
    run_id: str
    folder: Path
    outcome: str
    duration: float
    problem: str
    resources: list[ResourceResult]
    series: list[SeriesResult]
    report: Path | None = None

    @property
    def failed(self) -> list[ResourceResult]:
        """The resources that FAILED, the first to fail first: the others may have failed because of it."""
        failed = [each for each in self.resources if each.state is ResourceState.FAILED]
        return sorted(failed, key=lambda each: each.times[ResourceState.FAILED])

    @property
    def causes(self) -> list[str]:
        """Why the run failed, in sentences; empty when it did not."""
        if self.outcome != "failed":
            return []
        causes = [f"{each.name}: {each.cause}" for each in self.failed if each.critical]
        return [self.problem, *causes] if self.problem else causes

    @property
    def checks(self) -> list[CheckResult]:
        """What the checks of the experiment have found, in the order of their guids."""
        return [_check_result(each) for each in sorted(self.resources, key=_guid_of) if is_check(each.rtype)]

    def as_document(self) -> dict[str, Any]:
        """Return all of it in what JSON can hold."""
        return {
            "exp_id": self.exp_id,
            "run_id": self.run_id,
            "folder": str(self.folder),
            "report": str(self.report) if self.report else None,
            "outcome": self.outcome,
            "causes": self.causes,
            "duration": round(self.duration, 6),
            "checks": list(map(_check_document, self.checks)),
            "resources": list(map(_resource_document, self.resources)),
            "series": list(map(_series_document, self.series)),
        }


def collect_result(ec: ExperimentController, outcome: str, duration: float, problem: str) -> RunResult:
    """Return what came of a run that has been shut down."""
    resources = [_resource_result(ec.get_resource(guid)) for guid in ec.resources]
    folder = Path(ec.run_dir)
    with RunReader(folder) as reader:
        series = [_series_result(each) for each in reader.series()]
    return RunResult(ec.exp_id, ec.run_id, folder, outcome, duration, problem, resources, series)


def _resource_result(manager: ResourceManager) -> ResourceResult:
    changes = manager.life.changes
    lived = [change for change in changes if change.new is not ResourceState.RELEASED]
    state = lived[-1].new if lived else ResourceState.NEW
    return ResourceResult(
        manager.guid,
        manager.data.rtype,
        label_of(manager),
        manager.name,
        manager.is_critical,
        state,
        {change.new: change.time for change in changes},
        lived[-1].cause if lived else "",
    )


def _series_result(each: RecordedSeries) -> SeriesResult:
    about = (each.guid, each.trace, each.series, each.unit, each.count)
    return SeriesResult(*about, each.minimum, each.mean, each.maximum, each.last)


def _guid_of(each: ResourceResult) -> int:
    return each.guid


def _check_result(each: ResourceResult) -> CheckResult:
    name = each.label or f"{short_type(each.rtype)} {each.guid}"
    if each.state in (ResourceState.STOPPED, ResourceState.FAILED):
        return CheckResult(each.guid, name, each.state is ResourceState.STOPPED, each.cause)
    return CheckResult(each.guid, name, None, f"It has not judged: it was {each.state.name} when the run ended.")


def _check_document(each: CheckResult) -> dict[str, Any]:
    return each._asdict()


def _resource_document(each: ResourceResult) -> dict[str, Any]:
    return {
        "guid": each.guid,
        "rtype": each.rtype,
        "label": each.label,
        "state": each.state.name,
        "times": {state.name: _date(time) for state, time in each.times.items()},
        "cause": each.cause,
        "critical": each.critical,
    }


def _series_document(each: SeriesResult) -> dict[str, Any]:
    numbers = {"min": each.minimum, "mean": each.mean, "max": each.maximum, "last": each.last}
    about = {"guid": each.guid, "trace": each.trace, "series": each.series, "unit": each.unit, "count": each.count}
    return about | {name: value if math.isfinite(value) else None for name, value in numbers.items()}


def _date(time: float) -> str:
    return datetime.fromtimestamp(time).astimezone().isoformat(timespec="microseconds")


def names_in_words(resources: Iterable[ResourceResult]) -> str:
    """Return the names of some resources for a sentence, at most five."""
    names = [each.name for each in resources]
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
