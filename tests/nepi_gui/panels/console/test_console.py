"""Commands on hosts of a live run: output, status, order, history, and that nothing of them is left."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nepi_gui.panels.console.fields import MOST_LINES
from nepi_gui.panels.console.guard import marked
from nepi_gui.panels.console.history import CommandHistory, history_path
from nepi_gui.panels.console.host_command import HostCommand
from nepi_gui.panels.console.panel import ConsolePanel
from nepi_gui.watching.watched_run import WatchedRun
from tests.nepi_gui.panels.lone import Lone
from tests.nepi_gui.runs_of_ours import LiveRun, described, going_on


@pytest.fixture(scope="module")
def shared_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveRun]:
    """Return a run with this machine (1) and two pings, which no test ends."""
    folder = tmp_path_factory.mktemp("shared")
    with going_on(described().write(folder), folder, "run1", "--hold") as run:
        yield run


@pytest.fixture
def window(lone: Lone) -> Lone:
    """Return a window with nothing but the command box."""
    lone.put("console", ConsolePanel(lone.editor))
    return lone


@pytest.fixture
def panel(window: Lone, shared_run: LiveRun, qtbot: QtBot) -> ConsolePanel:
    """Return the command box, with the host chosen."""
    return watching(window, shared_run, qtbot)


def watching(window: Lone, run: LiveRun, qtbot: QtBot) -> ConsolePanel:
    window.editor.watch(WatchedRun(run.folder))
    window.show_panel("console")
    panel = window.docks["console"].widget()
    assert isinstance(panel, ConsolePanel)
    qtbot.waitUntil(lambda: panel.hosts.currentText() == "here" and panel.command.isEnabled(), timeout=20_000)
    return panel


def type_in(panel: ConsolePanel, qtbot: QtBot, command: str) -> None:
    qtbot.keyClicks(panel.command, command)
    qtbot.keyClick(panel.command, Qt.Key.Key_Return)


def lines(panel: ConsolePanel) -> list[str]:
    return panel.output.toPlainText().splitlines()


def wait_for(panel: ConsolePanel, qtbot: QtBot, line: str) -> None:
    qtbot.waitUntil(lambda: line in lines(panel), timeout=20_000)


# -- one command -------------------------------------------------------------------------------------------------


def test_rest_of_the_output_comes_before_the_end(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    told: list[str] = []
    command = HostCommand(["sh", "-c", "pwd; printf 'no end of line' >&2; exit 7"], tmp_path, QObject(qapp))
    command.printed.connect(lambda text, is_error: told.append(f"{is_error}: {text}"))
    with qtbot.waitSignal(command.ended, timeout=20_000) as ended:
        pass
    assert ended.args == [7]
    assert sorted(told) == [f"False: {tmp_path}\n", "True: no end of line"]
    command.close()


def test_what_ignores_ctrl_c_is_ended_all_the_same(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nepi_gui.panels.console.host_command._GRACE", 50)
    script = "trap '' INT TERM; echo up; while :; do sleep 100; done"
    command = HostCommand(["sh", "-c", script], tmp_path, QObject(qapp))
    with qtbot.waitSignal(command.printed, timeout=20_000):
        pass
    with qtbot.waitSignal(command.ended, timeout=20_000) as ended:
        command.stop()
    assert ended.args == [-9]
    command.close()


def test_closing_ends_also_what_has_left_its_session(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    script = "setsid sleep 1000 & sleep 1001 & echo $!; exec sleep 1002"
    command = HostCommand(["sh", "-c", script], tmp_path, QObject(qapp))
    with qtbot.waitSignal(command.printed, timeout=20_000):
        pass
    qtbot.waitUntil(lambda: len(marked(command._mark)) == 3, timeout=20_000)
    command.close()
    qtbot.waitUntil(lambda: not marked(command._mark), timeout=20_000)


_WINDOW = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from nepi_gui.panels.console.host_command import HostCommand
application = QCoreApplication([])
command = HostCommand(["sh", "-c", "setsid sleep 1000 & exec sleep 1001"], Path("/"), application)
print(command._mark, flush=True)
application.exec()
"""


