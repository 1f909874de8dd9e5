"""Tells when runs of an experiment begin and end, by what the kernel says of folders and processes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QSocketNotifier, QTimer, Signal

from nepi_core.runs.database import FILE_NAME
from nepi_gui.runs.listing import ListedRun

_FOLD = 250  # ms: the first files of a run come one after the other
_MOST_WAITING = 20  # runs of which nothing is known; of those that never began, there may be many


class RunsWatch(QObject):
    """Watches the folder of an experiment.

    Signals:
        changed: a run has begun, ended, come or gone; folded.
    """

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._folder: Path | None = None
        self._ends: dict[int, tuple[int, QSocketNotifier]] = {}
        self._unwatchable: set[int] = set()
        self._folding = QTimer(self, singleShot=True, interval=_FOLD)
        self._folding.timeout.connect(self.changed)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self._note)
        self._watcher.fileChanged.connect(self._note)

    def follow(self, folder: Path | None) -> None:
        """Watch another folder, which need not exist yet; none for None."""
        self._folder = folder
        self.attend(())

    def attend(self, runs: Iterable[ListedRun]) -> None:
        """Watch the runs that go on: their programs, or as long as those are not known, their files.

        Those of which nothing is known yet are watched as well: the window lays down the experiment of a run before its
        program has started.
        """
        known = list(runs)
        live = [run for run in known if run.is_live]
        beginning = [run.folder for run in live if run.pid not in self._ends and not self._watch_end(run.pid)]
        waiting = sorted((run for run in known if run.may_begin), key=lambda run: run.placed)[-_MOST_WAITING:]
        self._watch_paths([*beginning, *(run.folder for run in waiting)])
        for pid in self._ends.keys() - {run.pid for run in live}:
            self._unwatch_end(pid)

    def close(self) -> None:
        """Watch nothing any more."""
        self._folding.stop()
        self.follow(None)

    def _watch_paths(self, beginning: Iterable[Path]) -> None:
        wanted = {str(_nearest(self._folder))} if self._folder is not None else set()
        for folder in beginning:
            paths = (folder, folder / FILE_NAME, folder / f"{FILE_NAME}-wal")
            wanted |= {str(path) for path in paths if path.exists()}
        watched = {*self._watcher.directories(), *self._watcher.files()}
        if watched - wanted:
            self._watcher.removePaths(sorted(watched - wanted))
        if wanted - watched:
            self._watcher.addPaths(sorted(wanted - watched))

    def _watch_end(self, pid: int) -> bool:
        """Watch a process; tell whether that can be done."""
        if not pid or pid in self._unwatchable:
            return False
        try:
            descriptor = os.pidfd_open(pid)
        except OSError:  # it has just ended, or is one of another container
            self._unwatchable.add(pid)
            self._note()
            return False
        notifier = QSocketNotifier(descriptor, QSocketNotifier.Type.Read, self)
        notifier.activated.connect(self._note_end)
        self._ends[pid] = descriptor, notifier
        return True

    def _note_end(self) -> None:
        ended = self.sender()
        for pid in [pid for pid, (_, notifier) in self._ends.items() if notifier is ended]:
            self._unwatch_end(pid)
        self._note()

    def _unwatch_end(self, pid: int) -> None:
        descriptor, notifier = self._ends.pop(pid)
        notifier.setEnabled(False)
        notifier.deleteLater()
        os.close(descriptor)

    def _note(self) -> None:
        if not self._folding.isActive():
            self._folding.start()


def _nearest(folder: Path) -> Path:
    """Return a folder, or the nearest one above it that exists."""
    return next((each for each in (folder, *folder.parents) if each.is_dir()), Path("/"))
