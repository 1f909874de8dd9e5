"""What a host can do: run commands, keep processes, hold files. Everything that runs a command goes through here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Completed:
    """What a short command left behind.

    Attributes:
        status: exit status; minus the signal's number when a signal ended it.
        stdout: all that it printed, decoded as UTF-8 with replacement characters.
        stderr: the same for standard error.
    """

    status: int
    stdout: str
    stderr: str


class Process(ABC):
    """A program that runs on a host, with all that it forks.

    Attributes:
        pid: its number on the host.
        lost: the host has died or cannot be reached any more, so that its status is made up.
    """

    pid: int
    lost: bool = False

    @abstractmethod
    def on_exit(self, callback: Callable[[int], None]) -> None:
        """Have ``callback(status)`` called once when the program has ended; at once when it already has.

        It is called in a thread of the host and must return soon. The status is the exit status, or minus the
        number of the signal that ended it.
        """

    @abstractmethod
    def wait(self, timeout: float | None = None) -> int:
        """Block until the program has ended and return its status.

        Raises:
            WaitTimeoutError: after ``timeout`` seconds.
            HostError: when the host can no longer tell.
        """

    @property
    @abstractmethod
    def status(self) -> int | None:
        """Exit status as for `on_exit`, or None while the program runs."""

    @abstractmethod
    def signal(self, number: int) -> None:
        """Send a signal to the program and to all of its process group; nothing happens when it has ended."""

    @abstractmethod
    def stop(self, grace: float) -> None:
        """Ask the program and its descendants to end (TERM), and end them (KILL) after ``grace`` seconds.

        Returns at once; `on_exit` tells when the program has ended. Descendants that outlive the program, or that
        left its process group, are ended too.
        """


class Host(ABC):
    """Anything commands can be run on: this machine, a network namespace, an SSH host.

    A command is a list of arguments, never text for a shell; who wants a shell says ``["sh", "-c", text]``.
    Paths are paths on the host. ``env`` is added to the environment that the host gives.
    """

    name: str

    @abstractmethod
    def start(
        self,
        command: Sequence[str],
        *,
        stdin: Path | None = None,
        stdout: Path | None = None,
        stderr: Path | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        sudo: bool = False,
        output_limit: int = 0,
    ) -> Process:
        """Start a program in a session of its own and return at once.

        Args:
            stdin: file of the controller that the program reads; None for nothing.
            stdout: file of the controller that grows with what the program prints (made anew); None to drop it.
            stderr: the same for standard error; the same path as ``stdout`` puts both in one file.
            sudo: run it as root.
            output_limit: bytes that one file written by the program may reach; 0 for no limit.

        Raises:
            HostError: when the program cannot be started; the message names it.
        """

    @abstractmethod
    def run(
        self,
        command: Sequence[str],
        *,
        input: str = "",
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        sudo: bool = False,
        timeout: float | None = None,
        check: bool = False,
    ) -> Completed:
        """Run a short command to its end.

        Raises:
            CommandError: with ``check``, when the status is not 0.
            WaitTimeoutError: after ``timeout`` seconds; the command and its descendants are ended first.
            HostError: when the program cannot be started.
        """

    @abstractmethod
    def put(self, source: Path, destination: str) -> None:
        """Copy a file or folder of the controller to the host; folders above it are made."""

    @abstractmethod
    def get(self, source: str, destination: Path) -> None:
        """Copy a file or folder of the host to the controller; folders above it are made."""

    @abstractmethod
    def read(self, path: str, offset: int = 0, size: int = -1) -> bytes:
        """Return ``size`` bytes of a file from ``offset``; all the rest when ``size`` is negative."""

    @abstractmethod
    def exists(self, path: str) -> bool:
        """Tell whether a file or folder is there."""

    @abstractmethod
    def make_folder(self, path: str) -> None:
        """Make a folder and those above it; nothing happens when it is there."""

    @abstractmethod
    def remove(self, path: str) -> None:
        """Remove a file or a folder with all that it holds; nothing happens when it is not there."""

    @abstractmethod
    def close(self) -> None:
        """End all that was started here and give back connections; calling it twice is harmless."""
