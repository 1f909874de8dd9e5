"""Records of runs, made with the real store, for tests that watch them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from nepi_core.description import ExperimentDescription
from nepi_core.lifecycle import StateChange
from nepi_core.runs.store import RunStore
from nepi_core.series import Sample
from nepi_core.states import ResourceState
from nepi_core.xml_format import write_xml

BEGAN = 1_700_000_000.0


def changes_of(
    guid: int, *states: ResourceState, begin: float = BEGAN, step: float = 1.0, cause: str = ""
) -> list[StateChange]:
    """Return how a resource goes through some states, a step of seconds after each other."""
    old, found = ResourceState.NEW, []
    for number, state in enumerate(states, 1):
        why = cause if state is ResourceState.FAILED else ""
        found.append(StateChange(guid, old, state, begin + step * number, why))
        old = state
    return found


def begin(
    folder: Path, description: ExperimentDescription, changes: Iterable[StateChange] = (), began: float = BEGAN
) -> RunStore:
    """Return the open store of a run; as long as it is open the run is live for who looks."""
    store = RunStore(folder)
    write_xml(description, folder / "experiment.xml")
    store.facts(exp_id=description.exp_id, run_id=folder.name, began=began, outcome="running")
    for guid, each in description.resources.items():
        store.resource(guid, each.rtype, each.label)
    for change in sorted(changes, key=lambda each: each.time):
        store.state_changed(change)
    store.flush()
    return store


def record(
    folder: Path,
    description: ExperimentDescription,
    changes: Iterable[StateChange] = (),
    samples: Iterable[Sample] = (),
    outcome: str = "done",
    ended: float = BEGAN + 60,
) -> Path:
    """Write a run that is over; return its folder."""
    with closing(begin(folder, description, changes)) as store:
        store.samples(samples)
        store.facts(outcome=outcome, ended=ended)
    return folder
