"""What a window knows of a run: live, after its end, and of a record alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pytestqt.qtbot import QtBot

from nepi_core.description import ResourceDescription
from nepi_core.states import ResourceState
from nepi_gui.watching.watched_run import WatchedRun
from tests.nepi_gui.runs_of_ours import LiveRun


def _live(qtbot: QtBot, run: LiveRun) -> WatchedRun:
    watched = WatchedRun(run.folder)
    assert watched.is_live
    qtbot.waitUntil(lambda: watched.state(3) is ResourceState.STOPPED)
    return watched


def test_states_come_in_live(qtbot: QtBot, live_run: LiveRun) -> None:
    watched = _live(qtbot, live_run)
    assert watched.state(2) is ResourceState.STARTED
    assert watched.is_held
    with qtbot.waitSignal(watched.states_changed):
        watched.stop([2])
    qtbot.waitUntil(lambda: watched.state(2) is ResourceState.STOPPED)
    watched.close()


def test_ends_in_good_order_and_tells_what_became_of_each(qtbot: QtBot, live_run: LiveRun) -> None:
    watched = _live(qtbot, live_run)
    with qtbot.waitSignal(watched.ended, timeout=20_000):
        watched.end()
    assert not watched.is_live
    assert watched.outcome in ("interrupted", "done")
    assert watched.state(2) is ResourceState.STOPPED
    assert [change.new.name for change in watched.lives.of(2)][-3:] == ["STARTED", "STOPPED", "RELEASED"]
    watched.close()


def test_attributes_are_set_live_and_refusals_are_told(qtbot: QtBot, live_run: LiveRun) -> None:
    watched = _live(qtbot, live_run)
    answers: list[Sequence[str]] = []
    watched.set(2, "target", "127.0.0.2", answers.append)
    watched.set(2, "no-such", 1, answers.append)
    qtbot.waitUntil(lambda: len(answers) == 2)
    told = " ".join([*answers[0], *answers[1]])
    assert "target" in told
    assert "no-such" in told
    watched.close()


def test_new_resources_join_a_run(qtbot: QtBot, live_run: LiveRun) -> None:
    watched = _live(qtbot, live_run)
    resources = dict(watched.description.resources)
    resources[1] = resources[1].copy()
    resources[1].connections.add(9)
    resources[9] = ResourceDescription(9, "linux::Ping", {"target": "127.0.0.1", "count": 1}, {1})
    answers: list[Sequence[str]] = []
    watched.add(resources, [9], answers.append)
    watched.deploy([9], answers.append)
    qtbot.waitUntil(lambda: watched.state(9) is ResourceState.STOPPED)
    assert answers == [[], []]
    watched.add(resources, [9], answers.append)
    qtbot.waitUntil(lambda: len(answers) == 3)
    assert "in this run already" in answers[2][0]
    watched.close()


def test_a_second_window_sees_what_the_first_did(qtbot: QtBot, live_run: LiveRun) -> None:
    first = _live(qtbot, live_run)
    second = _live(qtbot, live_run)
    first.hold(False)
    first.release([2])
    with qtbot.waitSignal(second.ended, timeout=20_000):
        pass
    assert not second.is_held
    assert second.outcome == "done"
    qtbot.waitUntil(lambda: not first.is_live)
    first.close()
    second.close()


def test_the_moment_that_is_looked_at(qtbot: QtBot, live_run: LiveRun) -> None:
    watched = _live(qtbot, live_run)
    changes = watched.lives.of(3)
    with qtbot.waitSignal(watched.states_changed) as told:
        watched.look_at((changes[-2].time + changes[-1].time) / 2)
    assert 3 in (told.args or [set()])[0]
    assert watched.state(3) is ResourceState.STARTED
    watched.look_at(changes[0].time - 10)
    assert watched.state(3) is ResourceState.NEW
    watched.look_at(None)
    assert watched.state(3) is ResourceState.STOPPED
    watched.close()


def test_a_run_whose_program_was_killed_ends_for_who_watches(qtbot: QtBot, live_run: LiveRun) -> None:
    watched = _live(qtbot, live_run)
    with qtbot.waitSignal(watched.ended, timeout=20_000):
        live_run.process.kill()
        live_run.process.wait()
    assert not watched.is_live
    assert watched.outcome == "running"
    assert WatchedRun(live_run.folder).outcome == "running"
    watched.close()


def test_a_folder_without_a_record_opens(tmp_path: Path, qapp: object) -> None:
    watched = WatchedRun(tmp_path)
    assert not watched.is_live
    assert watched.span == (0.0, 0.0)
    assert not watched.description.resources
    assert watched.reader.notices
    watched.close()


def test_a_moment_far_from_the_run_is_not_looked_at(qtbot: QtBot, live_run: LiveRun) -> None:
    watched = _live(qtbot, live_run)
    for moment in (1e308, -1e308, 1e17):  # farther than what can be painted
        watched.look_at(moment)
        assert watched.moment is not None
        assert abs(watched.moment - watched.span[0]) < 200_000
    watched.close()
