"""Runs that cannot be reached, stop talking, or say strange things, as those see it who watch them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from nepi_core.lifecycle import StateChange
from nepi_core.states import ResourceState as State
from nepi_gui.watching.watched_run import WatchedRun
from tests.nepi_gui.watching.runs_made_up import PlayedRun, played

_LONG = 20_000  # ms
_READY = StateChange(1, State.NEW, State.READY, 10.0, "")
_STARTED = StateChange(1, State.READY, State.STARTED, 11.0, "")
_FAILED = StateChange(2, State.NEW, State.FAILED, 12.0, "no such road")


def _row(change: StateChange) -> list[object]:
    return [change.guid, int(change.old), int(change.new), change.time, change.cause]


@pytest.fixture
def run(tmp_path: Path, qapp: object) -> Iterator[PlayedRun]:
    with played(tmp_path / "run1") as made:
        yield made


@pytest.fixture
def watched(run: PlayedRun) -> Iterator[WatchedRun]:
    run.open()
    made = WatchedRun(run.folder)
    run.welcome()
    yield made
    made.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_run_without_a_socket_is_watched_by_its_record_until_it_has_gone(run: PlayedRun, qtbot: QtBot) -> None:
    watched = WatchedRun(run.folder)
    assert watched.is_live
    assert not watched.is_driven
    assert "can only be watched" in watched.trouble
    run.record(_READY, _STARTED)
    qtbot.waitUntil(lambda: watched.state(1) is State.STARTED, timeout=_LONG)
    with qtbot.waitSignal(watched.ended, timeout=_LONG):
        run.end()
    assert watched.trouble == ""
    assert watched.lives.changes == [_READY, _STARTED]
    watched.close()


def test_a_run_that_cannot_be_recorded_is_watched_as_long_as_it_talks(tmp_path: Path, qtbot: QtBot) -> None:
    with played(tmp_path / "run1") as run:
        run.store.close()
        (run.folder / "run.sqlite").unlink()
        run.open()
        watched = WatchedRun(run.folder)
        assert watched.is_live
        run.welcome()  # who only looked whether there is somebody
        run.welcome()
        run.greet(states=[_row(_FAILED)[:1] + _row(_FAILED)[2:]])
        qtbot.waitUntil(lambda: watched.state(2) is State.FAILED, timeout=_LONG)
        with qtbot.waitSignal(watched.ended, timeout=_LONG):
            run.hang_up()
        watched.close()
        assert not WatchedRun(run.folder).is_live


def test_a_run_whose_socket_comes_late_is_driven_then(run: PlayedRun, qtbot: QtBot) -> None:
    watched = WatchedRun(run.folder)
    run.open()
    qtbot.waitUntil(lambda: watched.is_driven, timeout=_LONG)
    run.welcome()
    run.greet(held=True)
    qtbot.waitUntil(lambda: watched.is_held, timeout=_LONG)
    assert watched.trouble == ""
    watched.close()


def test_a_link_that_is_lost_is_told_and_made_again(run: PlayedRun, watched: WatchedRun, qtbot: QtBot) -> None:
    run.greet()
    run.record(_READY)
    run.say(type="changes", changes=[_row(_READY)])
    qtbot.waitUntil(lambda: watched.state(1) is State.READY, timeout=_LONG)
    answers: list[Sequence[str]] = []
    watched.stop([1], answers.append)
    run.hang_up()
    qtbot.waitUntil(lambda: watched.trouble != "", timeout=_LONG)
    assert watched.is_live
    assert len(answers) == 1
    assert "lost" in answers[0][0]
    watched.stop([1], answers.append)
    assert answers[1] == [watched.trouble]
    run.record(_STARTED, _FAILED)
    qtbot.waitUntil(lambda: watched.state(2) is State.FAILED, timeout=_LONG)
    assert watched.lives.changes == [_READY, _STARTED, _FAILED]
    run.open()
    qtbot.waitUntil(lambda: watched.is_driven, timeout=_LONG)
    run.welcome()
    run.greet(states=[[1, 4, 11.0, ""], [2, 6, 12.0, "no such road"]])
    qtbot.waitUntil(lambda: watched.trouble == "", timeout=_LONG)
    assert watched.lives.changes == [_READY, _STARTED, _FAILED]


@pytest.mark.parametrize(
    "strange",
    [
        {"type": "hello", "version": 2},
        {"type": "hello"},
        {"type": "hello", "version": 1, "held": False, "states": [[1, 99, 1.0, ""]], "values": []},
        {"type": "changes", "changes": [[1, 2]]},
        {"type": "changes", "changes": 7},
        {"type": "values", "values": [[1]]},
        {"type": "held"},
    ],
)
def test_who_says_strange_things_is_watched_by_the_record(
    run: PlayedRun, watched: WatchedRun, qtbot: QtBot, strange: dict[str, object]
) -> None:
    run.say(**strange)
    qtbot.waitUntil(lambda: watched.trouble != "", timeout=_LONG)
    assert watched.is_live
    assert not watched.is_driven
    run.record(_FAILED)
    qtbot.waitUntil(lambda: watched.state(2) is State.FAILED, timeout=_LONG)
    with qtbot.waitSignal(watched.ended, timeout=_LONG):
        run.end()


def test_what_is_told_twice_happens_once(run: PlayedRun, watched: WatchedRun, qtbot: QtBot) -> None:
    run.greet(states=[[1, 4, 11.0, ""]])
    run.say(type="changes", changes=[_row(_READY), _row(_STARTED), _row(_FAILED)])
    qtbot.waitUntil(lambda: watched.state(2) is State.FAILED, timeout=_LONG)
    assert [change.new for change in watched.lives.of(1)] == [State.STARTED]
    assert len(watched.lives.changes) == 2


def test_what_comes_behind_the_message_at_which_it_was_closed_is_not_heard(
    run: PlayedRun, watched: WatchedRun, qtbot: QtBot
) -> None:
    watched.held_changed.connect(watched.close)
    with qtbot.waitSignal(watched.held_changed, timeout=_LONG):
        run.greet()
        run.say(type="changes", changes=[_row(_FAILED)])
    assert watched.state(2) is State.NEW


def test_who_hangs_up_is_not_told_that_nobody_has_answered(run: PlayedRun, watched: WatchedRun, qtbot: QtBot) -> None:
    answers: list[Sequence[str]] = []
    watched.stop([1], answers.append)
    watched.close()
    assert answers == []


def test_values_that_were_set_are_known_to_who_comes_later(run: PlayedRun, watched: WatchedRun, qtbot: QtBot) -> None:
    run.greet(values=[[1, "rate", 5.0]])
    qtbot.waitUntil(lambda: watched.values == {(1, "rate"): 5.0}, timeout=_LONG)
    run.say(type="values", values=[[1, "rate", 6.0], [2, "up", None]])
    qtbot.waitUntil(lambda: watched.values == {(1, "rate"): 6.0, (2, "up"): None}, timeout=_LONG)
    run.say(type="changes", changes=[_row(StateChange(1, State.STARTED, State.RELEASED, 20.0, ""))])
    qtbot.waitUntil(lambda: watched.values == {(2, "up"): None}, timeout=_LONG)
