"""The real window, killed while it watches a run: the run goes on, another window attaches to it, and stops it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from nepi_core.runs.reader import RunReader, is_running
from nepi_core.states import ResourceState
from nepi_gui.control.protocol import SOCKET_NAME
from nepi_gui.window.application import Application
from nepi_gui.window.running import RunningFeature
from tests.nepi_gui.experiments import environment
from tests.nepi_gui.runs_of_ours import described, end_runs_below

_LONG = 30_000  # ms

# The program itself, with a hand that presses Run, tells when all is seen to go on, and stops a run it was attached to.
_HANDLED = """
import sys

from nepi_gui import cli
from nepi_gui.window import application


class Handled(application.Application):
    def start(self, paths, dialect=None):
        super().start(paths, dialect)
        self.windows[0].editor.run_changed.connect(self.listen)
        self.windows[0].commands["run.hold"].trigger()
        self.windows[0].commands["run.run"].trigger()

    def attach(self, folder):
        super().attach(folder)
        self.windows[0].editor.run.ended.connect(self.quit)
        self.listen()
        self.windows[0].editor.run.states_changed.connect(self.windows[0].commands["run.stop"].trigger)

    def listen(self):
        self.windows[0].editor.run.states_changed.connect(self.tell)

    def tell(self):
        run = self.windows[0].editor.run
        if run.state(2).name == "STARTED" and run.state(3).name == "STOPPED":
            print("goes on", run.folder, flush=True)


application.Application = Handled
raise SystemExit(cli.main(sys.argv[1:]))
"""


def _window(tmp_path: Path, *arguments: str) -> subprocess.Popen[str]:
    given = environment(tmp_path, QT_QPA_PLATFORM="offscreen", XDG_STATE_HOME=str(tmp_path / "state"))
    given |= {"XDG_CONFIG_HOME": str(tmp_path / "config"), "NEPI_LOCAL_DIR": str(tmp_path / "runs")}
    return subprocess.Popen(
        [sys.executable, "-c", _HANDLED, *arguments], env=given, cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )


def _folder_of_run(process: subprocess.Popen[str]) -> Path:
    """Wait until the run is seen to go on, and return its folder."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("goes on "):
            return Path(line.removeprefix("goes on ").strip())
    raise AssertionError("the program has ended without a run")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_a_run_outlives_its_window(
    tmp_path: Path, application: Application, qtbot: QtBot, number: signal.Signals
) -> None:
    with _window(tmp_path, described().write(tmp_path)) as process:
        folder = _folder_of_run(process)
        process.send_signal(number)
    assert is_running(folder)
    window = application.attach(folder)
    run = window.editor.run
    assert run is not None
    qtbot.waitUntil(lambda: run.state(2) is ResourceState.STARTED, timeout=_LONG)
    assert run.is_driven
    assert window.editor.document.path == tmp_path / "watched.xml"
    assert window.editor.document.deployed == {1, 2, 3}
    pid = run.pid
    with qtbot.waitSignal(run.ended, timeout=_LONG):
        RunningFeature.of(window).stop()
    qtbot.waitUntil(lambda: not Path(f"/proc/{pid}").exists(), timeout=_LONG)
    _is_complete(folder)


def test_the_command_attaches_by_the_file_of_the_experiment(tmp_path: Path) -> None:
    path = described().write(tmp_path)
    try:
        with _window(tmp_path, path) as process:
            folder = _folder_of_run(process)
            process.kill()
        with _window(tmp_path, "--attach", path) as attached:
            assert _folder_of_run(attached) == folder
        assert attached.returncode == 0
    finally:
        end_runs_below(tmp_path)
    _is_complete(folder)


def _is_complete(folder: Path) -> None:
    """Look at what is left of a run: nothing that goes on, and all that was recorded."""
    assert not is_running(folder)
    assert not (folder / SOCKET_NAME).exists()
    with RunReader(folder) as reader:
        assert reader.facts()["outcome"] in ("done", "interrupted")
        assert [change.new.name for change in reader.state_changes(2)][-3:] == ["STARTED", "STOPPED", "RELEASED"]
        assert reader.notices == []
