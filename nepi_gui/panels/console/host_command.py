"""A command that runs on a host of a run, with all that it has started; nothing of it outlives who wanted it."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal

from nepi_gui.panels.console import guard
from nepi_gui.panels.console.guard import end_marked, marked
from nepi_gui.plain_text import PlainText

logger = logging.getLogger("nepi.gui")

_MARK = "NEPI_CONSOLE"
"""Environment variable by which what a command has started is found, also what has left its session."""

_PAUSE = 33  # ms between two readings: a program that prints faster waits for the window, as for a terminal
_MOST = 32 * 1024  # bytes read at once
_GRACE = 3000  # ms between the signals with which it is ended, one stronger than the other
_PATIENCE = 2.0  # seconds that it may take to end when it was killed
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)


class HostCommand(QObject):
    """Runs one command.

    Not a QProcess: that reads all that a program prints at once, and a window would have no time for anything else.

    Args:
        arguments: the program with its arguments.
        folder: where it starts.

    Signals:
        printed: with text, and whether it is from standard error.
        ended: with the exit status; below 0 it is the number of the signal that ended it.

    Raises:
        OSError: it cannot be started.
    """

    printed = Signal(str, bool)
    ended = Signal(int)

    def __init__(self, arguments: Sequence[str], folder: Path, parent: QObject) -> None:
        token = secrets.token_hex(12)
        watcher = _guard(f"{_MARK}={token}")
        try:
            process = _start(arguments, folder, {_MARK: token})
        except BaseException:
            _end_guard(watcher)
            raise
        super().__init__(parent)  # not before: its parent would keep what could not be started
        self._mark = f"{_MARK}={token}"
        self._guard = watcher
        self._process = process
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._asked = 0  # how often it was told to end
        self.status: int | None = None
        self._harder = QTimer(self, singleShot=True, interval=_GRACE)
        self._harder.timeout.connect(self.stop)
        self._outputs = [_Output(self._process.stdout, False, self), _Output(self._process.stderr, True, self)]
        for output in self._outputs:
            output.printed.connect(self.printed)
        self._pidfd = os.pidfd_open(self._process.pid)
        self._end = QSocketNotifier(self._pidfd, QSocketNotifier.Type.Read, self)
        self._end.activated.connect(self._note_end)

    def stop(self) -> None:
        """Ask it to end as Ctrl+C does; more firmly each time, and by itself as long as it does not end."""
        if self.status is not None:
            return
        number = _SIGNALS[min(self._asked, len(_SIGNALS) - 1)]
        self._asked += 1
        with suppress(ProcessLookupError, PermissionError):  # it has just ended; it belongs to root now
            os.killpg(self._process.pid, number)
        if self._asked < len(_SIGNALS):
            self._harder.start()

    def close(self) -> None:
        """End it at once, with all that it has started."""
        if self.status is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._reap(_PATIENCE)
        end_marked(self._mark, self._process.pid)
        for output in self._outputs:
            output.close()
        _end_guard(self._guard)

    def has_left_any(self) -> bool:
        """Tell whether something that it has started goes on in the background."""
        return bool(marked(self._mark, self._process.pid))

    def _reap(self, patience: float | None = None) -> None:
        """Take note of its end; what may not be ended, such as a program of root's, must not hold up the window."""
        self._harder.stop()
        if self._end.isEnabled():
            self._end.setEnabled(False)
            os.close(self._pidfd)
        try:
            self.status = self._process.wait(patience)
        except subprocess.TimeoutExpired:
            number = self._process.pid
            logger.warning("Process %d does not end, perhaps since it belongs to another account; it is left.", number)

    def _note_end(self) -> None:
        """Show what it has printed at last, and tell its end."""
        self._reap()
        for output in self._outputs:
            output.take_rest()
        self.ended.emit(self.status)


def _start(arguments: Sequence[str], folder: Path, variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    environment = {**os.environ, **variables}
    return subprocess.Popen(
        arguments,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=pipe,
        stderr=pipe,
        start_new_session=True,
    )


def _guard(mark: str) -> subprocess.Popen[bytes]:
    """Start what ends all that has a mark as soon as this process is there no more, even if it is killed."""
    command = [sys.executable, "-I", "-S", guard.__file__, mark]
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)


def _end_guard(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    assert process.stdin is not None
    process.stdin.close()


class _Output(QObject):
    """Reads one of the streams of a command, so much at once and no more."""

    printed = Signal(str, bool)

    def __init__(self, stream: IO[bytes], is_error: bool, parent: QObject) -> None:
        super().__init__(parent)
        self._stream = stream
        self._is_error = is_error
        self._text = PlainText()
        os.set_blocking(stream.fileno(), False)
        self._ready = QSocketNotifier(stream.fileno(), QSocketNotifier.Type.Read, self)
        self._ready.activated.connect(self._read)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._pause.timeout.connect(self._listen)

    def _listen(self) -> None:
        if not self._stream.closed:
            self._ready.setEnabled(True)

    def _read(self) -> None:
        self._ready.setEnabled(False)
        if self._take():
            self._pause.start()

    def _take(self) -> bool:
        """Show what there is, as much as is read at once; tell whether more may come."""
        if self._stream.closed:
            return False
        try:
            data = os.read(self._stream.fileno(), _MOST)
        except BlockingIOError:
            return True
        if text := self._text.take(data, is_end=not data):
            self.printed.emit(text, self._is_error)
        if not data:
            self.close()
        return bool(data)

    def take_rest(self) -> None:
        """Show what is there already: at most what the pipe holds, since others may still write into it."""
        for _ in range(4):
            if not self._take():
                break

    def close(self) -> None:
        """Read no more; twice is harmless."""
        self._pause.stop()
        self._ready.setEnabled(False)
        self._stream.close()
