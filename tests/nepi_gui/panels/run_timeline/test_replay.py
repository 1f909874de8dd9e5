"""Playing a run, and stepping through it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from nepi_core.lifecycle import StateChange
from nepi_core.states import ResourceState as State
from nepi_gui.appearance import Appearance
from nepi_gui.document.document import Document
from nepi_gui.editor import Editor
from nepi_gui.panels.run_timeline.replay import Replay, next_change
from nepi_gui.settings import Settings
from nepi_gui.watching.watched_run import WatchedRun
from tests.nepi_gui.panels.run_timeline.recorded import BEGAN, CLIENT, SERVER


@pytest.fixture
def replay(run: WatchedRun) -> Iterator[Replay]:
    editor = Editor(Document(), Appearance("light"), Settings())
    editor.watch(run)
    yield Replay(editor, editor)
    editor.close()


def test_it_plays_from_the_beginning_to_the_end(replay: Replay, run: WatchedRun, qtbot: QtBot) -> None:
    seen: list[float] = []
    run.moment_changed.connect(lambda: seen.append(run.moment or 0.0))
    replay.set_speed(64.0)
    with qtbot.waitSignal(replay.changed):
        replay.toggle()
    qtbot.waitUntil(lambda: not replay.is_playing)
    assert run.moment is None
    assert seen[0] == BEGAN
    assert seen[:-1] == sorted(seen[:-1])
    assert len(seen) > 2


def test_it_goes_on_from_where_somebody_looks(replay: Replay, run: WatchedRun, qtbot: QtBot) -> None:
    replay.go_to(BEGAN + 2.0)
    replay.play()
    replay.go_to(BEGAN + 6.0)
    with qtbot.waitSignal(run.moment_changed):
        pass
    assert run.moment is not None
    assert run.moment >= BEGAN + 6.0
    replay.toggle()
    assert not replay.is_playing


def test_going_back_to_now_ends_it(replay: Replay, run: WatchedRun, qtbot: QtBot) -> None:
    replay.play()
    run.look_at(None)
    qtbot.waitUntil(lambda: not replay.is_playing)
    assert run.moment is None


def test_another_run_ends_it(replay: Replay) -> None:
    replay.play()
    replay._editor.watch(None)
    assert not replay.is_playing
    replay.play()
    assert not replay.is_playing
    assert replay.step(1) is None
    assert replay.first_failure() is None


def test_nobody_goes_out_of_the_run(replay: Replay, run: WatchedRun) -> None:
    replay.go_to(0.0)
    assert run.moment == BEGAN
    replay.go_to(BEGAN + 100.0)
    assert run.moment is None


def test_steps_lead_to_all_changes_and_to_the_end(replay: Replay, run: WatchedRun) -> None:
    replay.go_to(0.0)
    times = []
    while (found := replay.step(1, [CLIENT])) is not None:
        times.append(found.time - BEGAN)
    assert times == pytest.approx([0.9, 3.1, 5.0, 9.5])
    assert run.moment is None
    assert replay.step(-1) == run.lives.changes[-1]
    assert replay.step(-1, [SERVER, CLIENT]) == run.lives.of(SERVER)[-1]


def test_the_first_failure_is_found(replay: Replay, run: WatchedRun) -> None:
    found = replay.first_failure()
    assert found is not None
    assert (found.guid, run.moment) == (CLIENT, BEGAN + 5.0)
    assert run.state(CLIENT) is State.FAILED


@given(st.lists(st.integers(0, 20)), st.none() | st.integers(0, 20))
def test_the_next_change_is_the_nearest(times: list[int], moment: int | None) -> None:
    changes = [StateChange(1, State.NEW, State.READY, float(time), "") for time in sorted(times)]
    after, before = next_change(changes, moment, 1), next_change(changes, moment, -1)
    assert (after.time if after else None) == min((t for t in times if moment is not None and t > moment), default=None)
    assert (before.time if before else None) == max((t for t in times if moment is None or t < moment), default=None)
