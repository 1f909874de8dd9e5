"""What somebody has set in a run while it went on, out of its log."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from nepi_core.runs.store import LogEntry, RunStore
from nepi_gui.panels.runs.words import by_hand_text
from nepi_gui.runs.by_hand import changes_by_hand
from tests.nepi_gui.runs.recorded import BEGAN, described, record


def log(folder: Path, *messages: str, guid: int = 2, logger: str = "nepi.changes") -> None:
    with closing(RunStore(folder)) as store:
        for place, message in enumerate(messages):
            store.log(LogEntry(BEGAN + 4 + place, 20, guid, "linux::Ping", logger, message))


def told(folder: Path) -> str:
    return by_hand_text(changes_by_hand(folder, described(count=5)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a run in which nothing was set."""
    return record(tmp_path / "tried" / "one", description=described(count=5))


def test_nothing_set(folder: Path) -> None:
    log(folder, "attribute 'count' is now 9, as planned")
    log(folder, "attribute 'count' is now 9, set by hand", logger="another.one")
    assert told(folder) == ""


def test_values_one_after_the_other(folder: Path) -> None:
    log(folder, "Ping 2: attribute 'count' is now 9, set by hand", "attribute 'target' is now 'h2', set by hand")
    assert told(folder) == "changed while it ran: ping count 5 → 9, ping target 127.0.0.1 → h2"
    log(folder, *(f"attribute 'count' is now {number}, set by hand" for number in (10, 11)))
    log(folder, "attribute 'interval' is now 0.5, set by hand")
    assert told(folder) == "changed while it ran: ping count 5 → … → 11, ping target 127.0.0.1 → h2, 1 more"


def test_resource_that_the_experiment_does_not_have_and_value_that_is_none(folder: Path) -> None:
    log(folder, "attribute 'size' is now <what?>, set by hand", guid=77)
    assert told(folder) == "changed while it ran: 77 size <what?>"
    assert by_hand_text(changes_by_hand(folder, None)) == "changed while it ran: 77 size <what?>"
