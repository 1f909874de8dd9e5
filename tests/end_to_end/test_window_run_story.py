"""A run by a real mouse and keyboard on a real screen: run, change an attribute, see it in the record, stop."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nepi_core.runs.reader import RunReader, is_running
from nepi_core.states import ResourceState
from nepi_gui.window.running import RunningFeature
from tests.end_to_end.screen import missing, open_screen
from tests.end_to_end.test_examples import EXAMPLES, need_namespaces
from tests.end_to_end.test_window_story import Twin

LINK, PING = 3, 4

pytestmark = [
    pytest.mark.skipif(bool(missing()), reason=f"needs {' and '.join(missing())}"),
    pytest.mark.timeout(180),
]


@pytest.fixture
def screen():
    """A screen of its own."""
    with open_screen() as opened:
        yield opened


@pytest.fixture
def program(screen, tmp_path):
    """The program on that screen with a copy of the example, as a user starts it who has seen the tour."""
    need_namespaces()
    shutil.copyfile(EXAMPLES / "two-hosts.xml", tmp_path / "hosts.xml")
    settings = tmp_path / "config" / "nepi-gui" / "window.ini"
    settings.parent.mkdir(parents=True)
    settings.write_text("[tour]\nseen=true\n")
    environment = os.environ | {
        "DISPLAY": screen.display,
        "QT_QPA_PLATFORM": "xcb",
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "NEPI_LOCAL_DIR": str(tmp_path / "runs"),
    }
    process = subprocess.Popen([sys.executable, "-m", "nepi_gui", "hosts.xml"], env=environment, cwd=tmp_path)
    screen.watched = process.pid
    yield process
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)


def poll_until(is_so):
    """Wait until something is so; what is asked is in another process."""
    deadline = time.monotonic() + 40
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _states(folder: Path) -> dict[int, list[ResourceState]]:
    with RunReader(folder) as reader:
        states: dict[int, list[ResourceState]] = {}
        for change in reader.state_changes():
            states.setdefault(change.guid, []).append(change.new)
    return states


def _log(folder: Path) -> str:
    with RunReader(folder) as reader:
        return "\n".join(entry.message for entry in reader.log())


def test_run_change_and_stop(screen, program, application, tmp_path, qtbot):
    screen.wait_for_window("hosts.xml")
    twin = Twin(application.open_file(tmp_path / "hosts.xml"))
    screen.press("F5")
    poll_until(lambda: list(tmp_path.glob("runs/*/*/run.sqlite")))
    (folder,) = (path.parent for path in tmp_path.glob("runs/*/*/run.sqlite"))
    poll_until(lambda: ResourceState.STARTED in _states(folder).get(PING, ()))

    RunningFeature.of(twin.window).watch(folder)  # so that both forms look the same
    run = twin.window.editor.run
    qtbot.waitUntil(lambda: run.is_driven, timeout=20_000)
    with qtbot.waitSignal(run.held_changed, timeout=20_000):
        twin.window.commands["run.hold"].trigger()
    centre = twin.window.scene.centre(LINK)
    screen.click(*twin.of_canvas(centre.x(), centre.y()))
    twin.window.editor.selection.set([LINK])
    screen.click(*twin.of(twin.field("delay")), times=3)
    screen.type("30")
    screen.press("Return")
    poll_until(lambda: "attribute 'delay' is now 30.0, set by hand" in _log(folder))

    screen.press("shift+F5")
    poll_until(lambda: not is_running(folder))
    assert _states(folder)[PING][-1] is ResourceState.RELEASED
    with RunReader(folder) as reader:
        assert reader.facts()["outcome"] in ("done", "interrupted")
    assert program.poll() is None
