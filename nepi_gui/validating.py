"""All that is wrong with an experiment, for command line and window alike; knows no Qt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nepi_core.conditions import sentence
from nepi_core.description import ExperimentDescription
from nepi_core.loading import Finding, Severity, validate
from nepi_core.structure import shown_name
from nepi_gui.document.nature import nature_of
from nepi_gui.document.schedule import Doubt, Reason, make_schedule

if TYPE_CHECKING:
    from nepi_core.experiment import Experiment

_WHY = {
    Reason.CIRCLE: "{0} waits for this itself, in a circle",
    Reason.NEVER_ENDS: "{0} does not end by itself, and no condition stops it",
    Reason.NEVER_REACHED: "{0} will never be {1}",
    Reason.RELEASED: "{0} is RELEASED only at the end of the run",
}


def find_all(description: ExperimentDescription) -> list[Finding]:
    """Return what the engine finds wrong with an experiment, and the conditions that can never be met."""
    return validate(description, waits_in_vain)


def waits_in_vain(experiment: Experiment) -> Iterator[Finding]:
    """Yield the conditions and planned changes that wait for what never happens.

    What only waits for a resource that itself waits in vain is not told: it goes with the cause.
    """
    description = experiment.description
    if not description.changes and not any(each.conditions for each in description.resources.values()):
        return
    managers = [experiment.get_resource(guid) for guid in experiment.resources]
    doubts = [each for each in make_schedule(description, nature_of(managers)).doubts.values() if each.reason in _WHY]
    causes = [each for each in doubts if each.reason is not Reason.NEVER_REACHED]
    for doubt in causes or doubts:
        yield _finding(experiment, doubt)


def _finding(experiment: Experiment, doubt: Doubt) -> Finding:
    description, (guid, index) = experiment.description, doubt.key
    if guid:
        condition = description.resources[guid].conditions[index]
        state, what = condition.state, f"the condition '{sentence(guid, condition)}'"
    else:
        change = description.changes[index]
        guid, state, what = change.guids[0], change.state, f"the planned change of '{change.name}'"
    manager = experiment.get_resource(guid)
    why = _WHY[doubt.reason].format(shown_name(description.resources[doubt.member]), state.name)
    return Finding(Severity.WARNING, guid, manager.data.line, "", f"{manager.name}: {what} can never be met: {why}.")
