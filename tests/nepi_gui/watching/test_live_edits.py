"""Edits of the document while a run of it goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from pytestqt.qtbot import QtBot

from nepi_core.states import ResourceState as State
from nepi_gui.document import attributes, resources
from nepi_gui.document.document import Document
from nepi_gui.watching.live_edits import LiveEdits
from nepi_gui.watching.watched_run import WatchedRun
from tests.nepi_gui.runs_of_ours import LiveRun, described

_LONG = 20_000  # ms


@pytest.fixture
def watched(qtbot: QtBot, live_run: LiveRun) -> Iterator[WatchedRun]:
    made = WatchedRun(live_run.folder)
    qtbot.waitUntil(lambda: made.state(2) is State.STARTED and made.state(3) is State.STOPPED, timeout=_LONG)
    yield made
    made.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def document(qapp: QObject) -> Document:
    return Document(described().description)


def _asked(watched: WatchedRun, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str, object]]:
    """Note what the run is asked to set, in the place of having it set."""
    asked: list[tuple[int, str, object]] = []
    monkeypatch.setattr(watched, "set", lambda guid, name, value, answered: asked.append((guid, name, value)))
    return asked


def test_what_is_deployed_is_locked_until_nobody_watches_any_more(watched: WatchedRun, document: Document) -> None:
    edits = LiveEdits(document, watched, document)
    assert document.deployed == {1, 2, 3}
    edits.close()
    assert document.deployed == frozenset()
    attributes.set_values(document, [2], "interval", 3.0)
    assert document.deployed == frozenset()


def test_what_is_deleted_is_released_also_while_the_past_is_looked_at(
    watched: WatchedRun, document: Document, qtbot: QtBot
) -> None:
    LiveEdits(document, watched, document)
    watched.look_at(1.0)
    resources.remove(document, [2])
    qtbot.waitUntil(lambda: watched.lives.state(2) is State.RELEASED, timeout=_LONG)
    assert document.deployed == {1, 3}


def test_a_resource_of_another_type_is_none_of_the_run(watched: WatchedRun, document: Document) -> None:
    document.description.resources[2].rtype = "linux::Application"
    edits = LiveEdits(document, watched, document)
    assert edits.holds(1)
    assert not edits.holds(2)
    assert document.deployed == {1, 3}
    resources.remove(document, [2])
    assert watched.lives.state(2) is State.STARTED


def test_only_what_is_edited_now_is_set_in_the_run(
    watched: WatchedRun, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    document.description.resources[2].attributes["interval"] = 7.0  # since the run was started, before it was watched
    LiveEdits(document, watched, document)
    asked = _asked(watched, monkeypatch)
    attributes.set_values(document, [2], "grace", 3.0)
    document.history.undo()
    assert asked == [(2, "grace", 3.0), (2, "grace", None)]


def test_another_experiment_in_the_place_of_this_one_is_met_anew(
    watched: WatchedRun, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    edits = LiveEdits(document, watched, document)
    asked = _asked(watched, monkeypatch)
    other = described().description
    other.resources[3].rtype = "linux::Application"
    document.replace(other, None)
    assert edits.holds(2)
    assert not edits.holds(3)
    assert document.deployed == {1, 2}
    assert asked == []


def test_only_who_is_concerned_is_told_of_locks(watched: WatchedRun, document: Document, qtbot: QtBot) -> None:
    edits = LiveEdits(document, watched, document)
    with qtbot.waitSignal(edits.locked, timeout=_LONG) as told:
        watched.release([3])
    assert told.args == [{3}]
