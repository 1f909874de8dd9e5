"""This machine as a host: programs are started by a keeper, files are files."""

from __future__ import annotations

import errno
import logging
import os
import shlex
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from nepi_core.errors import CommandError, HostError, WaitTimeoutError
from nepi_core.hosts.command_output import collect
from nepi_core.hosts.host import Completed, Host, Process
from nepi_core.hosts.installed import find_program
from nepi_core.hosts.keeper.client import KeeperClient

logger = logging.getLogger("nepi.hosts")


class LocalProcess(Process):
    """A program that a keeper started on this machine.

    Attributes:
        lost: the keeper died; the program has been ended, and its status is made up.
    """

    def __init__(self, host: str, command: Sequence[str], client: KeeperClient) -> None:
        self.pid = 0
        self.lost = False
        self.job = client.new_job()
        self._host = host
        self._command = list(command)
        self._client = client
        self._status: int | None = None
        self._refusal: HostError | None = None
        self._changed = threading.Condition()  # guards all above that changes
        self._callbacks: list[Callable[[int], None]] = []

    @property
    def status(self) -> int | None:
        """Exit status, or minus the number of the signal that ended it; None while it runs."""
        return self._status

    def on_exit(self, callback: Callable[[int], None]) -> None:
        """Have ``callback(status)`` called once when the program has ended; at once when it already has."""
        with self._changed:
            status = self._status
            if status is None:
                self._callbacks.append(callback)
                return
        self._call(callback, status)

    def wait(self, timeout: float | None = None) -> int:
        """Block until the program has ended and return its status.

        Raises:
            WaitTimeoutError: after ``timeout`` seconds.
            HostError: the keeper died.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._status is not None, timeout):
                raise WaitTimeoutError(f"On {self._host}, '{self._text}' has not ended within {timeout} s.")
        if self.lost:
            raise HostError(f"On {self._host}, the keeper died while '{self._text}' was running, so it was ended.")
        assert self._status is not None
        return self._status

    def signal(self, number: int) -> None:
        """Send a signal to the program and to all of its process group; nothing happens when it has ended."""
        if self._status is None:
            self._client.signal(self.job, number)

    def stop(self, grace: float) -> None:
        """Ask the program and all that it forked to end (TERM), and end them (KILL) after ``grace`` seconds."""
        self._client.stop(self.job, grace)

    # -- what the keeper tells, in its reader thread

    def started(self, pid: int) -> None:
        """The program runs."""
        with self._changed:
            self.pid = pid
            self._changed.notify_all()

    def refused(self, about: str, number: int, reason: str) -> None:
        """The program could not be started."""
        with self._changed:
            self._refusal = HostError(f"On {self._host}, {self._explain(about, number, reason)}")
            self._changed.notify_all()

    def ended(self, status: int, lost: bool) -> None:
        """The program has ended."""
        with self._changed:
            self._status, self.lost = status, lost
            callbacks, self._callbacks = self._callbacks, []
            self._changed.notify_all()
        for callback in callbacks:
            self._call(callback, status)

    def until_started(self) -> None:
        """Block until the keeper has started the program.

        Raises:
            HostError: it could not.
        """
        with self._changed:
            self._changed.wait_for(lambda: self.pid or self._refusal or self.lost)
        if self._refusal:
            raise self._refusal
        if not self.pid:
            raise HostError(f"On {self._host}, the keeper died before '{self._text}' was started.")

    @property
    def _text(self) -> str:
        return shlex.join(self._command)

    def _explain(self, about: str, number: int, reason: str) -> str:
        program = self._command[0]
        if about == "place":
            return f"'{self._text}' cannot be started there: {reason}."
        if about == "folder":
            return f"'{self._text}' cannot be started in its working folder: {reason}."
        if number == errno.ENOENT and "/" not in program:
            return f"the program '{program}' was not found on PATH. Install it, or give its full path."
        if number == errno.ENOENT and Path(program).is_file():
            return f"'{program}' cannot be started: the interpreter that its first line names does not exist."
        return f"'{program}' cannot be started: {reason}."

    def _call(self, callback: Callable[[int], None], status: int) -> None:
        try:
            callback(status)
        except Exception:
            logger.exception("On %s, what was to happen after the end of '%s' failed.", self._host, self._text)


class LocalHost(Host):
    """This machine.

    A keeper process, started with the first command, owns all that runs; it outlives the controller for as long as it
    takes to end that.

    Args:
        run_folder: folder of the run, by which leftovers are recognized.
        name: name of the host in messages.
        marker: environment variables that all programs get.
        grace: seconds between TERM and KILL for what still runs when the host is closed or the controller dies.
    """

    place = ""
    """Where the keeper starts programs, if it knows several places."""

    def __init__(
        self,
        run_folder: Path | None = None,
        name: str = "localhost",
        marker: Mapping[str, str] | None = None,
        grace: float = 1.0,
    ) -> None:
        self.name = name
        self._run_folder = str(run_folder or "")
        self._marker = dict(marker or {})
        self._grace = grace
        self._lock = threading.Lock()  # guards _client and _closed
        self._client: KeeperClient | None = None
        self._closed = False
        self._sudo_allows: set[str] = set()

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
    ) -> LocalProcess:
        """Start a program in a session of its own and return at once, see `Host.start`."""
        with ExitStack() as opened:
            streams = _open_streams(opened, stdin, stdout, stderr)
            return self._start(command, streams, env, cwd, sudo, output_limit)

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
        """Run a short command to its end, see `Host.run`.

        Of each output the first and last 8 MB are kept. What the command leaves in the background does not delay
        the end; it can no longer be read.
        """

        def start(streams: Mapping[int, int]) -> LocalProcess:
            return self._start(command, streams, env, cwd, sudo, 0)

        process, stdout, stderr = collect(start, input.encode(), timeout)
        if stdout is None or stderr is None:
            raise WaitTimeoutError(f"On {self.name}, '{shlex.join(command)}' took longer than {timeout} s; ended.")
        status = process.wait()
        if check and status != 0:
            raise CommandError(self.name, shlex.join(command), status, (stderr.strip() or stdout)[-2000:])
        return Completed(status, stdout, stderr)

    def put(self, source: Path, destination: str) -> None:
        """Copy a file or folder; folders above the destination are made."""
        self._copy(source, _path(destination))

    def get(self, source: str, destination: Path) -> None:
        """Copy a file or folder; folders above the destination are made."""
        self._copy(_path(source), destination)

    def read(self, path: str, offset: int = 0, size: int = -1) -> bytes:
        """Return ``size`` bytes of a file from ``offset``; all the rest when ``size`` is negative."""
        with self._telling(f"cannot read '{path}'"), _path(path).open("rb") as file:
            file.seek(offset)
            return file.read(size)

    def exists(self, path: str) -> bool:
        """Tell whether a file or folder is there."""
        return _path(path).exists()

    def make_folder(self, path: str) -> None:
        """Make a folder and those above it; nothing happens when it is there."""
        with self._telling(f"cannot make the folder '{path}'"):
            _path(path).mkdir(parents=True, exist_ok=True)

    def remove(self, path: str) -> None:
        """Remove a file or a folder with all that it holds; nothing happens when it is not there.

        Raises:
            HostError: it cannot be removed, or it is a folder that nobody means to remove: the root or a folder in
                it, or the home or present folder or one above these.
        """
        target = _path(path)
        target = target.parent.resolve() / target.name
        precious = {each for folder in (Path.home(), Path.cwd()) for each in (folder, *folder.parents)}
        if not path.strip() or target in precious or len(target.parts) <= 2:
            raise HostError(f"On {self.name}, '{path}' is not removed: it looks like a mistake.")
        with self._telling(f"cannot remove '{path}'"):
            if target.is_dir() and not target.is_symlink():
                shutil.rmtree(target)
            else:
                target.unlink(missing_ok=True)

    def close(self) -> None:
        """End all that was started here, and the keeper; calling it twice is harmless."""
        with self._lock:
            self._closed = True
            client = self._client
        if client:
            client.close()

    def _start(
        self,
        command: Sequence[str],
        streams: Mapping[int, int],
        env: Mapping[str, str] | None,
        cwd: str | None,
        sudo: bool,
        limit: int,
    ) -> LocalProcess:
        if not command or isinstance(command, str):
            raise HostError(f"{command!r} is no command: a command is a list of arguments, the program first.")
        client = self._keeper()
        process = LocalProcess(self.name, command, client)
        variables = {**(env or {}), **self._marker, **client.marks(process.job)}
        arguments = self._as_root(command, variables) if sudo else list(command)
        with self._telling(f"'{command[0]}' cannot be started"):
            folder = str(Path.cwd() / (cwd or ""))
        environment = {**self._environment(), **variables}
        client.start(process.job, process, arguments, environment, folder, limit, streams, self.place)
        process.until_started()
        return process

    def _environment(self) -> Mapping[str, str]:
        return os.environ

    def _as_root(self, command: Sequence[str], variables: Mapping[str, str]) -> list[str]:
        """Return the command that runs another as root, with these variables."""
        if os.geteuid() == 0:
            return list(command)
        self._check_sudo(command[0])
        return ["sudo", "-n", "--", "env", *(f"{key}={value}" for key, value in variables.items()), *command]

    def _keeper(self) -> KeeperClient:
        with self._lock:
            if self._closed:
                raise HostError(f"{self.name} is closed; nothing can be started on it any more.")
            if self._client is None or self._client.over:
                self._client = KeeperClient(self._run_folder, self._grace)
            return self._client

    def _check_sudo(self, program: str) -> None:
        """Tell now, and not by an exit status, why a program will not run as root."""
        if program in self._sudo_allows:
            return
        if not shutil.which("sudo"):
            raise HostError(f"'{program}' must run as root on {self.name}, and sudo is not installed.")
        found = find_program(program)  # where sudo looks, too
        if not found:
            raise HostError(f"On {self.name}, the program '{program}' was not found on PATH.")
        listed = subprocess.run(["sudo", "-n", "-l", "--", "env"], stdin=subprocess.DEVNULL, capture_output=True)
        if listed.returncode != 0:
            reason = listed.stderr.decode(errors="replace").strip()
            raise HostError(
                f"'{program}' must run as root on {self.name}, and sudo does not let this user do so without a"
                f" password ({reason}). Run as root, or allow it in the sudoers file with NOPASSWD."
            )
        self._sudo_allows.add(program)

    def _copy(self, source: Path, destination: Path) -> None:
        with self._telling(f"cannot copy '{source}' to '{destination}'"):
            if destination.exists() and source.samefile(destination):
                return
            if source.resolve() in destination.resolve().parents:
                raise HostError(f"On {self.name}, cannot copy the folder '{source}' into itself ('{destination}').")
            destination.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                _copy_folder(source, destination)
            else:
                _copy_file(source, destination)

    @contextmanager
    def _telling(self, what: str) -> Iterator[None]:
        try:
            yield
        except HostError:
            raise
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            raise HostError(f"On {self.name}, {what}: {reason}.") from error


def _path(path: str) -> Path:
    return Path(os.path.normpath(Path(path).expanduser().absolute()))


def _open_streams(opened: ExitStack, stdin: Path | None, stdout: Path | None, stderr: Path | None) -> dict[int, int]:
    """Open the files for a program's standard streams; those left out stay at the keeper's /dev/null."""
    output = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    streams: dict[int, int] = {}
    for number, path, flags in ((0, stdin, os.O_RDONLY), (1, stdout, output), (2, stderr, output)):
        if path is None:
            continue
        if number == 2 and path == stdout:
            streams[2] = streams[1]
            continue
        try:
            streams[number] = os.open(path, flags | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise HostError(f"The file '{path}' for a program's input or output: {error.strerror}.") from error
        opened.callback(os.close, streams[number])
    return streams


def _copy_folder(source: Path, destination: Path) -> None:
    """Copy a folder over what is there; links inside it stay links."""
    destination.mkdir(exist_ok=True)
    for each in source.iterdir():
        if each.is_dir() and not each.is_symlink():
            _copy_folder(each, destination / each.name)
        else:
            _copy_file(each, destination / each.name, follow_links=False)
    shutil.copystat(source, destination)


def _copy_file(source: Path, destination: Path, follow_links: bool = True) -> None:
    """Copy a file so that nobody ever sees half of it."""
    with tempfile.TemporaryDirectory(prefix=f".{destination.name[:100]}.", dir=destination.parent) as folder:
        whole = Path(folder, "copy")
        shutil.copy2(source, whole, follow_symlinks=follow_links)
        whole.replace(destination)
