"""Saving a copy of a trace, of any size, beside the window."""

from __future__ import annotations

import os
import secrets
import threading
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from nepi_core.errors import NepiError
from nepi_gui.background import Background
from nepi_gui.file_window import open_regular

_CHUNK = 1024 * 1024


class TraceSaving(QObject):
    """Copies one trace at a time; what it has at the beginning, should it grow meanwhile.

    Signals:
        done: with a sentence: it was saved, or why not.
    """

    done = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._leaving = threading.Event()
        self._background = Background(self)
        self._background.finished.connect(self._tell)
        self._background.failed.connect(self._tell)

    @property
    def is_busy(self) -> bool:
        """Whether a trace is being copied."""
        return self._background.is_busy

    def save(self, source: Path, target: Path) -> None:
        """Copy a trace to a file, which is the old one until the new one is complete."""
        text, refused = self.tr("Saved as {0}."), self.tr("{0} cannot be saved: {1}.")

        def work() -> str:
            try:
                copy_file(source, target, self._leaving)
            except OSError as error:
                raise NepiError(refused.format(target, error.strerror or error)) from None
            return text.format(target)

        self._background.run(work)

    def close(self) -> None:
        """Give up what goes on; nothing is left of it."""
        self._leaving.set()
        self._background.close()

    def _tell(self, sentence: str) -> None:
        self.done.emit(sentence)


def copy_file(source: Path, target: Path, leaving: threading.Event) -> None:
    """Copy a file as it is now.

    Args:
        source: the file.
        target: the copy; it is the old file until the new one is complete.
        leaving: set to give up.

    Raises:
        OSError: it cannot be read or written, or was given up; nothing has changed.
    """
    fresh = target.parent / f".{secrets.token_hex(8)}.tmp"
    with open_regular(source) as descriptor:
        status, place = os.fstat(descriptor.number), 0
        if target.exists() and os.path.samestat(status, target.stat()):
            raise OSError(0, "that is the trace itself", str(target))
        try:
            with fresh.open("xb") as file:
                while place < status.st_size:
                    if leaving.is_set():
                        raise OSError(0, "the window was closed", str(target))
                    data = os.pread(descriptor.number, min(_CHUNK, status.st_size - place), place)
                    if not data:
                        break
                    place += file.write(data)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(target)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
