"""The forwarder: carries the frames of user-space links between their inner ends, with delay, loss and the like.

It runs in the fabric's network namespace. Descriptor 0 is a SOCK_SEQPACKET socket to the controller, each message a
JSON object: the controller says ``open``, ``set`` and ``close`` (member ``verb``), the forwarder answers ``opened``,
``set`` and ``closed``, and tells ``failed`` with a sentence, then or later. Descriptor 1 may be a memory file for the
counters: eight unsigned 64-bit numbers for each slot, forward and then backward: received, sent, lost, overflow.

Frames that the kernel had no room for, or refused to send, are in ``overflow``, so that received, and those that were
doubled, are always sent, lost, overflow and under way. One thread does it all, woken by frames, by the time when the
next ones are due, and by the controller. Other threads close sockets, which takes the kernel some 10 ms each.
"""

from __future__ import annotations

import _socket
import gc
import json
import mmap
import os
import resource
import select
import signal
import stat
import sys
from array import array
from collections import deque
from collections.abc import Callable
from typing import Any, NoReturn

from .exact_timer import ExactTimer, ask_for_short_turns
from .forwarder_links import Direction, Link, Store, close_side_by_side
from .frame_trays import Outbox

_LONGEST_MESSAGE = 65536
_EVENTS = 32  # sources that are read before what is due gets its turn
_SLOT = 8  # counters of a link
_WAYS = ("forward", "backward")

Message = dict[str, Any]


class Counters:
    """The counters of all links, in the file of a descriptor when it is one, else only in this process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
        self._all = memoryview(array("Q"))

    def of_slot(self, slot: int) -> memoryview:
        """Return the counters of a slot, all 0.

        Raises:
            ValueError: the file has no such slot.
        """
        if not self._is_file:
            return memoryview(array("Q", [0] * _SLOT))
        first, last = slot * _SLOT, (slot + 1) * _SLOT
        if last > len(self._all):  # for the first time, or the file has grown
            self._all = self._map()
        if not 0 <= first < last <= len(self._all):
            raise ValueError(f"The counters have no slot {slot}; their file has {len(self._all) // _SLOT}")
        counters = self._all[first:last]
        counters[:] = array("Q", [0] * _SLOT)
        return counters

    def _map(self) -> memoryview:
        size = os.fstat(self._descriptor).st_size // 8 * 8
        return memoryview(mmap.mmap(self._descriptor, size)).cast("Q") if size else memoryview(array("Q"))


class Forwarder:
    """Carries the frames of all links of one controller."""

    def __init__(self, channel: _socket.socket, counters: Counters) -> None:
        self._channel = channel
        self._counters = counters
        self._unsent: deque[bytes] = deque()
        self._links: dict[int, Link] = {}
        self._of_source: dict[int, Direction] = {}
        self._store = Store()
        self._busy: set[Direction] = set()  # those with frames that are due
        self._outbox = Outbox()
        self._timer = ExactTimer()
        self._events = select.epoll()
        self._events.register(channel.fileno(), select.EPOLLIN)
        self._events.register(self._timer.descriptor, select.EPOLLIN)

    def serve(self) -> None:
        """Carry frames until the controller has gone."""
        channel = self._channel.fileno()
        while True:
            for descriptor, event in self._events.poll(0 if self._busy else None, _EVENTS):
                direction = self._of_source.get(descriptor)
                if direction:
                    self._attempt(direction, direction.receive)
                elif descriptor == channel and not self._converse(event):
                    return
            self._busy |= self._store.release()
            for direction in tuple(self._busy):
                self._attempt(direction, direction.send, self._outbox)
                if not direction.queue:
                    self._busy.remove(direction)
            self._timer.set(self._store.next_due())  # also makes a timer that has fired quiet again

    def end(self) -> None:
        """Close everything."""
        sockets = [each for link in self._links.values() for each in link.sockets]
        for thread in close_side_by_side(sockets):
            thread.join()
        self._events.close()
        self._timer.close()

    def _attempt(self, direction: Direction, work: Callable[..., None], *arguments: Outbox) -> None:
        try:
            work(*arguments)
        except OSError as error:
            self._close(direction.link)
            self._say(link=direction.link, failed=_sentence(error))

    # -- what the controller may say

    def _converse(self, event: int) -> bool:
        """Hear and say what is to be; return False when the controller has gone."""
        if event & select.EPOLLOUT:
            self._flush()
        if not event & ~select.EPOLLOUT:
            return True
        try:
            content = self._channel.recv(_LONGEST_MESSAGE)
        except ConnectionResetError:
            return False
        if content:
            message = json.loads(content)
            getattr(self, f"_on_{message['verb']}")(message)
        return bool(content)

    def _on_open(self, message: Message) -> None:
        number = message["link"]
        try:
            if number in self._links:
                raise ValueError(f"Link {number} is open already")
            counters = self._counters.of_slot(message["slot"])
            link = Link(number, message["ends"], [message[way] for way in _WAYS], counters, self._store)
        except (OSError, ValueError) as error:
            self._say(link=number, failed=_sentence(error))
            return
        self._links[number] = link
        for direction in link.directions:
            self._of_source[direction.source.descriptor] = direction
            self._events.register(direction.source.descriptor, select.EPOLLIN)
        self._say(link=number, opened=True)

    def _on_set(self, message: Message) -> None:
        number = message["link"]
        try:
            if number not in self._links:
                raise ValueError(f"Link {number} is not open")
            self._links[number].set([message[way] for way in _WAYS])
        except ValueError as error:
            self._say(link=number, failed=_sentence(error))
        else:
            self._say(link=number, set=True)

    def _on_close(self, message: Message) -> None:
        self._close(message["link"])
        self._say(link=message["link"], closed=True)

    def _close(self, number: int) -> None:
        link = self._links.pop(number, None)
        if not link:
            return  # it has failed before
        link.stop()
        for each in link.sockets:
            del self._of_source[each.descriptor]
            self._events.unregister(each.descriptor)
        close_side_by_side(link.sockets)

    # -- what it says

    def _say(self, **message: int | str) -> None:
        self._unsent.append(json.dumps(message).encode())
        self._flush()

    def _flush(self) -> None:
        """Send what the controller has room for; the rest waits until it reads on."""
        try:
            while self._unsent:
                self._channel.send(self._unsent[0], _socket.MSG_DONTWAIT)
                self._unsent.popleft()
        except BlockingIOError:
            self._events.modify(self._channel.fileno(), select.EPOLLIN | select.EPOLLOUT)
            return
        except (BrokenPipeError, ConnectionResetError):
            self._unsent.clear()  # there is nobody to tell
        self._events.modify(self._channel.fileno(), select.EPOLLIN)


def _sentence(error: OSError | ValueError) -> str:
    if isinstance(error, OSError):
        return f"Interface {error.filename} cannot be used: {error.strerror}."
    return f"{error}."


def _end(*_: object) -> NoReturn:
    sys.exit(0)


def main() -> None:
    """Serve the controller at descriptor 0."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is for the controller, which then tells
    signal.signal(signal.SIGTERM, _end)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    ask_for_short_turns()
    gc.disable()  # nothing here makes circles, and frames should not wait for a search for some
    forwarder = Forwarder(_socket.socket(fileno=0), Counters(1))
    try:
        forwarder.serve()
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        forwarder.end()
