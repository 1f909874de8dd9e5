"""Keeps what is not saved yet in a file beside the experiment's, so that a crash costs some seconds of work at most."""

from __future__ import annotations

import os
import threading
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from nepi_core.atomic_file import write_atomically
from nepi_core.description import ExperimentDescription
from nepi_core.errors import NepiError
from nepi_core.xml_format import to_xml
from nepi_gui.document.document import Document
from nepi_gui.document.recovery import Head, Writer, places, state_folder, with_head

PAUSE, LONGEST = 2000, 4000
"""Milliseconds: so long after a step it is written, and never later than that after the first step not written yet."""


class Autosave(QObject):
    """Writes the document, in a thread, whenever it has more than its file; removes that when it is saved.

    Signals:
        written: the steps up to a moment ago are safe.
        failed: they could not be written; why, in a sentence. Told once until it works again.

    Attributes:
        digest: of the content of the document's file.
    """

    written = Signal()
    failed = Signal(str)
    _ended = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.digest = ""
        self._document = document
        self._path: Path | None = None
        self._outdated: list[Path] = []  # could neither be written again nor removed
        self._problem = ""
        self._told = ""
        self._thread: threading.Thread | None = None
        self._is_closed = False
        self._is_behind = False  # there are steps that the thread does not know of
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._longest = QTimer(self, singleShot=True, interval=LONGEST)
        for timer in (self._pause, self._longest):
            timer.timeout.connect(self._begin)
        self._ended.connect(self._take)
        document.history.changed.connect(self._on_step)
        document.path_changed.connect(self._on_path)

    @property
    def path(self) -> Path | None:
        """The autosave; None when there is none."""
        return self._path

    def flush(self) -> bool:
        """Write what is not saved now, and wait for it; tell whether all is safe."""
        self._rest()
        if not self._document.is_modified:
            return True
        self._write(self._document.freeze(), self._head())
        return not self._problem

    def close(self, keep: bool = False) -> None:
        """Write no more; wait for what is being written.

        Args:
            keep: leave the autosave for the next start.
        """
        self._rest()
        self._is_closed = True
        if not keep:
            self._remove()

    def _rest(self) -> None:
        self._pause.stop()
        self._longest.stop()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    # -- listening ---------------------------------------------------------------------------------

    def _on_step(self) -> None:
        if self._is_closed:
            return
        if not self._document.is_modified:
            self._pause.stop()
            self._longest.stop()
            self._is_behind = False
            if self._thread is None:
                self._remove()
            return
        self._pause.start()
        if not self._longest.isActive():
            self._longest.start()

    def _on_path(self) -> None:
        """Leave the place beside the file that was the document's."""
        if self._is_closed:
            return
        self._rest()
        self._remove()
        if self._document.is_modified:
            self._on_step()

    # -- writing -----------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._pause.stop()
        self._longest.stop()
        if self._thread is not None:
            self._is_behind = True
            return
        self._is_behind = False
        task = (self._document.freeze(), self._head())
        self._thread = threading.Thread(target=self._run, args=task, name="nepi-autosave")
        self._thread.start()

    def _head(self) -> Head:
        document = self._document
        file = str(document.path.absolute()) if document.path else ""
        steps = abs(document.history.done - max(document.history.clean, 0))
        date = datetime.now().isoformat(timespec="seconds")
        return Head(file, self.digest, date, steps, Writer.present())

    def _run(self, description: ExperimentDescription, head: Head) -> None:
        self._write(description, head)
        self._ended.emit()

    def _write(self, description: ExperimentDescription, head: Head) -> None:
        """Write an experiment; any thread may do it, one at a time."""
        try:
            self._put(with_head(to_xml(description), head), Path(head.file) if head.file else None)
            self._problem = ""
        except OSError as error:
            self._problem = error.strerror or str(error)
        except NepiError as error:
            self._problem = str(error)
        except Exception as error:  # such as want of memory: it is to be tried again after the next step
            self._problem = f"{type(error).__name__}: {error}"

    def _put(self, data: bytes, file: Path | None) -> None:
        """Write the autosave where it is, or else where there is room for it."""
        if self._path is not None and self._path.exists():
            try:
                write_atomically(self._path, data)
            except OSError:  # such as a full disk: the old one stays until there is a new one elsewhere
                old, self._path = self._path, _write_first(data, file)
                try:
                    old.unlink(missing_ok=True)
                except OSError:  # in a folder that is read-only just now: it is tried again at the end
                    self._outdated.append(old)
        else:
            self._path = _write_first(data, file)

    def _take(self) -> None:
        """Look at what the thread has done."""
        if self._thread is not None:
            self._thread.join()  # it has nothing left to do
            self._thread = None
        if self._is_closed:
            return
        if not self._document.is_modified:
            self._remove()
            return
        self._tell()
        if self._is_behind:
            self._begin()

    def _tell(self) -> None:
        if not self._problem:
            self.written.emit()
        elif self._problem != self._told:
            self.failed.emit(self._problem)
        self._told = self._problem

    def _remove(self) -> None:
        paths = [*self._outdated, *([self._path] if self._path else [])]
        self._outdated, self._path = [], None
        for path in paths:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                self.failed.emit(f"{path}: {error.strerror}")


def _write_first(data: bytes, file: Path | None) -> Path:
    """Write an autosave where none is, for this user's eyes only; return its path.

    Raises:
        OSError: there is no place for it.
    """
    problem: OSError = FileExistsError("All places for it are taken.")
    for path in places(file):
        try:
            if path.parent == state_folder():
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            continue
        except OSError as error:  # such as a folder that is read-only; there is another place
            problem = error
            continue
        try:
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(data)
                opened.flush()
                os.fsync(descriptor)
            return path
        except OSError as error:
            path.unlink(missing_ok=True)
            problem = error
    raise problem
