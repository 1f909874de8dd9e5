"""The socket of a run: what it tells, what it does when it is asked, and what it bears."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from nepi_core.controller import ExperimentController
from nepi_gui.control import server as server_module
from nepi_gui.control.protocol import Message, Messages, connect, encode
from nepi_gui.control.server import ControlServer

_PATIENCE = 20.0


class InCharge:
    """Notes what the run was asked for."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.told = threading.Event()

    def _note(self, what: object) -> None:
        self.asked.append(what)
        self.told.set()

    def end(self) -> None:
        self._note("end")

    def hurry(self) -> None:
        self._note("hurry")

    def hold(self, held: bool) -> None:
        self._note(("hold", held))

    def added(self, guids: Sequence[int]) -> None:
        self._note(("added", list(guids)))


class Watcher:
    """A program that watches, with a connection of its own."""

    def __init__(self, folder: Path) -> None:
        self.socket = connect(folder)
        self.socket.settimeout(_PATIENCE)
        self._messages = Messages()
        self._received: list[Message] = []
        self.hello = self.next("hello")

    def next(self, kind: str) -> Message:
        """Return the next message of a kind; those before it are forgotten."""
        while True:
            while self._received:
                message = self._received.pop(0)
                if message["type"] == kind:
                    return message
            received = self.socket.recv(65536)
            assert received, f"the connection was closed before {kind} came"
            self._received += self._messages.take(received)

    def ask(self, do: str, **more: Any) -> list[str]:
        """Ask for something and return the errors of the answer."""
        self.socket.sendall(encode({"id": 7, "do": do, **more}))
        answer = self.next("answer")
        assert answer["id"] == 7
        errors: list[str] = answer["errors"]
        return errors

    def is_dropped(self) -> bool:
        """Wait for the end of the connection."""
        try:
            while self.socket.recv(1 << 20):
                pass
        except ConnectionError:
            pass
        return True


@pytest.fixture
def ec(tmp_path: Path, types: None) -> Iterator[ExperimentController]:
    with ExperimentController("served", tmp_path, run_id="run") as made:
        for _ in range(3):
            made.register_resource("test::Server")
        yield made


@pytest.fixture
def charge() -> InCharge:
    return InCharge()


@pytest.fixture
def server(ec: ExperimentController, charge: InCharge) -> Iterator[ControlServer]:
    ec.deploy([1, 2])
    ec.wait_started([1, 2])
    made = ControlServer(ec, charge, lambda: {"held": False})
    yield made
    made.close()


@pytest.fixture
def watcher(server: ControlServer, ec: ExperimentController) -> Iterator[Watcher]:
    made = Watcher(Path(ec.run_dir))
    yield made
    made.socket.close()


def test_it_greets_with_all_states(watcher: Watcher, ec: ExperimentController) -> None:
    assert {guid: state for guid, state, *_ in watcher.hello["states"]} == {1: 4, 2: 4}
    assert watcher.hello["exp_id"] == "served"
    assert watcher.hello["version"] == 1


def test_it_tells_changes_and_does_what_it_is_asked(watcher: Watcher, ec: ExperimentController) -> None:
    assert watcher.ask("stop", guids=[1, 2]) == []
    ec.wait_finished([1, 2])
    assert watcher.ask("start", guids=[1]) == []
    assert watcher.ask("release", guids=[1]) == []
    assert ec.state(1, hr=True) == "RELEASED"
    assert watcher.ask("deploy", guids=[3]) == []
    ec.wait_started([3])


def test_changes_come_with_their_times(watcher: Watcher, ec: ExperimentController) -> None:
    ec.stop(1)
    changes = watcher.next("changes")["changes"]
    change = ec.get_resource(1).life.changes[-1]
    assert [1, int(change.old), int(change.new), change.time, change.cause] in changes


def test_the_run_is_asked_for_what_concerns_it(watcher: Watcher, charge: InCharge) -> None:
    assert watcher.ask("hold", held=True) == []
    assert watcher.ask("end") == []
    assert watcher.ask("hurry") == []
    assert charge.asked == [("hold", True), "end", "hurry"]


@pytest.mark.parametrize(
    ("do", "more", "told"),
    [
        ("fly", {}, "cannot do 'fly'"),
        ("deploy", {}, "not complete"),
        ("deploy", {"guids": "no"}, ""),
        ("stop", {"guids": [99]}, "99"),
        ("set", {"guid": 1, "name": "no-such", "value": 1}, "no-such"),
        ("set", {"guid": 1}, "not complete"),
        ("set", {"guid": float("inf"), "name": "program", "value": 1}, "not complete"),
        ("add", {"guids": [9], "xml": "<experiment><rms/></experiment>"}, "no resource 9"),
        ("add", {"guids": [9], "xml": "<experiment"}, ""),
        ("add", {"guids": [1], "xml": "<experiment/>"}, ""),
    ],
)
def test_what_cannot_be_done_is_told(watcher: Watcher, do: str, more: dict[str, Any], told: str) -> None:
    errors = watcher.ask(do, **more)
    assert errors
    assert told in errors[0]
    assert watcher.ask("hold", held=False) == []


def test_who_talks_nonsense_is_dropped_and_the_others_stay(
    server: ControlServer, ec: ExperimentController, watcher: Watcher
) -> None:
    other = Watcher(Path(ec.run_dir))
    other.socket.sendall(b"\xff\xfe nonsense\n")
    assert other.is_dropped()
    other.socket.close()
    assert watcher.ask("hold", held=True) == []


def test_who_does_not_read_is_dropped(
    server: ControlServer, ec: ExperimentController, watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "_FURTHEST_BEHIND", 100_000)
    lazy = Watcher(Path(ec.run_dir))
    lazy.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    for _ in range(40):
        server.tell(type="ballast", text="x" * 50_000)
        watcher.next("ballast")
    assert lazy.is_dropped()
    lazy.socket.close()


def test_what_was_asked_before_leaving_is_done(ec: ExperimentController, charge: InCharge) -> None:
    ec.deploy([1])
    may_greet = threading.Event()
    server = ControlServer(ec, charge, lambda: {"held": not may_greet.wait(_PATIENCE)})
    leaving = connect(Path(ec.run_dir))
    leaving.sendall(encode({"id": 1, "do": "end"}))
    leaving.close()
    may_greet.set()  # the greeting finds nobody there any more
    assert charge.told.wait(_PATIENCE)
    assert charge.asked == ["end"]
    server.close()


def test_the_last_words_are_read(server: ControlServer, watcher: Watcher) -> None:
    server.tell(type="ending")
    server.close(type="ended", outcome="done")
    watcher.next("ending")
    assert watcher.next("ended")["outcome"] == "done"
    assert watcher.is_dropped()
