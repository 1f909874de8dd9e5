"""Running experiments from the window: real runs in processes of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from nepi_core.runs.reader import is_running
from nepi_core.states import ResourceState
from nepi_gui.document import attributes, files, resources
from nepi_gui.document.document import Document
from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window.application import Application
from nepi_gui.window.main_window import MainWindow
from nepi_gui.window.running import RunningFeature, WhenClosing
from nepi_gui.window.safekeeping import SafekeepingFeature
from tests.nepi_gui.runs_of_ours import described, going_on

_LONG = 20_000  # ms


def _shown(application: Application, tmp_path: Path) -> MainWindow:
    """Open the experiment, whose runs go on until they are stopped."""
    application.settings.keep("run/hold", True)
    return application.open_file(Path(described().write(tmp_path)))


def _run(qtbot: QtBot, window: MainWindow) -> WatchedRun:
    window.commands["run.run"].trigger()
    qtbot.waitUntil(lambda: window.editor.run is not None, timeout=_LONG)
    run = window.editor.run
    assert run is not None
    return run


def _reached(qtbot: QtBot, run: WatchedRun, guid: int, state: ResourceState) -> None:
    qtbot.waitUntil(lambda: run.state(guid) is state, timeout=_LONG)


def _notices(window: MainWindow) -> list[str]:
    return SafekeepingFeature.of(window).notices.names()


def test_runs_and_stops(qtbot: QtBot, application: Application, tmp_path: Path) -> None:
    window = _shown(application, tmp_path)
    run = _run(qtbot, window)
    _reached(qtbot, run, 3, ResourceState.STOPPED)
    _reached(qtbot, run, 2, ResourceState.STARTED)
    assert {1, 2, 3} <= window.editor.document.deployed
    window.commands.refresh()
    assert not window.commands["run.run"].isEnabled()
    with qtbot.waitSignal(run.ended, timeout=_LONG):
        window.commands["run.stop"].trigger()
    assert run.state(2) is ResourceState.STOPPED
    assert not window.editor.document.deployed
    window.commands.refresh()
    assert window.commands["run.run"].isEnabled()
    assert not window.editor.document.is_modified


def test_attributes_that_may_change_are_set_live(qtbot: QtBot, application: Application, tmp_path: Path) -> None:
    window = application.open_file(_emulated(tmp_path))
    run = _run(qtbot, window)
    _reached(qtbot, run, 3, ResourceState.STARTED)
    with qtbot.waitSignal(run.values_set, timeout=_LONG) as told:
        attributes.set_values(window.editor.document, [3], "rate", "10 Mbit/s")
    assert told.args is not None
    assert [tuple(each)[:2] for each in told.args[0]] == [(3, "rate")]
    with qtbot.waitSignal(run.values_set, timeout=_LONG):
        window.commands["edit.undo"].trigger()


def _emulated(tmp_path: Path) -> Path:
    """Return a file with two nodes (1, 2), and a link between them (3)."""
    document = Document()
    first = resources.add_resource(document, "netns::Node", (0, 0))
    second = resources.add_resource(document, "netns::Node", (300, 0))
    resources.add_link(document, "netns::Link", first, second)
    path = tmp_path / "emulated.xml"
    files.save(document, path)
    return path


def test_what_is_added_meanwhile_can_be_deployed(qtbot: QtBot, application: Application, tmp_path: Path) -> None:
    window = _shown(application, tmp_path)
    run = _run(qtbot, window)
    _reached(qtbot, run, 2, ResourceState.STARTED)
    document = window.editor.document
    new = resources.add_resource(document, "linux::Ping", connected_to=[1])
    attributes.set_values(document, [new], "target", "127.0.0.1")
    attributes.set_values(document, [new], "count", 1)
    window.editor.selection.set([new])
    window.commands["run.deploy"].trigger()
    _reached(qtbot, run, new, ResourceState.STOPPED)
    assert "drive" not in _notices(window)


def test_the_selection_is_stopped_started_and_released(
    qtbot: QtBot, application: Application, tmp_path: Path
) -> None:
    window = _shown(application, tmp_path)
    run = _run(qtbot, window)
    _reached(qtbot, run, 2, ResourceState.STARTED)
    window.editor.selection.set([2])
    for command, state in (
        ("run.stop-selection", ResourceState.STOPPED),
        ("run.start", ResourceState.STARTED),
        ("run.release", ResourceState.RELEASED),
        ("run.deploy", ResourceState.STARTED),
    ):
        window.commands.refresh()
        window.commands[command].trigger()
        _reached(qtbot, run, 2, state)


def test_what_cannot_be_deployed_is_told(qtbot: QtBot, application: Application, tmp_path: Path) -> None:
    window = _shown(application, tmp_path)
    resources.add_resource(window.editor.document, "linux::Ping", connected_to=[1])
    window.commands["run.run"].trigger()  # before the check in the background has found it
    qtbot.waitUntil(lambda: "run" in _notices(window), timeout=_LONG)
    assert window.editor.run is None
    assert not list((tmp_path / "runs").glob("*/*"))


def test_a_window_that_closes_may_leave_the_run_going_on(
    qtbot: QtBot, application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = _shown(application, tmp_path)
    run = _run(qtbot, window)
    _reached(qtbot, run, 2, ResourceState.STARTED)
    feature, folder = RunningFeature.of(window), run.folder
    monkeypatch.setattr(feature, "ask_what_becomes_of", lambda run: WhenClosing.CANCEL)
    assert not window.close()
    monkeypatch.setattr(feature, "ask_what_becomes_of", lambda run: WhenClosing.KEEP)
    assert window.close()
    again = application.attach(folder)
    assert again.editor.document.path == tmp_path / "watched.xml"
    assert again.editor.run is not None
    assert again.editor.run.is_live
    _reached(qtbot, again.editor.run, 2, ResourceState.STARTED)
    monkeypatch.setattr(RunningFeature.of(again), "ask_what_becomes_of", lambda run: WhenClosing.STOP)
    assert again.close()
    qtbot.waitUntil(lambda: not is_running(folder), timeout=_LONG)


def test_a_run_that_goes_on_is_offered(qtbot: QtBot, application: Application, tmp_path: Path) -> None:
    path = described().write(tmp_path)
    with going_on(path, tmp_path, "run1", "--hold") as run:
        window = application.open_file(Path(path))
        notice = SafekeepingFeature.of(window).notices["live"]
        assert "run1" in notice.text
        RunningFeature.of(window).watch(run.folder)
        assert window.editor.run is not None
        assert window.editor.run.is_live
        window.commands["run.leave"].trigger()
        assert window.editor.run is None


def test_keeping_up(qtbot: QtBot, application: Application, tmp_path: Path) -> None:
    window = _shown(application, tmp_path)
    feature = RunningFeature.of(window)
    assert feature.is_held()
    run = _run(qtbot, window)
    qtbot.waitUntil(lambda: run.is_held, timeout=_LONG)
    _reached(qtbot, run, 3, ResourceState.STOPPED)
    with qtbot.waitSignal(run.held_changed, timeout=_LONG):
        feature.toggle_hold()
    assert not feature.is_held()
