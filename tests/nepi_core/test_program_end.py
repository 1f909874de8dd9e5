"""How programs end that use a controller: also those that forget it, and those that are interrupted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nepi_core.runs.reader import RunReader

ROOT = Path(__file__).resolve().parents[2]

BEGINNING = """
import os, signal, sys, threading
from nepi_core import ExperimentController, ResourceFactory, ResourceManager, ResourceState

class Plain(ResourceManager, rtype="mine::Plain"):
    pass

class Stuck(ResourceManager, rtype="mine::Stuck"):
    def do_start(self):
        print("stuck", flush=True)
        threading.Event().wait()

ResourceFactory.register_type(Plain)
ResourceFactory.register_type(Stuck)
ec = ExperimentController("exp", sys.argv[1], run_id="run")
"""


def run(folder: Path, program: str) -> tuple[int, list[str], str]:
    """Return exit status, printed lines and standard error of a program."""
    done = subprocess.run(
        [sys.executable, "-c", BEGINNING + program, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.returncode, done.stdout.split(), done.stderr


def test_program_that_never_deploys(tmp_path):
    assert run(tmp_path, "ec.register_resource('mine::Plain')") == (0, [], "")


def test_program_that_forgets_to_shut_down(tmp_path):
    program = """
guid = ec.register_resource("mine::Plain")
ec.schedule("1h", print)
ec.deploy()
ec.wait_started(guid, timeout=60)
print(ec.state(guid, hr=True))
"""
    assert run(tmp_path, program) == (0, ["STARTED"], "")
    with RunReader(tmp_path / "exp/run") as reader:
        assert [change.new.name for change in reader.state_changes(1)] == ["READY", "STARTED"]


def test_program_that_ends_while_a_job_hangs(tmp_path):
    program = """
guid = ec.register_resource("mine::Stuck")
ec.deploy()
ec.wait_deployed(guid, timeout=60)
sys.exit(3)
"""
    status, _, errors = run(tmp_path, program)
    assert (status, errors) == (3, "")


@pytest.mark.parametrize("wait", ["ec.wait_finished(guids)", "ec.wait_finished(guids, timeout=9)", "ec.stop(guids[0])"])
def test_interrupted_program_releases_everything(tmp_path, wait):
    program = f"""
class Slow(ResourceManager, rtype="mine::Slow"):
    def do_stop(self):
        pass

ResourceFactory.register_type(Slow)
try:
    with ec:
        guids = [ec.register_resource("mine::Slow") for _ in range(10)]
        ec.deploy()
        ec.wait_started(guids, timeout=60)
        ec.schedule("100ms", lambda: os.kill(os.getpid(), signal.SIGINT))
        {wait}
        print("not interrupted")
except KeyboardInterrupt:
    print(*{{ec.state(guid, hr=True) for guid in guids}}, threading.active_count())
"""
    assert run(tmp_path, program) == (0, ["RELEASED", "1"], "")
    with RunReader(tmp_path / "exp/run") as reader:
        assert reader.facts()["outcome"] == "interrupted"
