"""Running many commands of ip and tc with one process for each node, several nodes at the same time."""

from __future__ import annotations

import os
import queue
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from nepi_core.errors import HostError
from nepi_core.hosts.keeper.client import KeeperClient

from ._plan.commands import Line

# Enough to keep all processors busy while the kernel lets one after the other change interfaces.
_AT_ONCE = 8
_FAILED = re.compile(r"Command failed -:(\d+)$")
# Where Debian keeps ip and tc, which the path of an ordinary user does not have.
_SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"


@dataclass(frozen=True, slots=True)
class Batch:
    """Commands for one program in one place; ``place`` is the name of a node, "" for the fabric."""

    place: str
    program: str
    lines: Sequence[Line]


class _Running:
    """A program that works on a batch, and what it prints."""

    def __init__(self, batch: Batch, finished: queue.SimpleQueue[_Running]) -> None:
        self.batch = batch
        self.problem = ""
        self.status = 0
        self._finished = finished
        self.input = _memory("\n".join(line.text for line in batch.lines) + "\n")
        self.output = _memory("")

    def started(self, pid: int) -> None:
        """The program runs."""

    def refused(self, about: str, number: int, reason: str) -> None:
        """It could not be started."""
        self.problem = f"The program '{self.batch.program}' of iproute2 cannot be started: {reason}."
        self._finished.put(self)

    def ended(self, status: int, lost: bool) -> None:
        """It has ended."""
        self.status = status
        if lost:
            self.problem = "The network keeper died."
        self._finished.put(self)

    def read(self) -> str:
        """Return what it printed, and close its files."""
        size = os.fstat(self.output).st_size
        content = os.pread(self.output, size, 0)
        os.close(self.input)
        os.close(self.output)
        return content.decode(errors="replace")


def run_batches(
    client: KeeperClient, batches: Iterable[Batch], given_up: Callable[[], bool] = lambda: False
) -> dict[int, str]:
    """Run batches, and return what went wrong: the owner of a line to what was said about it, the first time.

    A line that fails does not keep the others from being run.

    Args:
        given_up: tells that nobody wants the rest any more.

    Raises:
        HostError: the keeper has died, or it was given up.
    """
    finished: queue.SimpleQueue[_Running] = queue.SimpleQueue()
    problems: dict[int, str] = {}
    running = 0
    try:
        for batch in filter(lambda each: each.lines, batches):
            if given_up():
                break
            if running >= _AT_ONCE:
                _take_in(finished.get(), problems)
                running -= 1
            _start(client, _Running(batch, finished))
            running += 1
    finally:
        for _ in range(running):
            _take_in(finished.get(), problems)
    if given_up():
        raise HostError("The network is being released before it was built.")
    return problems


def _start(client: KeeperClient, running: _Running) -> None:
    batch = running.batch
    job = client.new_job()
    environment = program_environment() | client.marks(job)
    streams = {0: running.input, 1: running.output, 2: running.output}
    try:
        client.start(job, running, [batch.program, "-force", "-batch", "-"], environment, "/", 0, streams, batch.place)
    except HostError:
        running.read()
        raise


def _take_in(running: _Running, problems: dict[int, str]) -> None:
    output = running.read()
    lines = running.batch.lines
    said: list[str] = []
    told = False
    for text in output.splitlines():
        if failed := _FAILED.match(text.strip()):
            line = lines[int(failed[1]) - 1]
            problems.setdefault(line.owner, _told(running.batch, line, said))
            told = True
            said = []
        else:
            said.append(text)
    # A program that gives up at a line that it does not understand names none.
    if running.problem or (running.status and not told):
        reason = running.problem or f"'{running.batch.program} -batch' gave up: {' '.join(said)}"
        for line in lines:
            problems.setdefault(line.owner, reason)


def _told(batch: Batch, line: Line, said: Sequence[str]) -> str:
    place = f" in {batch.place}" if batch.place else ""
    reason = " ".join(each.removeprefix("RTNETLINK answers: ").strip() for each in said) or "it failed"
    return f"'{batch.program} {line.text}'{place}: {reason.rstrip('.')}."


def program_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment for programs of the network: with the folders of the system's own programs."""
    return {**environment, "PATH": f"{environment.get('PATH', os.defpath)}:{_SYSTEM_FOLDERS}"}


def _memory(content: str) -> int:
    descriptor = os.memfd_create("batch", os.MFD_CLOEXEC)
    os.write(descriptor, content.encode())
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
