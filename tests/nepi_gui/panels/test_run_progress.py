"""Figures about a run in the status bar."""

from __future__ import annotations

from contextlib import closing

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from nepi_core.description import Condition
from nepi_core.lifecycle import StateChange
from nepi_core.states import ResourceAction
from nepi_core.states import ResourceState as State
from nepi_core.times import now
from nepi_gui.document import resources
from nepi_gui.number_text import duration_text
from nepi_gui.watching.run_figures import Phase, RunFigures
from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window.showing_states import ShowingStatesFeature
from tests.nepi_gui.experiments import Described
from tests.nepi_gui.recorded import BEGAN, begin, changes_of, record


@pytest.fixture
def three(window):
    for number in range(3):
        resources.add_resource(window.editor.document, "netns::Node", (150 * number, 0))
    return window


def progress(window):
    return ShowingStatesFeature.of(window).progress


def test_a_run_that_is_over_and_a_moment_of_it(three, tmp_path, qtbot):
    assert progress(three).isHidden()
    lives = [*changes_of(1, State.READY, State.STARTED), *changes_of(2, State.READY, State.FAILED, cause="broken")]
    run = WatchedRun(record(tmp_path / "run", three.editor.document.freeze(), lives, outcome="failed"))
    three.editor.watch(run)
    assert progress(three).text == "Failed after 1 min: node2 FAILED"
    run.look_at(BEGAN + 2)
    qtbot.waitUntil(lambda: progress(three).text == "At 2.0 s: 1 of 3 STARTED, 1 FAILED")
    QTest.mouseClick(progress(three).button, Qt.MouseButton.LeftButton)
    assert three.editor.selection.keys == {2}
    three.editor.watch(None)
    assert progress(three).isHidden()
    assert not progress(three).text


def test_a_live_run_from_deployment_to_the_end(three, tmp_path, qtbot):
    store = begin(tmp_path / "run", three.editor.document.freeze(), began=now())
    with closing(store):
        three.editor.watch(WatchedRun(tmp_path / "run"))
        store.state_changed(StateChange(1, State.NEW, State.READY, now(), ""))
        qtbot.waitUntil(lambda: progress(three).text == "1 of 3 READY")
        assert progress(three).bar.value() == 1
        for guid in (2, 3):
            store.state_changed(StateChange(guid, State.NEW, State.READY, now(), ""))
        store.state_changed(StateChange(1, State.READY, State.STARTED, now(), ""))
        qtbot.waitUntil(lambda: "1 of 3 STARTED" in progress(three).text)
        assert progress(three).text.startswith("Running ")
        assert progress(three).bar.isHidden()
        store.facts(outcome="done", ended=now())
    qtbot.waitUntil(lambda: progress(three).text.startswith("Done after "), timeout=10_000)


def test_it_says_what_is_waited_for_when_nothing_happens(three, tmp_path):
    long_ago = now() - 60
    reached = {1: State.READY, 2: State.DISCOVERED}
    lives = [StateChange(guid, State.NEW, state, long_ago, "") for guid, state in reached.items()]
    with closing(begin(tmp_path / "run", three.editor.document.freeze(), lives, long_ago)):
        three.editor.watch(WatchedRun(tmp_path / "run"))
        assert progress(three).text == "1 of 3 READY – waiting for node2 (DISCOVERED) and 1 more"  # noqa: RUF001


def test_a_run_without_its_description_is_counted_all_the_same(three, tmp_path):
    lives = [*changes_of(1, State.READY, State.STARTED), *changes_of(2, State.READY, State.FAILED)]
    folder = record(tmp_path / "run", three.editor.document.freeze(), lives, outcome="failed")
    (folder / "experiment.xml").write_text("<damaged")
    three.editor.watch(WatchedRun(folder))
    assert progress(three).figures.total == 2
    assert progress(three).text == "Failed after 1 min: #2 FAILED"


def test_a_name_is_told_as_it_is(three, tmp_path):
    document = three.editor.document
    resources.rename(document, 2, "R&D\n<b>{0}</b>")
    lives = changes_of(2, State.READY, State.FAILED)
    three.editor.watch(WatchedRun(record(tmp_path / "run", document.freeze(), lives, outcome="failed")))
    assert progress(three).text == "Failed after 1 min: R&D <b>{0}</b> FAILED"
    assert progress(three).button.text() == "Failed after 1 min: R&&D <b>{0}</b> FAILED"  # no letter is underlined


def test_no_timer_goes_on_without_a_live_run(three, tmp_path):
    three.editor.watch(WatchedRun(record(tmp_path / "run", three.editor.document.freeze())))
    assert not progress(three)._ticking.isActive()


def test_what_is_deployed_later_is_not_waited_for(tmp_path):
    experiment = Described("later")
    first, second = experiment.add("netns::Node"), experiment.add("netns::Node")
    described = experiment.description
    described.resources[second].conditions.append(Condition(ResourceAction.DEPLOY, (first,), State.STOPPED))
    with closing(begin(tmp_path / "run", described, changes_of(first, State.READY))):
        run = WatchedRun(tmp_path / "run")
        figures = RunFigures(run)
        assert (figures.ready, figures.expected, figures.total) == (1, 1, 2)
        assert figures.phase is Phase.RUNNING
        run.close()


def test_durations():
    assert [duration_text(each) for each in (0.04, 9.9, 12.4, 60, 185, 7800)] == [
        "0.0 s",
        "9.9 s",
        "12 s",
        "1 min",
        "3 min 5 s",
        "2 h 10 min",
    ]
