"""What dead controllers left running is found and ended, and nothing else."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from nepi_core.hosts.keeper.process_table import identity, read_marks
from nepi_core.hosts.leftovers import Leftover, end_leftovers, end_programs_of, find_leftovers
from nepi_core.hosts.local_host import LocalHost
from tests.nepi_core.hosts.process_checks import (
    PYTHON,
    Reports,
    processes_with,
    wait_until_gone,
    wait_until_none_with,
)
from tests.nepi_core.hosts.test_keeper import keepers_of, kill, start_controller


@pytest.fixture
def reports(tmp_path: Path) -> Iterator[Reports]:
    reports = Reports(tmp_path / "reports")
    yield reports
    reports.close()


def leftovers_of(run_folder: Path) -> list[Leftover]:
    return [each for each in find_leftovers() if each.run_folder == str(run_folder)]


def orphan(run_folder: Path, command: list[str], keeper: str = "1.1") -> subprocess.Popen[bytes]:
    """Start a program that looks as if a dead keeper had started it."""
    marks = {"NEPI_RUN": str(run_folder), "NEPI_JOB": f"{keeper}.1"}
    return subprocess.Popen(command, env={**os.environ, **marks}, start_new_session=True)


def test_programs_of_a_living_controller_are_none(tmp_path: Path) -> None:
    host = LocalHost(run_folder=tmp_path)
    host.start(["sleep", "1000"])
    assert processes_with(str(tmp_path)) != []
    assert leftovers_of(tmp_path) == []
    host.close()


def test_programs_are_found_when_keeper_and_controller_are_killed(tmp_path: Path) -> None:
    controller = start_controller(tmp_path, "wait", kind="not forking")
    assert controller.stdout
    controller.stdout.readline()
    os.kill(controller.pid, signal.SIGSTOP)  # so that it cannot clean up when its keeper is dead
    os.kill(keepers_of(tmp_path)[0], signal.SIGKILL)
    kill(controller)
    found = leftovers_of(tmp_path)
    remaining = end_leftovers(found, grace=0.1)
    assert any("sleep 1000" in each.command for each in found)
    assert all(abs(datetime.now() - each.started) < timedelta(minutes=5) for each in found)
    assert remaining == []
    assert leftovers_of(tmp_path) == []
    for pid in processes_with("without marks"):  # with keeper, parents and marks gone, nobody can tell what this is
        os.killpg(pid, signal.SIGKILL)
    assert wait_until_none_with(str(tmp_path)) == []


def test_a_hanging_keeper_is_a_leftover_with_all_its_programs(tmp_path: Path) -> None:
    controller = start_controller(tmp_path, "wait", kind="not forking")
    assert controller.stdout
    controller.stdout.readline()
    (keeper,) = keepers_of(tmp_path)
    os.kill(keeper, signal.SIGSTOP)
    assert leftovers_of(tmp_path) == []
    kill(controller)
    found = leftovers_of(tmp_path)
    assert keeper in {each.pid for each in found}
    assert len(found) > 5
    assert end_leftovers(found) == []
    assert wait_until_none_with(str(tmp_path)) == []


def test_grace_and_kill(tmp_path: Path, reports: Reports) -> None:
    text = f"trap 'echo asked > {tmp_path}/asked' TERM; echo $$ > {reports.path}; while :; do sleep 0.05; done"
    program = orphan(tmp_path, ["sh", "-c", text])
    reports.line()
    assert end_leftovers(leftovers_of(tmp_path), grace=0.5) == []
    assert program.wait() == -signal.SIGKILL
    assert (tmp_path / "asked").exists()


def test_what_forks_meanwhile_is_ended_too(tmp_path: Path) -> None:
    text = "import os, time\nfor _ in range(50):\n  if not os.fork(): time.sleep(1000)\n  time.sleep(0.005)"
    program = orphan(tmp_path, [*PYTHON, text])
    assert end_leftovers(leftovers_of(tmp_path), grace=0) == []
    assert program.wait() == -signal.SIGKILL
    assert wait_until_none_with(str(tmp_path)) == []


def test_what_forks_and_ends_over_and_over_is_found_and_ended(tmp_path: Path) -> None:
    text = "import os, time\nfor _ in range(2000):\n  if os.fork(): os._exit(0)\n  os.setsid(); time.sleep(0.003)"
    program = orphan(tmp_path, [*PYTHON, text])
    program.wait()
    found = leftovers_of(tmp_path)
    assert found != []
    assert end_leftovers(found, grace=0) == []
    assert wait_until_none_with(str(tmp_path), seconds=1) == []


def test_a_recycled_pid_is_not_hit() -> None:
    bystander = subprocess.Popen(["sleep", "1000"])
    try:
        pid, start = map(int, identity(bystander.pid).split("."))
        earlier = Leftover(pid, "gone", "", datetime.now(), "1.1", start - 1)
        assert end_leftovers([earlier], grace=0) == []
        end_programs_of("1.1", [(pid, start - 1)])
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_program_whose_marks_cannot_be_read_is_known_by_pid_and_start() -> None:
    unmarked = subprocess.Popen(["sleep", "1000"])
    pid, start = map(int, identity(unmarked.pid).split("."))
    end_programs_of("1.1", [(pid, start)])
    assert unmarked.wait() == -signal.SIGKILL


def test_what_may_not_be_ended_is_returned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = orphan(tmp_path, ["sleep", "1000"])

    def refuse(_handle: int, _number: int) -> None:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(signal, "pidfd_send_signal", refuse)
        patch.setattr(shutil, "which", lambda _program: None)
        (remaining,) = end_leftovers(leftovers_of(tmp_path), grace=0)
    assert remaining.pid == program.pid
    assert remaining.command == "sleep 1000"
    assert remaining.remedy == f"sudo kill -KILL {program.pid}"
    assert end_leftovers([remaining], grace=1) == []
    program.wait()


def test_who_cleans_up_does_not_end_himself(tmp_path: Path) -> None:
    text = (
        "from nepi_core.hosts.leftovers import find_leftovers, end_leftovers\n"
        "import os, subprocess, sys\n"
        "child = subprocess.Popen(['sleep', '1000'], start_new_session=True)\n"
        "found = [each for each in find_leftovers() if each.run_folder == sys.argv[1]]\n"
        "assert [each.pid for each in found] == [child.pid], found\n"
        "assert end_leftovers(found) == []\n"
        "child.wait(); print('done')"
    )
    marks = {"NEPI_RUN": str(tmp_path), "NEPI_JOB": "1.1.1", "PYTHONPATH": str(Path(__file__).parents[3])}
    cleaner = subprocess.run(
        ["sh", "-c", 'exec 3>&1; "$@"; true', "sh", sys.executable, "-c", text, str(tmp_path)],
        env={**os.environ, **marks},
        capture_output=True,
        text=True,
    )
    assert cleaner.stdout == "done\n", cleaner.stderr


def test_marks_in_an_argument_are_no_marks() -> None:
    program = subprocess.Popen([*PYTHON, "import sys; sys.stdin.read()", "NEPI_JOB=1.1.1"], stdin=subprocess.PIPE)
    try:
        assert read_marks(program.pid) == {}
        assert program.pid not in {each.pid for each in find_leftovers()}
    finally:
        program.communicate()
    assert wait_until_gone([program.pid]) == []
