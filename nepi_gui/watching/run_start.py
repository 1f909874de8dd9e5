"""Starting a run in a process of its own, which outlives the window."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QProcess, QSocketNotifier, QTimer, Signal

from nepi_core.atomic_file import write_atomically
from nepi_core.description import ExperimentDescription
from nepi_core.errors import NepiError
from nepi_core.runs.database import FILE_NAME
from nepi_core.times import tsformat
from nepi_core.xml_format import to_xml
from nepi_gui.background import Background
from nepi_gui.control.protocol import SOCKET_NAME

LOG_NAME = "controller.log"
"""What the run's process says, in the run's folder."""

_LONGEST_REASON = 4 * 1024  # bytes
_REASON_LINES = 8
_WITHOUT_SOCKET = 10_000  # ms after which a run that has a record, but no socket, is taken to have none


class RunStart(QObject):
    """A run that is being started, until it can be watched.

    The process has no parent and a session of its own, so it goes on whatever becomes of the window.

    Args:
        description: the experiment; nothing of it may change any more.
        local_dir, exp_id: where its runs are, and its folder there.
        source: file of the experiment; None when it was never saved.
        options: further ones of ``nepi-gui --run``.

    Signals:
        live: the run can be watched.
        refused: with a sentence why there is no run, such as what its process said before it ended.

    Attributes:
        folder: of the run.
        description: the experiment.
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
        self.description = description
        self._path = self.folder / "experiment.xml"
        self._arguments = ["--run", str(self._path), "--local-dir", str(local_dir), "--exp-id", exp_id]
        self._arguments += ["--run-id", self.folder.name, "--source", str(source or self._path), *options]
        self._is_over = False
        self._pidfd = -1
        self._writing = Background(self)
        self._writing.finished.connect(self._start)
        self._writing.failed.connect(self._give_up)
        self._writing.run(partial(_write, description, self._path))  # it may be large

    def _start(self) -> None:
        """Start the process with a session of its own, in this program's folder."""
        if self._is_over:
            return
        command = [sys.executable, "-P", "-m", "nepi_gui", *self._arguments]
        shell = ["-c", 'exec "$@" < /dev/null > "$0" 2>&1', str(self.folder / LOG_NAME), *command]
        started, pid = QProcess.startDetached("/bin/sh", shell, "")
        if started:
            self._listen(int(pid))
        else:
            self._give_up(self.tr("'{0}' does not start.").format("/bin/sh"))

    def _listen(self, pid: int) -> None:
        """Wait for the run's socket, or for the end of its process, whatever comes first."""
        self._watcher = QFileSystemWatcher([str(self.folder)], self)
        self._watcher.directoryChanged.connect(self._look)
        self._patience = QTimer(self, interval=_WITHOUT_SOCKET)
        self._patience.timeout.connect(self._do_without_socket)
        self._patience.start()
        try:
            self._pidfd = os.pidfd_open(pid)
        except OSError:  # it has ended already
            QTimer.singleShot(0, self, self._note_end)
            return
        self._process = QSocketNotifier(self._pidfd, QSocketNotifier.Type.Read, self)
        self._process.activated.connect(self._note_end)
        self._look()

    def _look(self) -> None:
        if not self._is_over and (self.folder / SOCKET_NAME).exists():
            self._go_live()

    def _do_without_socket(self) -> None:
        if (self.folder / FILE_NAME).exists():
            self._go_live()

    def _go_live(self) -> None:
        self._finish()
        self.live.emit()

    def _note_end(self) -> None:
        if self._is_over:
            return
        if (self.folder / FILE_NAME).exists():  # it was so short that it has ended already
            self._go_live()
        else:
            self._give_up(self._reason())

    def _give_up(self, reason: str) -> None:
        if not self._is_over:
            self._finish()
            self._clear_away()
            self.refused.emit(reason)

    def _finish(self) -> None:
        self._is_over = True
        if self._pidfd >= 0:
            self._process.setEnabled(False)
            os.close(self._pidfd)
            self._pidfd = -1
            self._watcher.removePaths(self._watcher.directories())
            self._patience.stop()

    def abandon(self) -> None:
        """Have no run after all; `refused` tells when its process has ended, or `live` when it was too late."""
        if self._is_over:
            return
        if self._pidfd >= 0:
            signal.pidfd_send_signal(self._pidfd, signal.SIGTERM)
        else:
            self._writing.close()
            self._give_up("")

    def cancel(self) -> None:
        """Wait no longer; a run that has its process goes on. Twice is harmless."""
        self._writing.close()
        if not self._is_over and self._pidfd < 0:
            self._clear_away()
        if not self._is_over:
            self._finish()

    def _reason(self) -> str:
        try:
            told = (self.folder / LOG_NAME).read_bytes()[-_LONGEST_REASON:]
        except OSError:
            told = b""
        lines = told.decode("utf-8", "replace").strip().splitlines()
        return "\n".join(lines[-_REASON_LINES:]) or self.tr("Its process has ended and said nothing.")

    def _clear_away(self) -> None:
        """Take away the folder of a run that never began."""
        try:
            for name in (LOG_NAME, self._path.name):
                (self.folder / name).unlink(missing_ok=True)
            self.folder.rmdir()
        except OSError:  # it was never made; or something else is in it, so it stays
            return


def _write(description: ExperimentDescription, path: Path) -> None:
    """Make the run's folder with the experiment in it; for a thread beside the window.

    Raises:
        NepiError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True)
        write_atomically(path, to_xml(description))
    except OSError as error:
        raise NepiError(f"The run's folder {path.parent} cannot be written: {error.strerror or error}.") from None
