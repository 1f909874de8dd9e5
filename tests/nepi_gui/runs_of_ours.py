"""Real runs in processes of their own, for tests that watch them."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nepi_gui.control.protocol import SOCKET_NAME, Messages, connect, encode
from tests.nepi_gui.experiments import Described, command, environment

_PATIENCE = 60.0


def described() -> Described:
    """Return an experiment: this machine (1), a ping that goes on (2), and one that ends at once (3)."""
    experiment = Described("watched")
    experiment.add("linux::Node", "here")
    for label, count in (("endless", 0), ("short", 2)):
        guid = experiment.add("linux::Ping", label, target="127.0.0.1", count=count, interval=0.05)
        experiment.description.resources[guid].connections.add(1)
        experiment.description.resources[1].connections.add(guid)
    return experiment


class LiveRun:
    """A run that goes on: its process and its folder; the results lie where windows of tests look for them."""

    def __init__(self, path: str, folder: Path, run_id: str = "run1", *options: str) -> None:
        results = folder / "runs"
        self.folder = results / Path(path).stem / run_id
        arguments = command("--run", path, "--run-id", run_id, "--quiet", *options)
        variables = environment(folder, NEPI_LOCAL_DIR=str(results))
        self.process = subprocess.Popen(arguments, env=variables, start_new_session=True)

    def wait_until_live(self) -> None:
        """Wait until it can be watched."""
        until = time.monotonic() + _PATIENCE
        while not (self.folder / SOCKET_NAME).exists():
            assert self.process.poll() is None, "the run has ended before it could be watched"
            assert time.monotonic() < until
            time.sleep(0.02)

    def end(self) -> int:
        """End it as Ctrl-C does, if it goes on, and return its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


@contextmanager
def going_on(path: str, folder: Path, run_id: str = "run1", *options: str) -> Iterator[LiveRun]:
    """Run an experiment file in a process of its own while this is entered.

    Args:
        path: the file; its exp_id is its name without ending.
        folder: of the test; the results go below it.
        options: further ones of the command.
    """
    run = LiveRun(path, folder, run_id, *options)
    try:
        run.wait_until_live()
        yield run
    finally:
        run.end()


def end_runs_below(folder: Path) -> None:
    """End all runs in a folder that a window has left going on, as its Stop pressed twice does, and wait for that."""
    pids = [pid for pid in map(_pid_of_run, folder.rglob(SOCKET_NAME)) if pid is not None]
    until = time.monotonic() + _PATIENCE
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < until
        time.sleep(0.02)


def _pid_of_run(path: Path) -> int | None:
    """Have the run of a socket end, and return its process; None when it has ended."""
    try:
        connection = connect(path.parent)
    except OSError:
        return None
    messages = Messages()
    with connection:
        connection.settimeout(_PATIENCE)
        connection.sendall(encode({"id": 1, "do": "end"}) + encode({"id": 2, "do": "hurry"}))
        for message in messages.take(connection.recv(65536)):
            return int(message["pid"])
    return None
