"""The window's end of the control socket of a run; nothing here blocks."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, Signal

from nepi_gui.control.protocol import Message, Messages, ProtocolError, connect, encode, other_side

_CHUNK = 1024 * 1024
_MOST_AT_ONCE = 8 * 1024 * 1024  # bytes: the window has other things to do than to listen to a run

Answered = Callable[[Sequence[str]], None]
"""Takes what went wrong with a request, in sentences; none when all went well."""


class RunLink(QObject):
    """A connection to a run that goes on.

    Signals:
        received: with a message of the run (see `nepi_gui.control.protocol`).
        lost: there is no connection any more; the run has ended, or its program has.

    Attributes:
        pid: the process of the run.

    Raises:
        OSError: nobody listens in that folder.
    """

    received = Signal(object)
    lost = Signal()

    def __init__(self, folder: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._socket: socket.socket | None = connect(folder)
        self.pid = other_side(self._socket).pid
        self._messages = Messages()
        self._unsent = bytearray()
        self._waiting: dict[int, Answered] = {}
        self._last_id = 0
        descriptor = self._socket.fileno()
        self._reading = QSocketNotifier(descriptor, QSocketNotifier.Type.Read, self)
        self._reading.activated.connect(self._receive)
        self._writing = QSocketNotifier(descriptor, QSocketNotifier.Type.Write, self)
        self._writing.setEnabled(False)
        self._writing.activated.connect(self._send)

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._socket is not None

    def ask(self, do: str, answered: Answered | None = None, **more: Any) -> None:
        """Send a request.

        Args:
            do: what the run is to do.
            answered: called with the answer; also when the connection is lost before it came, but not after `close`.
            more: what belongs to the request.
        """
        self._last_id += 1
        if answered is not None:
            self._waiting[self._last_id] = answered
        self._unsent += encode({"id": self._last_id, "do": do, **more})
        self._send()

    def close(self) -> None:
        """Close the connection; the run goes on. Twice is harmless."""
        if self._socket is None:
            return
        self._reading.setEnabled(False)
        self._writing.setEnabled(False)
        self._socket.close()
        self._socket = None
        self._waiting.clear()

    def _lose(self) -> None:
        if self._socket is not None:
            waiting = list(self._waiting.values())
            self.close()
            for answered in waiting:
                answered([self.tr("The connection to the run was lost before it answered.")])
            self.lost.emit()

    def _send(self) -> None:
        if self._socket is None:
            return
        try:
            sent = self._socket.send(self._unsent) if self._unsent else 0
            del self._unsent[:sent]
        except BlockingIOError:
            pass
        except OSError:  # what it still has to say is read before it is taken for lost
            self._unsent.clear()
        self._writing.setEnabled(bool(self._unsent))

    def _receive(self) -> None:
        received = 0
        while self._socket is not None and received < _MOST_AT_ONCE:
            try:
                chunk = self._socket.recv(_CHUNK)
            except BlockingIOError:
                return
            except OSError:
                chunk = b""
            if not chunk:
                self._lose()
                return
            received += len(chunk)
            self._take(chunk)

    def _take(self, chunk: bytes) -> None:
        try:
            for message in self._messages.take(chunk):
                if self._socket is None:  # closed by who received the message before
                    return
                if message.get("type") == "answer":
                    self._answer(message)
                else:
                    self.received.emit(message)
        except ProtocolError:
            self._lose()

    def _answer(self, message: Message) -> None:
        answered = self._waiting.pop(message.get("id", 0), None)
        if answered is not None:
            answered([str(each) for each in message.get("errors", ())])