def test_nothing_outlives_a_window_that_is_killed(qtbot: QtBot) -> None:
    with subprocess.Popen([sys.executable, "-c", _WINDOW], stdout=subprocess.PIPE, text=True) as window:
        assert window.stdout is not None
        mark = window.stdout.readline().strip()
        qtbot.waitUntil(lambda: len(marked(mark)) == 2, timeout=20_000)
        window.kill()
    qtbot.waitUntil(lambda: not marked(mark), timeout=20_000)


def test_process_that_is_becoming_another_program_is_found_by_its_session() -> None:
    with subprocess.Popen(["sleep", "1000"], env={}, start_new_session=True) as process:  # it shows no environment
        try:
            assert marked("NEPI_CONSOLE=other") == []
            assert marked("NEPI_CONSOLE=other", process.pid) == [process.pid]
        finally:
            process.kill()


def test_what_cannot_be_started_leaves_nothing(qapp: QApplication, tmp_path: Path) -> None:
    parent = QObject(qapp)
    with pytest.raises(FileNotFoundError):
        HostCommand(["no-such-program"], tmp_path, parent)
    assert parent.children() == []


def test_what_may_not_be_ended_holds_nobody_up(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill = os.kill

    def refuse(pid: int, number: int) -> None:
        if pid == command._process.pid:
            raise PermissionError  # as of a program that sudo has started
        kill(pid, number)

    monkeypatch.setattr("nepi_gui.panels.console.host_command._PATIENCE", 0.1)
    command = HostCommand(["sleep", "1000"], tmp_path, QObject(qapp))
    with monkeypatch.context() as patched:
        patched.setattr(os, "killpg", refuse)
        patched.setattr(os, "kill", refuse)
        command.close()
    assert command.status is None
    command._process.kill()
    command._process.wait()


# -- the panel ---------------------------------------------------------------------------------------------------


def test_commands_one_after_the_other(panel: ConsolePanel, qtbot: QtBot) -> None:
    type_in(panel, qtbot, "echo one; echo two >&2; exit 3")
    type_in(panel, qtbot, "printf '\\033[31mred\\033[0m\\n'; kill -9 $$")
    type_in(panel, qtbot, "basename $PWD")
    wait_for(panel, qtbot, "Exit status 0")
    told = lines(panel)
    assert sorted(told[1:3]) == ["one", "two"]
    assert told[0] == "here $ echo one; echo two >&2; exit 3"
    assert told[3] == "Exit status 3"
    assert told[5:7] == ["red", "Ended by SIGKILL"]
    assert told[8:] == ["run1", "Exit status 0"]


def test_stderr_has_a_colour_of_its_own_in_each_theme(panel: ConsolePanel, qtbot: QtBot, window: Lone) -> None:
    type_in(panel, qtbot, "echo wrong >&2")
    wait_for(panel, qtbot, "Exit status 0")
    for theme in ("dark", "light"):
        window.editor.appearance.choose(theme)
        block = panel.output.document().findBlockByNumber(lines(panel).index("wrong"))
        piece = block.textFormats()[0]
        assert piece.format.foreground().color().name() == window.editor.appearance.theme.warning


def test_ctrl_c_ends_it_and_forgets_those_that_wait(panel: ConsolePanel, qtbot: QtBot) -> None:
    type_in(panel, qtbot, "echo up; exec sleep 1000")
    type_in(panel, qtbot, "echo never")
    wait_for(panel, qtbot, "up")
    assert panel.stop.isEnabled()
    assert panel.waiting.isVisible()
    assert panel.waiting.text().startswith("“echo up; exec sleep 1000” goes on, and reads no input; next: echo never")
    qtbot.keyClick(panel.command, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    wait_for(panel, qtbot, "Ended by SIGINT")
    assert "never" not in lines(panel)
    assert "Not run: here $ echo never" in lines(panel)
    assert not panel.waiting.isVisible()
    assert not panel.stop.isEnabled()


def test_program_that_prints_without_end_waits_for_the_window(panel: ConsolePanel, qtbot: QtBot) -> None:
    type_in(panel, qtbot, "yes")
    qtbot.waitUntil(lambda: panel.output.blockCount() >= MOST_LINES, timeout=20_000)
    panel.stop.click()
    wait_for(panel, qtbot, "Ended by SIGINT")
    assert panel.output.blockCount() <= MOST_LINES


def test_what_goes_on_in_the_background_ends_with_the_run(window: Lone, qtbot: QtBot, tmp_path: Path) -> None:
    with going_on(described().write(tmp_path), tmp_path, "run1", "--hold") as run:
        end_under_commands(watching(window, run, qtbot), run, qtbot)


def end_under_commands(panel: ConsolePanel, run: LiveRun, qtbot: QtBot) -> None:
    type_in(panel, qtbot, "sleep 1000 &")
    wait_for(panel, qtbot, "It goes on in the background until the run ends.")
    mark = panel._left[0]._mark
    assert marked(mark)
    type_in(panel, qtbot, "exec sleep 1001")
    run.end()
    qtbot.waitUntil(lambda: not panel.command.isEnabled(), timeout=20_000)
    assert not marked(mark)
    assert lines(panel)[-1].startswith("The run has ended")
    panel.clear.click()
    assert panel.nothing.text() == "The run is over: its hosts take no commands any more."


def test_what_has_ended_in_the_background_is_kept_no_longer(panel: ConsolePanel, qtbot: QtBot) -> None:
    type_in(panel, qtbot, "sleep 1000 & echo $!")
    wait_for(panel, qtbot, "It goes on in the background until the run ends.")
    (left,) = panel._left
    os.kill(int(lines(panel)[1]), signal.SIGKILL)
    qtbot.waitUntil(lambda: not left.has_left_any(), timeout=20_000)
    with qtbot.waitSignal(left.destroyed, timeout=20_000):
        type_in(panel, qtbot, "true")
    assert panel._left == []


def test_closing_the_window_ends_it(panel: ConsolePanel, qtbot: QtBot, window: Lone) -> None:
    type_in(panel, qtbot, "echo up; exec sleep 1000")
    wait_for(panel, qtbot, "up")
    assert panel._running is not None
    mark = panel._running._mark
    window.editor.watch(None)
    assert not marked(mark)
    assert panel.nothing.text().startswith("Commands run on") or lines(panel)
    assert not panel.command.isEnabled()


def test_zero_bytes_and_long_commands_are_refused(panel: ConsolePanel, qtbot: QtBot) -> None:
    for command in ("a\0b", "echo " + "x" * 200_000):
        panel.command.setText(command)
        panel.command.setMaxLength(10**6)
        panel.command.setText(command)
        panel.enter()
    qtbot.waitUntil(lambda: panel._running is None, timeout=20_000)
    assert any("cannot be started" in line for line in lines(panel))


def test_host_follows_the_selection(panel: ConsolePanel, qtbot: QtBot, window: Lone) -> None:
    panel.hosts.setCurrentIndex(-1)
    window.editor.selection.set([])
    panel.choose_host(1)
    assert panel.hosts.currentText() == "here"


# -- history -----------------------------------------------------------------------------------------------------


def test_history_goes_up_and_down_and_is_kept(panel: ConsolePanel, qtbot: QtBot, tmp_path: Path) -> None:
    for command in ("true", "true", " secret", "echo 2"):
        type_in(panel, qtbot, command)
    qtbot.keyClicks(panel.command, "half")
    texts = []
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down):
        qtbot.keyClick(panel.command, key)
        texts.append(panel.command.text())
    assert texts == ["echo 2", "true", "true", "echo 2", "half", "half"]
    path = history_path("watched")
    assert path.is_relative_to(tmp_path)
    assert CommandHistory(path).commands == ["true", "echo 2"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("exp_id", ["../../etc/passwd", "a/b", ".", "", "x" * 500, "Grüße"])
def test_file_of_the_history_is_always_in_its_folder(
    exp_id: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = history_path(exp_id)
    CommandHistory(path).add("true")
    assert [os.path.realpath(each) for each in (tmp_path / "nepi-gui" / "commands").iterdir()] == [
        os.path.realpath(path)
    ]


def test_without_a_run_it_says_what_to_do(window: Lone, qtbot: QtBot) -> None:
    window.show_panel("console")
    panel = window.docks["console"].widget()
    assert isinstance(panel, ConsolePanel)
    assert "Press Run" in panel.nothing.text()
    assert not panel.command.isEnabled()
