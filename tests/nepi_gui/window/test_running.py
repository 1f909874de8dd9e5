"""Running experiments from the window: real runs in processes of their own."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from nepi_core.runs.reader import is_running
from nepi_core.states import ResourceState
from nepi_gui.control.protocol import SOCKET_NAME
from nepi_gui.document import attributes, files, resources
from nepi_gui.document.document import Document
from nepi_gui.panels.attributes import AttributesPanel
from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window import run_stopping, running
from nepi_gui.window.application import Application
from nepi_gui.window.main_window import MainWindow
from nepi_gui.window.running import RunningFeature, WhenClosing
from nepi_gui.window.safekeeping import SafekeepingFeature
from tests.nepi_gui.experiments import Described
from tests.nepi_gui.runs_of_ours import described, going_on
from tests.nepi_gui.window.brief_runs import BriefRunStart

_LONG = 20_000  # ms


@pytest.fixture(autouse=True)
def _no_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "RunStart", BriefRunStart)


def _shown(application: Application, tmp_path: Path) -> MainWindow:
    """Open the experiment, whose runs go on until they are stopped."""
    window = application.open_file(Path(described().write(tmp_path)))
    window.commands["run.hold"].trigger()
    return window


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


def test_the_selection_is_stopped_started_and_released(qtbot: QtBot, application: Application, tmp_path: Path) -> None:
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
    monkeypatch.setattr(feature, "ask_what_becomes_of", lambda folder: WhenClosing.CANCEL)
    assert not window.close()
    monkeypatch.setattr(feature, "ask_what_becomes_of", lambda folder: WhenClosing.KEEP)
    assert window.close()
    again = application.attach(folder)
    assert again.editor.document.path == tmp_path / "watched.xml"
    assert again.editor.run is not None
    assert again.editor.run.is_live
    _reached(qtbot, again.editor.run, 2, ResourceState.STARTED)
    monkeypatch.setattr(RunningFeature.of(again), "ask_what_becomes_of", lambda folder: WhenClosing.STOP)
    assert again.close()
    qtbot.waitUntil(lambda: not is_running(folder), timeout=_LONG)


def test_a_run_that_goes_on_is_offered(qtbot: QtBot, application: Application, tmp_path: Path) -> None:
    path = described().write(tmp_path)
    with going_on(path, tmp_path, "run1", "--hold", "--no-report") as run:
        window = application.open_file(Path(path))
        notice = SafekeepingFeature.of(window).notices["live"]
        assert "run1" in notice.text
        RunningFeature.of(window).watch(run.folder)
        assert window.editor.run is not None
        assert window.editor.run.is_live
        window.commands["run.leave"].trigger()
        assert window.editor.run is None


# -- what can come in between ---------------------------------------------------------------------------


def test_run_pressed_twice_starts_one_run(qtbot: QtBot, application: Application, tmp_path: Path) -> None:
    window = _shown(application, tmp_path)
    window.commands["run.run"].trigger()
    run = _run(qtbot, window)
    assert [each.name for each in run.folder.parent.iterdir()] == [run.run_id]


def test_stop_pressed_before_it_is_live_gives_the_run_up(
    qtbot: QtBot, application: Application, tmp_path: Path
) -> None:
    window = _shown(application, tmp_path)
    window.commands["run.run"].trigger()
    window.commands.refresh()
    assert window.commands["run.stop"].isEnabled()
    window.commands["run.stop"].trigger()
    qtbot.waitUntil(RunningFeature.of(window).may_run, timeout=_LONG)
    assert window.editor.run is None
    assert not list((tmp_path / "runs").glob("*/*"))
    assert "run" not in _notices(window)


def test_a_window_that_closes_while_a_run_starts_asks(
    qtbot: QtBot, application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = _shown(application, tmp_path)
    window.commands["run.run"].trigger()
    asked: list[Path] = []

    def wait_and_answer(folder: Path) -> WhenClosing:
        asked.append(folder)
        qtbot.waitUntil(lambda: (folder / SOCKET_NAME).exists(), timeout=_LONG)
        return WhenClosing.KEEP

    monkeypatch.setattr(RunningFeature.of(window), "ask_what_becomes_of", wait_and_answer)
    assert window.close()
    assert is_running(asked[0])


def test_a_run_that_ends_within_milliseconds_is_shown(qtbot: QtBot, application: Application, tmp_path: Path) -> None:
    experiment = Described("brief")
    guid = experiment.add("linux::Node", "here")
    ended = experiment.add("linux::Application", "brief", command="true")
    experiment.description.resources[guid].connections.add(ended)
    experiment.description.resources[ended].connections.add(guid)
    window = application.open_file(Path(experiment.write(tmp_path)))
    run = _run(qtbot, window)
    qtbot.waitUntil(lambda: not run.is_live, timeout=_LONG)
    assert run.outcome == "done"
    assert run.state(ended) is ResourceState.STOPPED
    qtbot.waitUntil(RunningFeature.of(window).may_run, timeout=_LONG)


def test_a_run_that_was_killed_is_told(qtbot: QtBot, application: Application, tmp_path: Path) -> None:
    window = _shown(application, tmp_path)
    run = _run(qtbot, window)
    _reached(qtbot, run, 2, ResourceState.STARTED)
    with qtbot.waitSignal(run.ended, timeout=_LONG):
        os.kill(run.pid, signal.SIGKILL)
    assert "cut short" in SafekeepingFeature.of(window).notices["run"].text
    assert not window.editor.document.deployed


def test_a_run_that_does_not_answer_can_be_killed(
    qtbot: QtBot, application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_stopping, "_PATIENCE", 100)
    window = _shown(application, tmp_path)
    run = _run(qtbot, window)
    _reached(qtbot, run, 2, ResourceState.STARTED)
    os.kill(run.pid, signal.SIGSTOP)
    window.commands["run.stop"].trigger()
    qtbot.waitUntil(lambda: "stop" in _notices(window), timeout=_LONG)
    notice = SafekeepingFeature.of(window).notices["stop"]
    assert str(run.pid) in notice.text
    with qtbot.waitSignal(run.ended, timeout=_LONG):
        notice.buttons[0].click()
    assert _notices(window) == ["run"]


def test_a_run_that_cannot_be_reached_is_told(qtbot: QtBot, application: Application, tmp_path: Path) -> None:
    path = described().write(tmp_path)
    with going_on(path, tmp_path, "run1", "--hold", "--no-report") as run:
        (run.folder / SOCKET_NAME).unlink()
        window = application.open_file(Path(path))
        RunningFeature.of(window).watch(run.folder)
        watched = window.editor.run
        assert watched is not None
        assert watched.is_live
        assert "link" in _notices(window)
        _reached(qtbot, watched, 2, ResourceState.STARTED)
        window.commands["run.stop"].trigger()
        assert "Ctrl-C" in SafekeepingFeature.of(window).notices["stop"].text
        run.end()
        qtbot.waitUntil(lambda: not watched.is_live, timeout=_LONG)
        assert _notices(window) == []


def test_looking_at_an_old_run_unlocks_what_the_live_one_has_locked(
    qtbot: QtBot, application: Application, tmp_path: Path
) -> None:
    window = _shown(application, tmp_path)
    old = _run(qtbot, window)
    folder = old.folder
    with qtbot.waitSignal(old.ended, timeout=_LONG):
        window.commands["run.stop"].trigger()
    _reached(qtbot, _run_anew(qtbot, window), 2, ResourceState.STARTED)
    assert window.editor.document.deployed
    RunningFeature.of(window).watch(folder)
    assert not window.editor.document.deployed


def _run_anew(qtbot: QtBot, window: MainWindow) -> WatchedRun:
    before = window.editor.run
    window.commands.refresh()
    window.commands["run.run"].trigger()
    qtbot.waitUntil(lambda: window.editor.run is not before, timeout=_LONG)
    run = window.editor.run
    assert run is not None
    return run


def test_a_run_of_another_experiment_is_shown_in_a_window_of_its_own(
    qtbot: QtBot, application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Described("other")
    other.add("linux::Node", "mine")
    other.add("linux::Ping", "mine too", target="127.0.0.1")
    window = application.open_file(Path(other.write(tmp_path)))
    with going_on(described().write(tmp_path), tmp_path, "run1", "--hold", "--no-report") as run:
        feature = RunningFeature.of(window)
        monkeypatch.setattr(feature, "ask_which_run", lambda: run.folder)
        window.commands["run.watch"].trigger()
        assert window.editor.run is None
        assert len(application.windows) == 2
        shown = application.windows[-1]
        assert shown.editor.run is not None
        assert shown.editor.document.path == tmp_path / "watched.xml"
        feature.watch(run.folder)  # as a panel may have it: nothing of this experiment is taken for that one
        watched = window.editor.run
        assert watched is not None
        _reached(qtbot, watched, 2, ResourceState.STARTED)
        assert not window.editor.document.deployed
        window.editor.selection.set([2])
        window.commands.refresh()
        assert not window.commands["run.stop-selection"].isEnabled()
        resources.remove(window.editor.document, [2])
        assert watched.lives.state(2) is ResourceState.STARTED
        window.editor.document.history.set_clean()


def test_the_run_of_what_was_never_saved_is_attached_as_a_copy(
    qtbot: QtBot, application: Application, tmp_path: Path
) -> None:
    window = application.open_window(Document(described().description))
    window.commands["run.hold"].trigger()
    folder = _run(qtbot, window).folder
    again = application.attach(folder)
    assert again is not window
    assert again.editor.document.path is None  # saving must not change the record of the run
    assert again.editor.run is not None
    assert again.editor.run.is_live


def test_a_window_with_a_run_is_not_taken_for_another_experiment(
    qtbot: QtBot, application: Application, tmp_path: Path
) -> None:
    window = application.open_window()
    folder = tmp_path / "empty"
    folder.mkdir()
    RunningFeature.of(window).watch(folder)
    other = application.open_file(Path(described().write(tmp_path)))
    assert other is not window


def test_folders_that_cannot_be_are_told(qtbot: QtBot, application: Application, tmp_path: Path) -> None:
    experiment = described()
    experiment.description.local_dir = "~no-such-account/results"
    window = application.open_file(Path(experiment.write(tmp_path)))
    assert RunningFeature.of(window).local_dir == Path.cwd() / "~no-such-account/results"
    (tmp_path / "file").write_text("")
    window.editor.document.description.local_dir = str(tmp_path / "file")
    window.commands["run.run"].trigger()
    qtbot.waitUntil(lambda: "run" in _notices(window), timeout=_LONG)
    assert "Not a directory" in SafekeepingFeature.of(window).notices["run"].text
    assert RunningFeature.of(window).may_run()


def test_a_value_that_somebody_else_has_set_stands_in_the_form(
    qtbot: QtBot, application: Application, tmp_path: Path
) -> None:
    window = application.open_file(_emulated(tmp_path))
    run = _run(qtbot, window)
    _reached(qtbot, run, 3, ResourceState.STARTED)
    window.editor.selection.set([3])
    panel = window.docks["attributes"].widget()
    assert isinstance(panel, AttributesPanel)
    panel.refresh()
    assert panel.resources.form is not None
    row = panel.resources.form.row("rate")
    assert row is not None
    with qtbot.waitSignal(run.values_set, timeout=_LONG):
        run.set(3, "rate", 20.0)
    assert "Now 20" in row.said
    attributes.set_values(window.editor.document, [3], "rate", 20.0)
    panel.refresh()
    assert "Now" not in row.said


def test_a_run_that_is_being_ended_cannot_be_held(qtbot: QtBot, application: Application, tmp_path: Path) -> None:
    window = _shown(application, tmp_path)
    run = _run(qtbot, window)
    _reached(qtbot, run, 2, ResourceState.STARTED)
    with qtbot.waitSignal(run.ended, timeout=_LONG):
        run.end()
        run.hold(True)
