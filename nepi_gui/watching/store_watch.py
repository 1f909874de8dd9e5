"""Tells when the record of a run has grown, by what the kernel says of its files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from nepi_core.runs.database import FILE_NAME

_FOLD = 33  # ms: thirty times a second is what eyes can follow


class StoreWatch(QObject):
    """Watches ``run.sqlite`` in a folder.

    Signals:
        grew: something was written since the last time; at most 30 times a second.
    """

    grew = Signal()

    def __init__(self, folder: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._paths = [str(folder / name) for name in (FILE_NAME, f"{FILE_NAME}-wal")]
        self._folding = QTimer(self, singleShot=True, interval=_FOLD)
        self._folding.timeout.connect(self.grew)
        self._watcher = QFileSystemWatcher([str(folder)], self)
        self._watcher.fileChanged.connect(self._note)
        self._watcher.directoryChanged.connect(self._look)
        self._look()

    def _look(self) -> None:
        """Watch the files that have come into being."""
        missing = [path for path in self._paths if Path(path).exists() and path not in self._watcher.files()]
        if missing:
            self._watcher.addPaths(missing)
            self._note()

    def _note(self) -> None:
        if not self._folding.isActive():
            self._folding.start()
