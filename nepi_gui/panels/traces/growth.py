"""Tells when a file has grown, by what the kernel says of it; one that never rests costs no more than others."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

_PAUSE = 50  # ms between two looks at a file that never rests


class Growth(QObject):
    """Watches one file at a time.

    Between two looks the kernel is not listened to: a program that writes a gigabyte a second would else keep the
    window busy with news alone.

    Signals:
        grew: the file was written, replaced, removed or made since the last time.
    """

    grew = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._seen: tuple[int, ...] = ()
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._note)
        self._watcher.directoryChanged.connect(self._note)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._pause.timeout.connect(self._look)

    def watch(self, path: Path | None) -> None:
        """Watch another file, or none; one that does not exist yet is waited for."""
        self._pause.stop()
        self._forget()
        self._path = path
        self._seen = _state(path)
        self._listen()

    def _listen(self) -> None:
        if self._path is None:
            return
        if not self._watcher.addPath(str(self._path)) and self._path.parent.is_dir():
            self._watcher.addPath(str(self._path.parent))
        if _state(self._path) != self._seen:  # while nobody listened
            self._note()

    def _forget(self) -> None:
        if watched := [*self._watcher.files(), *self._watcher.directories()]:
            self._watcher.removePaths(watched)

    def _note(self) -> None:
        if self._path is not None and not self._pause.isActive():
            self._forget()
            self._pause.start()

    def _look(self) -> None:
        state = _state(self._path)
        is_news, self._seen = state != self._seen, state
        self._listen()
        if is_news:
            self.grew.emit()


def _state(path: Path | None) -> tuple[int, ...]:
    try:
        status = path.stat() if path is not None else None
    except OSError:
        status = None
    return (status.st_ino, status.st_size, status.st_mtime_ns) if status is not None else ()
