"""Signals end the window, and processes without a screen say so."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from nepi_gui.window.ending import Ending
from tests.nepi_gui.experiments import command, environment


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_wakes_the_loop(qapp, qtbot, number):
    before = signal.getsignal(number)
    ended = []
    with Ending(lambda: ended.append(1)):
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)  # an impatient person
        qtbot.waitUntil(lambda: ended == [1])
    assert signal.getsignal(number) is before


def test_a_screen_that_cannot_be_used_is_told(tmp_path):
    given = environment(tmp_path, QT_QPA_PLATFORM="no-such-platform")
    done = subprocess.run(command(), env=given, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("The window cannot be shown: ")
    assert "no-such-platform" in done.stderr


def test_missing_libraries_are_told(tmp_path):
    package = tmp_path / "fake" / "PySide6"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    reason = "libEGL.so.1: cannot open shared object file"
    (package / "QtWidgets.py").write_text(f"raise ImportError({reason!r})")
    given = environment(tmp_path, QT_QPA_PLATFORM="offscreen", PYTHONPATH=str(tmp_path / "fake"))
    done = subprocess.run(command(), env=given, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "The window cannot be shown" in done.stderr
    assert reason in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_file_is_told_on_the_terminal(tmp_path):
    (tmp_path / "broken.xml").write_text("<experiment>")
    given = environment(tmp_path, QT_QPA_PLATFORM="offscreen")
    done = subprocess.run(
        command("broken.xml"), env=given, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "broken.xml:1" in done.stderr
    assert "Traceback" not in done.stderr
