"""A real run on the canvas, from its begin to its end."""

from __future__ import annotations

from pathlib import Path

from nepi_core.states import ResourceState as State
from nepi_gui.canvas.tool_tips import ToolTips
from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window.showing_states import ShowingStatesFeature
from tests.nepi_gui.runs_of_ours import described, going_on


def test_a_run_is_shown_while_it_goes_on_and_when_it_is_over(application, tmp_path, qtbot):
    experiment = described()
    wrong = experiment.add("linux::Application", "wrong", command="echo no such road >&2; exit 3", critical=False)
    experiment.description.resources[wrong].connections.add(1)
    experiment.description.resources[1].connections.add(wrong)
    path = experiment.write(tmp_path)
    window = application.open_file(Path(path))
    feature = ShowingStatesFeature.of(window)
    with going_on(path, tmp_path, "run1", "--hold") as run:
        watched = WatchedRun(run.folder)
        window.editor.watch(watched)
        wanted = {1: State.STARTED, 2: State.STARTED, 3: State.STOPPED, wrong: State.FAILED}
        qtbot.waitUntil(lambda: feature.states.states == wanted)
        assert {guid: badge.look.state for guid, badge in window.scene.badges.items()}[wrong] is State.FAILED
        qtbot.waitUntil(lambda: "2 of 4 STARTED, 1 STOPPED, 1 FAILED" in feature.progress.text)
        assert "no such road" in feature.cards.card(wrong).cause
        told = window.view.findChild(ToolTips).text(wrong)
        assert "FAILED for" in told
        assert "no such road" in told
        with qtbot.waitSignal(watched.ended, timeout=20_000):
            watched.end()
    assert feature.states.states == {**wanted, 1: State.RELEASED, 2: State.STOPPED}
    qtbot.waitUntil(lambda: "wrong FAILED" in feature.progress.text)
    assert feature.cards.open_guids == [wrong]


def test_the_form_tells_the_state_of_what_is_selected(application, tmp_path, qtbot):
    path = described().write(tmp_path)
    window = application.open_file(Path(path))
    page = window.docks["attributes"].widget().resources
    with going_on(path, tmp_path) as run:
        window.editor.selection.set([3])
        qtbot.waitUntil(lambda: page.guids == [3])
        assert page.state.isHidden()
        window.editor.watch(WatchedRun(run.folder))
        qtbot.waitUntil(lambda: page.state.text.text().startswith("STOPPED after "))
        window.editor.selection.set([2, 3])
        qtbot.waitUntil(page.state.isHidden)
        window.editor.watch(None)
