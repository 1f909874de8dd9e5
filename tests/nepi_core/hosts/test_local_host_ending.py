"""Ending programs on this machine, and closing the host: nothing that was started survives."""

from __future__ import annotations

import shlex
import signal
import threading
from pathlib import Path

import pytest

from nepi_core.errors import HostError
from nepi_core.hosts.local_host import LocalHost
from tests.nepi_core.hosts.process_checks import PYTHON, Reports, alive, wait_until_gone

LIMIT = 30.0  # seconds that a test waits before it fails; nothing takes nearly as long


def shell(text: str) -> list[str]:
    return ["sh", "-c", text]


# -- ending programs


def test_program_that_ignores_term_is_killed_after_the_grace(host: LocalHost, reports: Reports) -> None:
    process = host.start(shell(f"trap '' TERM; echo $$ > {reports.path}; while :; do sleep 1; done"))
    reports.line()
    process.stop(0.1)
    assert process.wait(LIMIT) == -signal.SIGKILL


def test_program_that_cleans_up_on_term_may_do_so(host: LocalHost, reports: Reports, tmp_path: Path) -> None:
    text = f"trap 'echo clean > {tmp_path}/done; exit 7' TERM; echo $$ > {reports.path}; while :; do sleep 0.05; done"
    process = host.start(shell(text))
    reports.line()
    process.stop(LIMIT)
    assert process.wait(LIMIT) == 7
    assert (tmp_path / "done").read_text() == "clean\n"


def test_a_shell_does_not_go_on_when_it_is_stopped(host: LocalHost, reports: Reports, tmp_path: Path) -> None:
    process = host.start(shell(f"echo $$ > {reports.path}; sleep 100; touch {tmp_path}/went-on"))
    reports.line()
    process.stop(5)
    assert process.wait(LIMIT) == -signal.SIGTERM
    assert not (tmp_path / "went-on").exists()


def test_a_stopped_program_can_be_ended(host: LocalHost) -> None:
    process = host.start(["sleep", "100"])
    process.signal(signal.SIGSTOP)
    process.stop(LIMIT)
    assert process.wait(LIMIT) == -signal.SIGTERM


def test_signal_reaches_the_group(host: LocalHost, reports: Reports) -> None:
    text = f"trap 'exit 9' USR1; sh -c 'echo $$ > {reports.path}; exec sleep 100' & wait"
    process = host.start(shell(text))
    (child,) = reports.pids(1)
    process.signal(signal.SIGUSR1)
    assert process.wait(LIMIT) == 9
    assert wait_until_gone([child]) == []
    process.signal(signal.SIGUSR1)  # it has ended: nothing happens


DAEMON = (
    "import os, sys, time\n"
    "if os.fork(): os._exit(0)\n"
    "os.setsid()\n"
    "if os.fork(): os._exit(0)\n"
    "with open(sys.argv[1], 'w') as reports: print(os.getpid(), file=reports)\n"
    "time.sleep(100)\n"
)


def test_stop_ends_a_daemon_whose_starter_has_ended(host: LocalHost, reports: Reports) -> None:
    other = host.start(["sleep", "100"])
    process = host.start([*PYTHON, DAEMON, str(reports.path)])
    (daemon,) = reports.pids(1)
    assert process.wait(LIMIT) == 0
    assert alive(daemon)
    process.stop(LIMIT)
    assert wait_until_gone([daemon]) == []
    assert other.status is None


def test_stop_ends_descendants_that_left_the_session(host: LocalHost, reports: Reports) -> None:
    text = f"setsid sh -c 'trap \"\" TERM; echo $$ > {reports.path}; sleep 100; sleep 100' & wait"
    process = host.start(shell(text))
    (escaped,) = reports.pids(1)
    process.stop(0.1)
    assert process.wait(LIMIT) < 0
    assert wait_until_gone([escaped]) == []


def test_stop_ends_a_program_that_forks_all_the_time(host: LocalHost, reports: Reports) -> None:
    text = (
        "import os, sys, time\n"
        "with open(sys.argv[1], 'w') as reports: print(os.getpid(), file=reports)\n"
        "for _ in range(1000):\n"
        "    if not os.fork(): time.sleep(100)\n"
        "    time.sleep(0.0005)\n"
    )
    process = host.start([*PYTHON, text, str(reports.path)], env={"TOKEN_OF_TEST": str(reports.path)})
    reports.line()
    process.stop(0)
    assert process.wait(LIMIT) == -signal.SIGKILL
    assert host.run(["pgrep", "-f", shlex.quote(str(reports.path))]).stdout == ""


def test_stop_of_an_ended_program_is_harmless(host: LocalHost) -> None:
    processes = [host.start(["true"]) for _ in range(10)]
    for process in processes:
        process.wait(LIMIT)
        process.stop(1)
        process.stop(0)
    assert host.start(["true"]).wait(LIMIT) == 0


# -- the end of the host


def test_close_ends_everything_and_leaks_nothing(reports: Reports) -> None:
    descriptors, threads = sorted(Path("/proc/self").glob("fd/*")), threading.active_count()
    host = LocalHost(grace=0.1)
    polite = host.start(["sleep", "100"])
    stubborn = host.start(shell(f"trap '' TERM; echo $$ > {reports.path}; while :; do sleep 1; done"))
    daemon = host.start([*PYTHON, DAEMON, str(reports.path)])
    pids = reports.pids(2)
    host.run(["true"], input="x")
    with pytest.raises(HostError):
        host.start(["no-such-program"], stdout=reports.path.parent / "out")
    host.close()
    assert (polite.status, stubborn.status, daemon.status) == (-signal.SIGTERM, -signal.SIGKILL, 0)
    assert [pid for pid in pids if alive(pid)] == []
    assert sorted(Path("/proc/self").glob("fd/*")) == descriptors
    assert threading.active_count() == threads


def test_close_twice_in_threads_and_start_afterwards() -> None:
    host = LocalHost()
    process = host.start(["sleep", "100"])
    threads = [threading.Thread(target=host.close) for _ in range(5)]
    for thread in threads:
        thread.start()
    host.close()
    for thread in threads:
        thread.join(LIMIT)
    assert process.wait(0) == -signal.SIGTERM
    process.stop(1)
    process.signal(signal.SIGTERM)
    with pytest.raises(HostError, match="localhost is closed"):
        host.start(["true"])
    LocalHost().close()  # one that was never used


def test_close_while_programs_are_started_and_commands_run() -> None:
    host = LocalHost(grace=0.1)
    host.start(["true"])
    started, outcomes = threading.Barrier(5), []

    def keep_starting() -> None:
        started.wait(LIMIT)
        try:
            while True:
                host.run(["sleep", "0.01"])
                host.start(["sleep", "100"])
        except HostError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=keep_starting) for _ in range(4)]
    for thread in threads:
        thread.start()
    started.wait(LIMIT)
    host.run(["sleep", "0.1"])
    host.close()
    for thread in threads:
        thread.join(LIMIT)
    assert len(outcomes) == 4
