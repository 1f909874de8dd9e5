"""Tells when another program changes or removes the file of the document."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from nepi_gui.document.files import FileState

_SETTLES = 150  # ms: a program that writes a file does it in several steps


class News(StrEnum):
    """What has become of a file."""

    SAME = "same"
    ALTERED = "altered"
    GONE = "gone"


class FileWatch(QObject):
    """Watches one file, and its folder: who replaces a file makes another one of that name.

    Signals:
        changed: there is other news.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._known: FileState | None = None
        self._news = News.SAME
        self._watcher = QFileSystemWatcher(self)
        self._settling = QTimer(self, singleShot=True, interval=_SETTLES)
        self._settling.timeout.connect(self.look)
        self._watcher.fileChanged.connect(self._look_soon)
        self._watcher.directoryChanged.connect(self._look_soon)

    @property
    def news(self) -> News:
        """What has become of the file since it was opened, saved, or its state accepted."""
        return self._news

    @property
    def digest(self) -> str:
        """Of the content that the file had when it was opened or saved; "" when there is no file."""
        return self._known.digest if self._known else ""

    def follow(self, path: Path | None) -> None:
        """Watch another file, as it is now; none for None."""
        watched = self._watcher.files() + self._watcher.directories()
        if watched:
            self._watcher.removePaths(watched)
        self._path = path
        self._watch()
        self.accept()

    def accept(self) -> None:
        """Take the file as it is now for what the user knows."""
        self._known = FileState.of(self._path) if self._path else None
        self._set(News.SAME)

    def look(self) -> None:
        """Look at the file, which not all file systems tell about by themselves."""
        if self._path is None:
            return
        self._watch()
        if self._known is not None and self._known.looks_like(self._path):
            self._set(News.SAME)
            return
        present = FileState.of(self._path)
        if present is None:
            self._set(News.GONE)
        elif self._known is not None and present.digest == self._known.digest:
            self._known = present
            self._set(News.SAME)
        else:
            self._set(News.ALTERED)

    def _look_soon(self) -> None:
        if not self._settling.isActive():
            self._settling.start()

    def _watch(self) -> None:
        """Have Qt watch what it does not watch yet; it forgets a file that is replaced."""
        if self._path is None:
            return
        watched = {*self._watcher.files(), *self._watcher.directories()}
        for path in (self._path, self._path.absolute().parent):
            if str(path) not in watched and path.exists():
                self._watcher.addPath(str(path))

    def _set(self, news: News) -> None:
        if news is not self._news:
            self._news = news
            self.changed.emit()
