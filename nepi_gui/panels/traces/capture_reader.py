"""Has a capture summed up by a process of its own, and again while it grows."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from nepi_gui.captures.tally import Summary
from nepi_gui.panels.traces.growth import Growth

_PAUSE = 500  # ms between two looks at a capture that grows
_ENDING = 2000  # ms that the process may take to end when it is told to


class CaptureReader(QObject):
    """Sums up one capture at a time.

    Signals:
        counted: with a `Summary` of what was read so far.
        failed: with a sentence: it cannot be read.
    """

    counted = Signal(object)
    failed = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._path: Path | None = None
        self._growth = Growth(self)
        self._growth.grew.connect(self._note)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._pause.timeout.connect(self._read_on)

    def read(self, path: Path | None) -> None:
        """Sum up another capture, or none."""
        self.close()
        self._path = path
        self._growth.watch(path)
        if path is None:
            return
        self._process = process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
        process.setProcessEnvironment(environment)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        process.readyReadStandardOutput.connect(self._take)
        process.errorOccurred.connect(self._fail)
        process.finished.connect(self._note_end)
        process.start(sys.executable, ["-P", "-m", "nepi_gui.captures", str(path)])

    def close(self) -> None:
        """End what goes on."""
        self._growth.watch(None)
        self._pause.stop()
        process, self._process = self._process, None
        if process is None:
            return
        process.blockSignals(True)
        process.closeWriteChannel()
        process.kill()  # it only reads; there is nothing that it could leave behind
        process.waitForFinished(_ENDING)
        process.deleteLater()

    def _note(self) -> None:
        if not self._pause.isActive():
            self._pause.start()

    def _read_on(self) -> None:
        if self._process is None:
            return
        if self._process.state() is QProcess.ProcessState.NotRunning:
            self.read(self._path)  # it could not be read, and is another one now
        else:
            self._process.write(b"\n")

    def _take(self) -> None:
        """Show the latest of the lines that have come."""
        line = b""
        while self._process is not None and self._process.canReadLine():
            line = bytes(self._process.readLine().data())
        if not line:
            return
        told = json.loads(line)
        if "unreadable" in told:
            self.failed.emit(self.tr("The capture cannot be read: {0}.").format(told["unreadable"]))
        else:
            self.counted.emit(Summary.from_json(told))

    def _note_end(self, status: int) -> None:
        if status:
            self.failed.emit(self.tr("The capture cannot be summed up: see the log of the program."))

    def _fail(self) -> None:
        if self._process is not None:
            text = self.tr("The capture cannot be summed up: {0}.")
            self.failed.emit(text.format(self._process.errorString()))
