"""Starting a run in a process of its own, which outlives the window."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QProcess, QSocketNotifier, QTimer, Signal

from nepi_core.atomic_file import write_atomically
from nepi_core.description import ExperimentDescription
from nepi_core.errors import NepiError
from nepi_core.times import tsformat
from nepi_core.xml_format import to_xml
from nepi_gui.control.protocol import SOCKET_NAME

LOG_NAME = "controller.log"
"""What the run's process says, in the run's folder."""

_LONGEST_REASON = 8 * 1024  # bytes


class RunStart(QObject):
    """A run that has been started, until it can be watched.

    The process has no parent and a session of its own, so it goes on whatever becomes of the window.

    Args:
        description: the experiment.
        local_dir, exp_id: where its runs are, and its folder there.
        source: file of the experiment; None when it was never saved.
        options: further ones of ``nepi-gui --run``.

    Signals:
        live: the run can be watched.
        refused: with what its process said before it ended.

    Attributes:
        folder: of the run.

    Raises:
        NepiError: the folder cannot be made, or the process cannot be started.
    """

    live = Signal()
    refused = Signal(str)

    def __init__(
        self,
        description: ExperimentDescription,
        local_dir: Path,
        exp_id: str,
        source: Path | None,
        options: Sequence[str],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.folder = local_dir / exp_id / tsformat()
        self._is_over = False
        path = self._write(description)
        arguments = ["--run", str(path), "--local-dir", str(local_dir), "--exp-id", exp_id]
        arguments += ["--run-id", self.folder.name, "--source", str(source or path), *options]
        self._pid = self._start(arguments)
        self._listen()

    def _write(self, description: ExperimentDescription) -> Path:
        path = self.folder / "experiment.xml"
        content = to_xml(description)
        try:
            self.folder.mkdir(parents=True)
            write_atomically(path, content)
        except OSError as error:
            raise NepiError(f"The run's folder {self.folder} cannot be written: {error.strerror or error}.") from None
        return path

    def _start(self, arguments: Sequence[str]) -> int:
        """Start the process with a session of its own and this program's folder; return its number."""
        command = [sys.executable, "-m", "nepi_gui", *arguments]
        shell = ["-c", 'exec "$@" < /dev/null > "$0" 2>&1', str(self.folder / LOG_NAME), *command]
        started, pid = QProcess.startDetached("/bin/sh", shell, str(Path.cwd()))
        if not started:
            raise NepiError(f"The run cannot be started: '{sys.executable}' does not start.")
        return int(pid)

    def _listen(self) -> None:
        """Wait for the run's socket, or for the end of its process, whatever comes first."""
        self._watcher = QFileSystemWatcher([str(self.folder)], self)
        self._watcher.directoryChanged.connect(self._look)
        try:
            self._pidfd = os.pidfd_open(self._pid)
        except OSError:  # it has ended already
            self._pidfd = -1
            QTimer.singleShot(0, self, self._refuse)
            return
        self._ended = QSocketNotifier(self._pidfd, QSocketNotifier.Type.Read, self)
        self._ended.activated.connect(self._refuse)
        self._look()

    def _look(self) -> None:
        if not self._is_over and (self.folder / SOCKET_NAME).exists():
            self._finish()
            self.live.emit()

    def _refuse(self) -> None:
        if self._is_over:
            return
        self._finish()
        if (self.folder / "run.sqlite").exists():  # it was so short that it has ended already
            self.live.emit()
        else:
            reason = self._reason()
            self._clear_away()
            self.refused.emit(reason)

    def _finish(self) -> None:
        self._is_over = True
        self._watcher.removePaths(self._watcher.directories())
        if self._pidfd >= 0:
            self._ended.setEnabled(False)
            os.close(self._pidfd)
            self._pidfd = -1

    def cancel(self) -> None:
        """Wait no longer; the run goes on. Twice is harmless."""
        if not self._is_over:
            self._finish()

    def _reason(self) -> str:
        try:
            told = (self.folder / LOG_NAME).read_bytes()[-_LONGEST_REASON:]
        except OSError:
            told = b""
        reason = told.decode("utf-8", "replace").strip()
        return reason or self.tr("Its process has ended and said nothing.")

    def _clear_away(self) -> None:
        """Take away the folder of a run that never began."""
        for name in (LOG_NAME, "experiment.xml"):
            (self.folder / name).unlink(missing_ok=True)
        try:
            self.folder.rmdir()
        except OSError:  # something else is in it, so it stays
            return
