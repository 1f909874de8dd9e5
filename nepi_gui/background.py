"""Work in a thread beside the window, of which only the latest counts."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from nepi_core.errors import NepiError

logger = logging.getLogger("nepi.gui")

_PATIENCE = 10.0  # seconds: what a plug-in does without end must not keep the window open


def wait_for(thread: threading.Thread) -> None:
    """Wait until a thread has ended, but not for ever; it must be a daemon."""
    thread.join(_PATIENCE)
    if thread.is_alive():
        logger.warning("%s still works on something, perhaps without end; it is left behind.", thread.name)


Work = Callable[[], object]


class Background(QObject):
    """Does one piece of work at a time; newer work takes the place of what goes on, whose result is thrown away.

    Signals:
        finished: with the result of the latest work.
        failed: with a sentence that says why there is none.
    """

    finished = Signal(object)
    failed = Signal(str)
    _ended = Signal(int, object, str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._wanted = 0
        self._number = 0
        self._waiting: Work | None = None
        self._thread: threading.Thread | None = None
        self._is_closed = False
        self._ended.connect(self._take)

    @property
    def is_busy(self) -> bool:
        """Whether a result is still to come."""
        return self._waiting is not None or (self._thread is not None and self._number == self._wanted)

    def run(self, work: Work) -> None:
        """Do this, as soon as what goes on has ended."""
        self._wanted += 1
        self._waiting = work
        if self._thread is None:
            self._start()

    def cancel(self) -> None:
        """Throw away what goes on."""
        self._wanted += 1
        self._waiting = None

    def close(self) -> None:
        """Throw away what goes on, and wait until it has ended; do no more."""
        self._is_closed = True  # what is left behind must not tell its result to nobody
        self.cancel()
        if self._thread is not None:
            wait_for(self._thread)
            self._thread = None

    def _start(self) -> None:
        work, self._waiting = self._waiting, None
        if work is not None:
            self._number = self._wanted
            self._thread = threading.Thread(
                target=self._do, args=(self._number, work), name="nepi-background", daemon=True
            )
            self._thread.start()

    def _do(self, number: int, work: Work) -> None:
        try:
            result, fault = work(), ""
        except NepiError as error:
            result, fault = None, str(error) or type(error).__name__
        except Exception as error:  # it must be told, or who waits for it would wait for ever
            logger.warning("Work in the background has failed", exc_info=True)
            result, fault = None, f"{type(error).__name__}: {error}"
        if not self._is_closed:
            self._ended.emit(number, result, fault)

    def _take(self, number: int, result: object, fault: str) -> None:
        if self._thread is not None:
            self._thread.join()  # it has nothing left to do
            self._thread = None
        if number == self._wanted:
            if fault:
                self.failed.emit(fault)
            else:
                self.finished.emit(result)
        if self._thread is None:
            self._start()
