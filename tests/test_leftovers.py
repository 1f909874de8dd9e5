"""The guards of conftest.py themselves: what a test must not leave behind is really seen."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import pytest

from tests import leftovers

ROOT = Path(__file__).resolve().parents[1]


def test_a_clean_test_is_left_alone():
    before = leftovers.snapshot()
    subprocess.run(["true"], check=True)
    thread = threading.Thread(target=str)
    thread.start()
    assert leftovers.left_behind(before, grace=2) == []


@pytest.mark.parametrize("daemon", [False, True])
def test_a_thread_is_seen(daemon):
    before = leftovers.snapshot()
    done = threading.Event()
    thread = threading.Thread(target=done.wait, name="forgotten", daemon=daemon)
    thread.start()
    assert leftovers.left_behind(before, grace=0.01) == [f"thread 'forgotten' still runs (daemon={daemon})"]
    done.set()
    thread.join()


def test_a_child_is_seen_and_ended():
    before = leftovers.snapshot()
    child = subprocess.Popen(["sleep", "1000"])
    assert leftovers.left_behind(before, grace=0.01) == [f"process {child.pid} (sleep 1000) is left"]
    child.wait()
    assert leftovers.child_processes() == before.children


def test_an_ended_child_that_nobody_waited_for_is_seen():
    before = leftovers.snapshot()
    child = subprocess.Popen(["true"])
    (message,) = leftovers.left_behind(before, grace=2)
    assert message == f"process {child.pid} (ended, but nobody waited for it) is left"
    child.wait()


def test_an_open_file_is_seen(tmp_path):
    before = leftovers.snapshot()
    with (tmp_path / "open").open("w"):
        (message,) = leftovers.left_behind(before, grace=2)
    assert message == f"file descriptor of {tmp_path / 'open'} is open"


def test_an_open_pipe_is_seen():
    before = leftovers.snapshot()
    ends = os.pipe()
    assert len(leftovers.left_behind(before, grace=2)) == 2
    for end in ends:
        os.close(end)


def test_a_grandchild_that_lost_its_parent_is_seen():
    mark = uuid.uuid4().hex
    started = subprocess.run(
        ["sh", "-c", "sleep 1000 >/dev/null 2>&1 & echo $!"],
        env={**os.environ, leftovers.SESSION_MARK: mark},
        capture_output=True,
        text=True,
        check=True,
    )
    stray = int(started.stdout)
    assert leftovers.strays(mark, grace=0.01) == [stray]
    os.kill(stray, signal.SIGKILL)
    assert leftovers.strays(mark, grace=2) == []


BAD_TESTS = """
import logging
import subprocess
import threading

def test_thread():
    threading.Thread(target=threading.Event().wait, name="forgotten", daemon=True).start()

def test_child():
    global child
    child = subprocess.Popen(["sleep", "1000"])

def test_log():
    logging.getLogger("nepi.engine").error("it broke")

def test_expected_log(expect_log):
    expect_log("engine: it broke")
    logging.getLogger("nepi.engine").error("it broke")

def test_expected_log_that_does_not_come(expect_log):
    expect_log("it broke")

def test_that_fails_anyway():
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    assert False
"""


def test_pytest_fails_such_tests(tmp_path):
    conftest = (ROOT / "tests" / "conftest.py").read_text(encoding="utf-8")
    (tmp_path / "conftest.py").write_text(f"{conftest}\n\nleftovers.GRACE = 0.01\n", encoding="utf-8")
    (tmp_path / "test_bad.py").write_text(BAD_TESTS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml")]
    ran = subprocess.run([*command, f"--rootdir={tmp_path}", str(tmp_path)], capture_output=True, text=True, cwd=ROOT)
    assert sorted(re.findall(r"^(ERROR|FAILED) .*::(\w+)", ran.stdout, re.MULTILINE)) == [
        ("ERROR", "test_child"),
        ("ERROR", "test_expected_log_that_does_not_come"),
        ("ERROR", "test_log"),
        ("ERROR", "test_thread"),
        ("FAILED", "test_that_fails_anyway"),
    ], ran.stdout
    assert "thread 'forgotten' still runs" in ran.stdout
    assert "(sleep 1000) is left" in ran.stdout
    assert "nepi.engine: it broke" in ran.stdout
