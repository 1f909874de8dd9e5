"""The run's end of the control socket: tells all who watch what happens, and takes their requests."""

from __future__ import annotations

import logging
import os
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nepi_core.description import Value
from nepi_core.errors import NepiError, UnknownResourceError
from nepi_core.lifecycle import StateChange
from nepi_core.states import ResourceState
from nepi_gui.control.protocol import SOCKET_NAME, VERSION, Message, Messages, ProtocolError, encode, listen, other_side
from nepi_gui.control.requests import Requests, RunInCharge

if TYPE_CHECKING:
    from nepi_core.controller import ExperimentController

logger = logging.getLogger("nepi.control")

_FOLD_SECONDS = 1 / 30
_FURTHEST_BEHIND = 32 * 1024 * 1024  # bytes that a watcher who does not read may have waiting for it
_LAST_SECONDS = 1.0  # that watchers get to read how it ended
_CHUNK = 256 * 1024


class _Watcher:
    """One who watches: what was received of it, and what is still to be sent."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.messages = Messages()
        self.unsent = bytearray()


class ControlServer:
    """Serves those who watch a run, in a thread of its own, until it is closed.

    Changes are folded: the first is told at once, those that come within 33 ms after it together.

    Args:
        ec: the controller; its run's folder gets the socket.
        run: decides when the run is over.
        facts: what the hello says beside the states: file, held ...

    Raises:
        OSError: there can be no socket in the folder.
    """

    def __init__(self, ec: ExperimentController, run: RunInCharge, facts: Callable[[], Message]) -> None:
        self._ec = ec
        self._facts = facts
        self._requests = Requests(ec, run)
        self._folder = Path(ec.run_dir)
        self._changes: deque[StateChange] = deque()
        self._values: deque[tuple[int, str, Value | None]] = deque()
        self._set_so_far: dict[int, dict[str, Value | None]] = {}
        self._outgoing: deque[tuple[_Watcher | None, Message]] = deque()
        self._watchers: dict[socket.socket, _Watcher] = {}
        self._closing = False
        self._last: Message = {}
        self._told = False
        self._rousing = threading.Lock()
        self._listening = listen(self._folder)
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listening, selectors.EVENT_READ)
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._ends = (ec.subscribe(self._changed), ec.subscribe_values(self._set))
        self._thread = threading.Thread(target=self._work, name="nepi-control", daemon=True)
        self._thread.start()

    def tell(self, **message: Any) -> None:
        """Tell something to all who watch; any thread may call it."""
        self._outgoing.append((None, message))
        self._rouse()

    def close(self, **last: Any) -> None:
        """Tell what is still to be told, and end. Twice is harmless.

        Args:
            last: a message that comes after all others.
        """
        if self._closing:
            return
        for end in self._ends:
            end()
        self._last = last
        self._closing = True
        self._rouse()
        self._thread.join()
        with self._rousing:
            os.close(self._wake)
            self._wake = -1

    def _changed(self, change: StateChange) -> None:
        if change.new is ResourceState.RELEASED:
            self._set_so_far.pop(change.guid, None)
        self._changes.append(change)
        if not self._told:
            self._told = True
            self._rouse()

    def _set(self, guid: int, name: str, value: Value | None) -> None:
        self._set_so_far.setdefault(guid, {})[name] = value
        self._values.append((guid, name, value))
        self._rouse()

    def _rouse(self) -> None:
        with self._rousing:  # a worker that answers late must not write to whatever has the number after `close`
            if self._wake >= 0:
                os.eventfd_write(self._wake, 1)

    # -- the thread --------------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            self._serve()
        except Exception:
            logger.exception("The run cannot be watched or driven from other programs any more")
            for end in self._ends:
                end()
        finally:
            for watcher in list(self._watchers.values()):
                self._drop(watcher)
            self._selector.close()
            self._listening.close()
            with suppress(OSError):
                (self._folder / SOCKET_NAME).unlink()

    def _serve(self) -> None:
        told_at = 0.0
        while not self._closing:
            waits = self._changes or self._values
            due = max(0.0, told_at + _FOLD_SECONDS - time.monotonic()) if waits else None
            self._look(due)
            if (self._changes or self._values) and time.monotonic() >= told_at + _FOLD_SECONDS:
                self._tell_news()
                told_at = time.monotonic()
            self._send_waiting()
        self._tell_news()
        if self._last:
            self._outgoing.append((None, self._last))
        self._send_waiting()
        self._see_off()

    def _look(self, timeout: float | None) -> None:
        for key, events in self._selector.select(timeout):
            if key.fileobj is self._listening:
                self._welcome()
            elif key.fd == self._wake:
                os.eventfd_read(self._wake)
            else:
                watcher = key.data
                if events & selectors.EVENT_READ:
                    self._receive(watcher)
                if events & selectors.EVENT_WRITE and watcher.connection in self._watchers:
                    self._send(watcher)

    def _see_off(self) -> None:
        """Give those who are slow a moment to read the last messages."""
        until = time.monotonic() + _LAST_SECONDS
        while any(each.unsent for each in self._watchers.values()) and time.monotonic() < until:
            self._look(until - time.monotonic())

    def _welcome(self) -> None:
        with suppress(BlockingIOError, ConnectionError):
            connection, _ = self._listening.accept()
            if other_side(connection).uid not in (0, os.geteuid()):
                connection.close()
                return
            connection.setblocking(False)
            watcher = self._watchers[connection] = _Watcher(connection)
            self._selector.register(connection, selectors.EVENT_READ, watcher)
            self._give(watcher, self._hello())

    def _hello(self) -> Message:
        states = []
        for guid in self._ec.resources:
            with suppress(UnknownResourceError):  # it gives way to another one just now
                changes = self._ec.get_resource(guid).life.changes
                if changes:
                    last = changes[-1]
                    states.append((guid, int(last.new), last.time, last.cause))
        return {
            "type": "hello",
            "version": VERSION,
            "pid": os.getpid(),
            "exp_id": self._ec.exp_id,
            "run_id": self._ec.run_id,
            **self._facts(),
            "states": states,
            "values": [(guid, *each) for guid, own in self._set_so_far.copy().items() for each in own.copy().items()],
        }

    def _tell_news(self) -> None:
        self._told = False  # before they are taken: what comes from now on rouses this thread again
        changes = [self._changes.popleft() for _ in range(len(self._changes))]
        values = [self._values.popleft() for _ in range(len(self._values))]
        if changes:
            rows = [(each.guid, int(each.old), int(each.new), each.time, each.cause) for each in changes]
            self._outgoing.append((None, {"type": "changes", "changes": rows}))
        if values:
            self._outgoing.append((None, {"type": "values", "values": values}))

    def _send_waiting(self) -> None:
        while self._outgoing:
            to, message = self._outgoing.popleft()
            encoded = encode(message)
            for watcher in [to] if to is not None else list(self._watchers.values()):
                if watcher.connection in self._watchers:
                    watcher.unsent += encoded
                    self._send(watcher)

    def _give(self, watcher: _Watcher, message: Message) -> None:
        watcher.unsent += encode(message)
        self._send(watcher)

    def _send(self, watcher: _Watcher) -> None:
        try:
            sent = watcher.connection.send(watcher.unsent)
            del watcher.unsent[:sent]
        except BlockingIOError:
            pass
        except OSError:  # it has gone; but what it asked for before that is still to be read
            watcher.unsent.clear()
        if len(watcher.unsent) > _FURTHEST_BEHIND:
            logger.warning("A program that watches the run does not read what it is told; it is not told any more.")
            self._drop(watcher)
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if watcher.unsent else 0)
        self._selector.modify(watcher.connection, events, watcher)

    def _receive(self, watcher: _Watcher) -> None:
        try:
            received = watcher.connection.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if not received:
            self._drop(watcher)
            return
        try:
            for request in watcher.messages.take(received):
                self._carry_out(watcher, request)
        except ProtocolError as error:
            logger.warning("A program that watches the run asks for what there is not: %s", error)
            self._drop(watcher)

    def _carry_out(self, watcher: _Watcher, request: Message) -> None:
        number = request.get("id")
        answer = partial(self._answer, watcher, number)
        try:
            self._requests.carry_out(request, answer)
        except NepiError as error:
            answer([str(error)])

    def _answer(self, watcher: _Watcher, number: object, errors: Sequence[str]) -> None:
        if not self._closing:
            self._outgoing.append((watcher, {"type": "answer", "id": number, "errors": list(errors)}))
            self._rouse()

    def _drop(self, watcher: _Watcher) -> None:
        if self._watchers.pop(watcher.connection, None) is not None:
            self._selector.unregister(watcher.connection)
            watcher.connection.close()
