"""The keeper: what becomes of programs when the controller or the keeper dies."""

from __future__ import annotations

import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nepi_core.errors import HostError
from nepi_core.hosts.keeper.process import find_program
from nepi_core.hosts.keeper.process_table import ProcessEntry, family, identity, read_entry, read_marks
from nepi_core.hosts.leftovers import find_leftovers
from nepi_core.hosts.local_host import LocalHost
from tests.nepi_core.hosts.process_checks import (
    PYTHON,
    Reports,
    alive,
    processes_with,
    wait_until_gone,
    wait_until_none_with,
)

ROOT = Path(__file__).parents[3]
LIMIT = 30.0


@pytest.fixture
def reports(tmp_path: Path) -> Iterator[Reports]:
    reports = Reports(tmp_path / "reports")
    yield reports
    reports.close()


def start_controller(
    run_folder: Path, then: str, grace: float = 0.05, kind: str = "forking"
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.nepi_core.hosts.nasty_controller", str(run_folder), str(grace), then, kind],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def kill(controller: subprocess.Popen[bytes], number: int = signal.SIGKILL) -> None:
    with controller:
        controller.send_signal(number)


def keepers_of(run_folder: Path) -> list[int]:
    return [pid for pid in processes_with(str(run_folder)) if "NEPI_KEEPER" in (read_marks(pid) or {})]


# -- the controller dies


def test_nothing_survives_the_controller(tmp_path: Path) -> None:
    controller = start_controller(tmp_path, "wait")
    assert controller.stdout
    assert controller.stdout.readline() == b"started\n"
    assert len(processes_with(str(tmp_path))) > 10
    kill(controller)
    assert wait_until_none_with(str(tmp_path)) == []


def test_nothing_survives_a_controller_killed_at_any_moment(tmp_path: Path) -> None:
    moments = random.Random(2)
    for number in range(50):
        run_folder = tmp_path / f"run-{number}"
        controller = start_controller(run_folder, "go on", grace=moments.choice([0.0, 0.05]))
        if number % 5:  # else it is killed while it starts
            assert controller.stdout
            controller.stdout.readline()
        time.sleep(moments.uniform(0, 0.1))
        kill(controller)
        assert wait_until_none_with(str(run_folder)) == [], f"run {number}"
    assert [each for each in find_leftovers() if each.run_folder.startswith(str(tmp_path))] == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_nothing_survives_other_ends_of_the_controller(tmp_path: Path, number: int) -> None:
    controller = start_controller(tmp_path, "wait")
    assert controller.stdout
    controller.stdout.readline()
    with controller:
        os.kill(controller.pid, number)
    assert wait_until_none_with(str(tmp_path)) == []


def test_nothing_survives_a_controller_that_just_ends(tmp_path: Path) -> None:
    controller = start_controller(tmp_path, "wait")
    assert controller.stdout
    controller.stdout.readline()
    controller.communicate()
    assert controller.returncode == 0
    assert wait_until_none_with(str(tmp_path)) == []


def test_programs_may_clean_up_within_the_grace(tmp_path: Path) -> None:
    text = (
        "import sys; from nepi_core.hosts.local_host import LocalHost\n"
        "host = LocalHost(grace=60)\n"
        "job = \"trap 'sleep 0.1; echo clean > $1; exit' TERM; echo; while :; do sleep 0.05; done\"\n"
        "host.start(['sh', '-c', job, 'sh', sys.argv[1]], stdout=__import__('pathlib').Path(sys.argv[2]))\n"
        "host.run(['sh', '-c', 'until test -s $0; do sleep 0.01; done', sys.argv[2]])\n"
        "print('started', flush=True); sys.stdin.read()\n"
    )
    done, ready = tmp_path / "done", tmp_path / "ready"
    controller = subprocess.Popen(
        [sys.executable, "-c", text, done, ready], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert controller.stdout
    controller.stdout.readline()
    kill(controller)
    assert wait_until_none_with(str(tmp_path)) == []
    assert done.read_text() == "clean\n"


def test_a_fork_of_the_controller_does_not_keep_programs_alive(tmp_path: Path, reports: Reports) -> None:
    text = (
        "import os, sys, time; from nepi_core.hosts.local_host import LocalHost\n"
        "host = LocalHost(grace=0.05)\n"
        "process = host.start(['sleep', '1000'])\n"
        "fork = os.fork()\n"
        "if not fork: time.sleep(1000)\n"
        "with open(sys.argv[1], 'w') as reports: print(process.pid, fork, sep='\\n', file=reports)\n"
        "sys.stdin.read()\n"
    )
    controller = subprocess.Popen([sys.executable, "-c", text, reports.path], cwd=ROOT, stdin=subprocess.PIPE)
    program, fork = reports.pids(2)
    kill(controller)
    try:
        assert wait_until_gone([program]) == []
        assert alive(fork)
    finally:
        os.kill(fork, signal.SIGKILL)


def test_interrupts_of_the_terminal_do_not_reach_programs(tmp_path: Path) -> None:
    with_session = LocalHost(run_folder=tmp_path)
    try:
        process = with_session.start(["sleep", "1000"])
        (keeper,) = keepers_of(tmp_path)
        mine = os.getsid(0)
        assert mine not in (os.getsid(keeper), os.getsid(process.pid))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(keeper, number)
        assert with_session.run(["echo", "still here"]).stdout == "still here\n"
    finally:
        with_session.close()


# -- the keeper dies


def test_death_of_the_keeper_is_told_and_nothing_survives(
    tmp_path: Path, reports: Reports, caplog: pytest.LogCaptureFixture, expect_log
) -> None:
    expect_log("died")
    host = LocalHost(run_folder=tmp_path, grace=0.1)
    told: list[int] = []
    ended = threading.Event()
    try:
        ended_before = host.start(["sh", "-c", "exit 3"])
        ended_before.wait(LIMIT)
        process = host.start(["sh", "-c", f"trap '' TERM; setsid sleep 1000 & echo $! > {reports.path}; wait"])
        plain = host.start(["sleep", "1000"])
        process.on_exit(told.append)
        process.on_exit(lambda _status: ended.set())
        pids = [process.pid, plain.pid, *reports.pids(1)]
        (keeper,) = keepers_of(tmp_path)
        os.kill(keeper, signal.SIGKILL)
        assert ended.wait(LIMIT)
        assert told == [-9]
        assert process.lost
        with pytest.raises(HostError, match="the keeper died while 'sleep 1000' was running"):
            plain.wait(LIMIT)
        assert ended_before.wait(0) == 3
        assert wait_until_gone(pids) == []
        process.stop(1)
        process.signal(signal.SIGTERM)
        assert host.run(["echo", "a new keeper"]).stdout == "a new keeper\n"
    finally:
        host.close()
    assert "died" in caplog.text
    assert processes_with(str(tmp_path), but_not=(os.getpid(),)) == []


def test_keeper_dies_in_the_middle_of_a_command(tmp_path: Path, reports: Reports, expect_log) -> None:
    expect_log("died")
    host = LocalHost(run_folder=tmp_path)
    outcome: list[HostError] = []

    def work() -> None:
        with pytest.raises(HostError) as caught:
            host.run(["sh", "-c", f"echo $$ > {reports.path}; sleep 1000"])
        outcome.append(caught.value)

    thread = threading.Thread(target=work)
    thread.start()
    (program,) = reports.pids(1)
    os.kill(keepers_of(tmp_path)[0], signal.SIGKILL)
    thread.join(LIMIT)
    host.close()
    assert "the keeper died" in str(outcome[0])
    assert wait_until_gone([program]) == []


def test_a_keeper_that_hangs_does_not_hang_the_close(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, expect_log
) -> None:
    expect_log("died")
    monkeypatch.setattr("nepi_core.hosts.keeper.client._HANG", 0.1)
    monkeypatch.setattr("nepi_core.hosts.keeper.client.signal.SIGCONT", 0)  # so that it stays as it is
    host = LocalHost(run_folder=tmp_path, grace=0.1)
    process = host.start(["sleep", "1000"])
    os.kill(keepers_of(tmp_path)[0], signal.SIGSTOP)
    host.close()
    assert process.lost
    assert wait_until_gone([process.pid]) == []
    assert "hangs; it is killed" in caplog.text


def test_a_keeper_that_a_program_has_stopped_goes_on_for_the_close(tmp_path: Path) -> None:
    host = LocalHost(run_folder=tmp_path)
    process = host.start(["sleep", "1000"])
    os.kill(keepers_of(tmp_path)[0], signal.SIGSTOP)
    host.close()
    assert not process.lost
    assert wait_until_gone([process.pid]) == []


def test_a_keeper_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    host = LocalHost()
    with pytest.raises(HostError, match="The keeper, which runs programs on this machine, cannot be started"):
        host.start(["true"])
    host.close()


def test_a_keeper_that_dies_at_once_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, expect_log
) -> None:
    expect_log("died")
    monkeypatch.setattr(sys, "executable", "/bin/false")
    host = LocalHost()
    with pytest.raises(HostError, match=r"the keeper died before 'true' was started|has ended"):
        host.start(["true"])
    host.close()


def test_an_error_inside_the_keeper_is_told_and_nothing_survives(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, expect_log
) -> None:
    expect_log("no such verb")
    expect_log("died")
    host = LocalHost(run_folder=tmp_path, grace=0.1)
    process = host.start(["sleep", "1000"])
    with caplog.at_level(logging.ERROR):
        host._keeper()._send("no such verb", ())
        assert process.wait(LIMIT) == -signal.SIGTERM
        host.close()
    assert "_on_no such verb" in caplog.text
    assert processes_with(str(tmp_path), but_not=(os.getpid(),)) == []


def test_messages_larger_than_the_socket_holds_and_descriptors_in_flight(tmp_path: Path) -> None:
    host = LocalHost()
    large = {f"LARGE_{number}": "x" * 100_000 for number in range(15)}

    def work(number: int) -> None:
        for turn in range(5):
            output = tmp_path / f"{number}-{turn}"
            given = tmp_path / f"in-{number}-{turn}"
            given.write_text(f"{number} {turn}")
            env = large if number % 2 else {}
            assert host.start(["cat"], stdin=given, stdout=output, stderr=output, env=env).wait(LIMIT) == 0
            assert output.read_text() == f"{number} {turn}"
            finished.append(1)

    finished: list[int] = []
    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    host.close()
    assert len(finished) == 40


# -- the process table


def test_entry_of_a_process_with_an_awkward_name() -> None:
    stat = b"42 (a) R 1 (b) S 7 42 43 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 987654 2 3"
    entry = ProcessEntry(42, stat)
    assert (entry.pid, entry.state, entry.parent, entry.session, entry.started) == (42, "S", 7, 43, 987654)


def test_family_and_identity() -> None:
    def entry(pid: int, parent: int) -> ProcessEntry:
        return ProcessEntry(pid, b"%d (x) S %d 1 1 %s 5" % (pid, parent, b"0 " * 15))

    table = {pid: entry(pid, parent) for pid, parent in [(1, 0), (2, 1), (3, 2), (4, 3), (5, 1), (6, 6)]}
    assert family(table, {2}) == {2, 3, 4}
    assert family(table, {6}) == {6}
    assert family(table, set()) == set()
    me = read_entry(os.getpid())
    assert me
    assert me.parent == os.getppid()
    assert identity(os.getpid()) == f"{os.getpid()}.{me.started}"
    assert identity(2**22 + 1) == ""


def test_find_program(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "plain").touch()
    assert find_program("sh", f"{tmp_path}:/bin") == "/bin/sh"
    assert find_program("./anything", "") == "./anything"
    for name in ("folder", "plain", "missing"):
        with pytest.raises(FileNotFoundError):
            find_program(name, str(tmp_path))


def test_keeper_stands_alone() -> None:
    folder = ROOT / "nepi_core" / "hosts"
    text = f"import sys; sys.path.append({str(folder)!r}); import keeper.process; print(*sorted(sys.modules))"
    loaded = subprocess.run([*PYTHON, text], capture_output=True, check=True, text=True).stdout.split()
    assert not {"nepi_core", "socket", "json", "pathlib", "subprocess", "typing", "threading"} & set(loaded)
