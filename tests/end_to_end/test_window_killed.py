"""The real window, killed while somebody works in it: the next start offers what was done."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nepi_core.xml_format import read_xml
from nepi_gui.document import recovery
from tests.nepi_gui.experiments import ROOT, environment

# The program itself, with a hand that works in it as a user does: a step every few milliseconds, for ever.
_WORKING = """
import sys
from pathlib import Path

from PySide6.QtCore import QTimer

from nepi_gui.document import resources
from nepi_gui.window import application


class Busy(application.Application):
    def start(self, paths, dialect=None):
        super().start(paths, dialect)
        document = self.windows[0].editor.document
        self.timer = QTimer(self, interval=20)
        self.timer.timeout.connect(lambda: self.step(document))
        self.timer.start()
        autosave = application.SafekeepingFeature.of(self.windows[0]).autosave
        autosave.written.connect(lambda: print("written", flush=True))

    def step(self, document):
        if self.is_ending:
            return
        guid = resources.add_resource(document, "netns::Node", (0, 0))
        print("step", guid, flush=True)


application.Application = Busy
raise SystemExit(application.show_windows([Path(each) for each in sys.argv[1:]]))
"""


def work(folder: Path, *files: str) -> subprocess.Popen[str]:
    given = environment(folder, QT_QPA_PLATFORM="offscreen", XDG_STATE_HOME=str(folder / "state"))
    given["XDG_CONFIG_HOME"] = str(folder / "config")
    return subprocess.Popen(
        [sys.executable, "-c", _WORKING, *files], env=given, cwd=folder, stdout=subprocess.PIPE, text=True
    )


def read_until(process: subprocess.Popen[str], word: str) -> None:
    """Read what the program prints until it prints a word."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(word):
            return
    raise AssertionError(f"the program has ended without saying {word!r}")


@pytest.mark.parametrize("file", ["lab.xml", ""])
def test_killed_in_the_middle_of_work(tmp_path, monkeypatch, file):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = tmp_path / file if file else None
    if path:
        path.write_bytes((ROOT / "examples" / "two-hosts.xml").read_bytes())
    process = work(tmp_path, *([file] if file else []))
    with process:
        read_until(process, "written")
        process.send_signal(signal.SIGKILL)
    (left,) = recovery.find(path).orphans
    assert left.read().resources
    if path:
        assert len(read_xml(path).resources) == 4
        assert len(left.read().resources) > 4
    assert left.head.steps > 0


def test_terminated_in_the_middle_of_work(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    process = work(tmp_path)
    with process:
        read_until(process, "step")
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        guids = [int(line.split()[1]) for line in process.stdout if line.startswith("step")]
    assert process.returncode == 130
    (left,) = recovery.find(None).orphans
    assert max(left.read().resources) == max(guids, default=1)  # not one step is lost
