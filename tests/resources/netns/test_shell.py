"""A shell in a node of a running experiment, from another process and in a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from nepi_core import ExperimentController
from nepi_core.host_resource import HostResource
from nepi_gui import cli

pytestmark = pytest.mark.timeout(60)
PROGRAM = [sys.executable, "-m", "nepi_gui"]


@pytest.fixture
def run(tmp_path: Path):
    """Two hosts of a running experiment."""
    with ExperimentController("shell", local_dir=tmp_path) as ec:
        h1, h2 = (ec.register_resource("netns::Node", name=name) for name in ("h1", "h2"))
        link = ec.register_resource("netns::Link", connected_to=[h1, h2])
        ec.deploy()
        ec.wait_started([h1, h2, link], timeout=30)
        ec.run.store.flush(10)
        yield ec


def shell(run: ExperimentController, node: str, *command: str) -> subprocess.CompletedProcess[str]:
    arguments = [*PROGRAM, "--shell", run.run_dir, node, "--", *command]
    return subprocess.run(arguments, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)


def test_a_command_runs_inside(run) -> None:
    assert shell(run, "h1", "hostname").stdout == "h1\n"
    addresses = shell(run, "h2", "ip", "-brief", "address", "show", "dev", "eth0").stdout
    assert "10.0.0.2/24" in addresses
    assert shell(run, "h1", "ping", "-c", "1", "-W", "5", "h2").returncode == 0


def test_it_may_do_what_root_may_with_the_network(run) -> None:
    assert shell(run, "h1", "ip", "address", "add", "10.9.9.9/32", "dev", "lo").stderr == ""
    assert "10.9.9.9" in shell(run, "h1", "ip", "address", "show", "dev", "lo").stdout


def test_its_user_and_folder_are_those_outside(run) -> None:
    assert shell(run, "h1", "id", "-u").stdout.strip() == str(os.geteuid())
    assert shell(run, "h1", "pwd").stdout.strip() == str(Path.cwd())


def test_its_exit_status_is_that_of_the_command(run) -> None:
    assert shell(run, "h1", "sh", "-c", "exit 7").returncode == 7
    assert shell(run, "h1", "sh", "-c", "kill -TERM $$").returncode == 128 + 15
    missing = shell(run, "h1", "no-such-program")
    assert missing.returncode == 127
    assert "no-such-program" in missing.stderr


def test_a_shell_in_a_terminal_controls_its_jobs(run) -> None:
    reading, writing = pty.openpty()
    arguments = [*PROGRAM, "--shell", run.run_dir, "h1", "--", "bash", "--norc", "-i"]
    process = _in_terminal(arguments, writing)
    os.close(writing)
    try:
        os.write(reading, b"sleep 0.01 & wait; echo on $(hostname); exit 3\n")
        said = _read_all(reading)
    finally:
        os.close(reading)
    assert process.wait(30) == 3
    assert "on h1" in said
    assert "no job control" not in said


def _in_terminal(arguments: list[str], terminal: int) -> subprocess.Popen[bytes]:
    """Start a program whose controlling terminal this is."""
    text = "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    text += "os.execv(sys.argv[1], sys.argv[1:])"
    starter = [sys.executable, "-c", text, *arguments]
    return subprocess.Popen(starter, stdin=terminal, stdout=terminal, stderr=terminal)


def _read_all(descriptor: int) -> str:
    content = b""
    try:
        while more := os.read(descriptor, 4096):
            content += more
    except OSError:  # the other end of a terminal has gone
        pass
    return content.decode(errors="replace")


def test_a_wrong_name_is_told_with_the_nearest(run, capsys) -> None:
    assert cli.main(["--shell", run.run_dir, "h11"]) == 2
    assert "h1" in capsys.readouterr().err


def test_after_the_run_there_is_nothing_to_enter(tmp_path) -> None:
    with ExperimentController("shell", local_dir=tmp_path) as ec:
        h1 = ec.register_resource("netns::Node", name="h1")
        ec.deploy()
        ec.wait_started(h1, timeout=30)
        node = ec.get_resource(h1)
        assert isinstance(node, HostResource)
        command = node.shell_command()
    done = subprocess.run([*command, "true"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert "its run has ended" in done.stderr
    assert shell(ec, "h1", "true").returncode == 2
