"""A run that is only played: what a test wants it to say is said to who watches."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nepi_core.lifecycle import StateChange
from nepi_core.runs.store import RunStore
from nepi_gui.control.protocol import SOCKET_NAME, VERSION, encode, listen


class PlayedRun:
    """A folder with a record that somebody writes; with a socket, once that is opened.

    Attributes:
        store: the record.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = RunStore(folder)
        self.store.facts(exp_id="played", run_id=folder.name, began=0.0, outcome="running")
        self.store.flush()
        self._listening: socket.socket | None = None
        self._connection: socket.socket | None = None

    def open(self) -> None:
        """Let others connect."""
        self._listening = listen(self.folder)

    def welcome(self) -> None:
        """Accept who has connected."""
        assert self._listening is not None
        if self._connection is not None:
            self._connection.close()
        self._listening.settimeout(20)
        self._connection, _ = self._listening.accept()

    def say(self, **message: Any) -> None:
        """Say something to who was welcomed."""
        assert self._connection is not None
        self._connection.sendall(encode(message))

    def greet(self, **more: Any) -> None:
        """Say the first message, as it is or with other contents."""
        self.say(**{"type": "hello", "version": VERSION, "held": False, "states": [], "values": [], **more})

    def record(self, *changes: StateChange) -> None:
        """Write down what has happened."""
        for change in changes:
            self.store.state_changed(change)
        self.store.flush()

    def hang_up(self) -> None:
        """Have no socket any more; the run goes on."""
        for each in (self._connection, self._listening):
            if each is not None:
                each.close()
        self._connection = self._listening = None
        (self.folder / SOCKET_NAME).unlink(missing_ok=True)

    def end(self) -> None:
        """End as a program does that was killed: it lets go of everything, and says nothing."""
        self.hang_up()
        self.store.close()


@contextmanager
def played(folder: Path) -> Iterator[PlayedRun]:
    """Play a run while this is entered."""
    run = PlayedRun(folder)
    try:
        yield run
    finally:
        run.end()
