"""Running many commands of ip and tc with one process for each node, several nodes at the same time."""

from __future__ import annotations

import os
import queue
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nepi_core.errors import HostError
from nepi_core.hosts.installed import SYSTEM_FOLDERS
from nepi_core.hosts.keeper.client import KeeperClient

from ._plan.commands import Line

# Enough to keep all processors busy while the kernel lets one after the other change interfaces.
_AT_ONCE = 8
_PATIENCE = 60.0  # seconds without any end; the largest batch takes one or two
_KILLED_PATIENCE = 5.0  # seconds for programs that have been killed
_FAILED = re.compile(r"Command failed -:(\d+)$")


@dataclass(frozen=True, slots=True)
class Batch:
    """Commands for one program in one place; ``place`` is the name of a node, "" for the fabric."""

    place: str
    program: str
    lines: Sequence[Line]


class _Running:
    """A program that works on a batch, and what it prints."""

    def __init__(self, batch: Batch, job: int, finished: queue.SimpleQueue[_Running | None]) -> None:
        self.batch = batch
        self.job = job
        self.is_killed = False
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
        elif status < 0 and not self.problem:
            self.problem = f"The program '{self.batch.program}' was ended by signal {-status}."
        self._finished.put(self)

    def read(self) -> str:
        """Return what it printed, and close its files."""
        size = os.fstat(self.output).st_size
        content = os.pread(self.output, size, 0)
        os.close(self.input)
        os.close(self.output)
        return content.decode(errors="replace")


class BatchRunner:
    """Runs batches by a keeper. Only one thread may use it; any may have it give up."""

    def __init__(self, client: KeeperClient) -> None:
        self.given_up = False
        self._client = client
        self._finished: queue.SimpleQueue[_Running | None] = queue.SimpleQueue()

    def give_up(self) -> None:
        """Run nothing more, and end what runs: somebody wants no more of it."""
        self.given_up = True
        self._finished.put(None)

    def run(self, batches: Iterable[Batch]) -> dict[int, str]:
        """Run batches, and return what went wrong: the owner of a line to what was said about it, the first time.

        A line that fails does not keep the others from being run.

        Raises:
            HostError: the keeper has died, or it was given up.
        """
        problems: dict[int, str] = {}
        running: set[_Running] = set()
        try:
            for batch in filter(lambda each: each.lines, batches):
                if self.given_up:
                    break
                if len(running) >= _AT_ONCE:
                    self._await_one(running, problems)
                running.add(self._start(_Running(batch, self._client.new_job(), self._finished)))
        finally:
            while running:
                self._await_one(running, problems)
        if self.given_up:
            raise HostError("The network is being released before it was built.")
        return problems

    def _start(self, running: _Running) -> _Running:
        batch = running.batch
        environment = program_environment() | self._client.marks(running.job)
        streams = {0: running.input, 1: running.output, 2: running.output}
        command = [batch.program, "-force", "-batch", "-"]
        try:
            self._client.start(running.job, running, command, environment, "/", 0, streams, batch.place)
        except HostError:
            running.read()
            raise
        return running

    def _await_one(self, running: set[_Running], problems: dict[int, str]) -> None:
        """Wait for the end of one program; end them all when nothing ends for a long time, or when given up."""
        try:
            ended = self._finished.get(timeout=_KILLED_PATIENCE if self.given_up else _PATIENCE)
        except queue.Empty:
            ended = None
        if ended is not None:
            running.discard(ended)
            _take_in(ended, problems)
            return
        for each in list(running):
            if each.is_killed:  # it does not even end by that: it hangs in the kernel, or the keeper does
                running.discard(each)
                each.problem = f"The program '{each.batch.program}' hangs."
                _take_in(each, problems)
            else:
                each.is_killed = True
                each.problem = "" if self.given_up else f"The program '{each.batch.program}' took too long."
                self._client.stop(each.job, 0)


def _take_in(running: _Running, problems: dict[int, str]) -> None:
    lines = running.batch.lines
    said: list[str] = []
    done = 0  # lines that the program has got to, as far as it tells
    for text in running.read().splitlines():
        if (failed := _FAILED.match(text.strip())) and 0 < int(failed[1]) <= len(lines):
            done = int(failed[1])
            problems.setdefault(lines[done - 1].owner, _told(running.batch, lines[done - 1], said))
            said = []
        else:
            said.append(text)
    # A program that gives up at a line that it does not understand, or that is killed, names none.
    if running.problem or running.status < 0 or (running.status and (said or not done)):
        reason = running.problem or f"'{running.batch.program} -batch' gave up: {' '.join(said)}"
        for line in lines[done:]:
            problems.setdefault(line.owner, reason)


def _told(batch: Batch, line: Line, said: Sequence[str]) -> str:
    place = f" in {batch.place}" if batch.place else ""
    reason = " ".join(each.removeprefix("RTNETLINK answers: ").strip() for each in said) or "it failed"
    return f"'{batch.program} {line.text}'{place}: {reason.rstrip('.')}."


def program_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment for programs of the network: with the folders of the system's own programs."""
    return {**environment, "PATH": f"{environment.get('PATH', os.defpath)}:{SYSTEM_FOLDERS}"}


def _memory(content: str) -> int:
    descriptor = os.memfd_create("batch", os.MFD_CLOEXEC)
    os.write(descriptor, content.encode())
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
