from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nepi_core.hosts.leftovers import Leftover, find_leftovers
from nepi_gui import cleaning
from nepi_gui.cli import main
from nepi_gui.exit_status import ExitStatus
from tests.nepi_gui.experiments import ROOT

_CONTROLLER = """
import signal, sys
from pathlib import Path
from nepi_core.hosts.local_host import LocalHost
host = LocalHost(Path(sys.argv[1]))
print(host.start(["sleep", "1000"]).pid, flush=True)
signal.pause()
"""


@pytest.fixture(autouse=True)
def _only_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `--clean` see the leftovers of this test alone: others may be testing on this machine, as the same user."""

    def ours() -> list[Leftover]:
        return [each for each in find_leftovers() if each.run_folder.startswith(str(tmp_path))]

    monkeypatch.setattr(cleaning, "find_leftovers", ours)


@pytest.fixture
def leftover(tmp_path: Path) -> Iterator[int]:
    """Return the pid of a program whose keeper and controller were killed at once."""
    controller = subprocess.Popen(
        [sys.executable, "-c", _CONTROLLER, str(tmp_path / "run")],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with controller:
        assert controller.stdout
        program = int(controller.stdout.readline())
        handle = os.pidfd_open(program)
        (keeper,) = Path(f"/proc/{controller.pid}/task/{controller.pid}/children").read_text().split()
        controller.send_signal(signal.SIGSTOP)  # or it would end the program when its keeper dies
        os.kill(int(keeper), signal.SIGKILL)
        controller.kill()
    yield program
    ended, _, _ = select.select([handle], [], [], 10)
    if not ended:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    os.close(handle)
    assert ended, "the leftover was still running"


def test_leftovers_are_ended_and_told(leftover: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--clean"]) == ExitStatus.DONE
    told = capsys.readouterr().out
    assert f"process {leftover} (sleep 1000)" in told
    assert re.search(r"(\d+) of \1 left process(es)? ended\.", told)  # others may have left some, too
    assert main(["--clean"]) == ExitStatus.DONE
    assert capsys.readouterr().out == "Nothing is left of earlier runs.\n"
