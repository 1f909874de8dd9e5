"""A way out of an emulated network, to a server of this machine; no test needs the Internet."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
from nepi_core.resources.netns import nat
from nepi_core.resources.netns.node import Node

from nepi_core.controller import ExperimentController
from nepi_core.errors import DeploymentError
from nepi_core.states import ResourceState
from tests.resources.conftest import PATIENCE

GATEWAY = "198.19.255.2"
NAME_SERVER = "198.19.255.3"
CONNECT = (
    "import socket, sys; s = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout={}); print(s.recv(9))"
)

programs = pytest.mark.parametrize(
    "program",
    [
        pytest.param(name, marks=pytest.mark.skipif(not shutil.which(name), reason=f"{name} is not installed"))
        for name in ("pasta", "slirp4netns")
    ],
)
some_program = pytest.mark.skipif(
    not (shutil.which("pasta") or shutil.which("slirp4netns")), reason="neither pasta nor slirp4netns is installed"
)


class Outskirts:
    """Hosts h1 and h2 at a router, so that all ways of h1 to the rest are a default route; h1 has the way out."""

    def __init__(self, folder: Path) -> None:
        self.ec = ExperimentController("outskirts", local_dir=folder)
        self.h1, self.router, self.h2 = (self.ec.register_resource("netns::Node", name=n) for n in ("h1", "r", "h2"))
        pairs = ((self.h1, self.router), (self.router, self.h2))
        self.links = [self.ec.register_resource("netns::Link", connected_to=pair) for pair in pairs]

    def nat(self, **attributes) -> int:
        return self.ec.register_resource("netns::Nat", connected_to=self.h1, critical=False, **attributes)

    def deploy(self) -> None:
        self.ec.deploy()
        self.ec.wait_started(self.ec.resources, timeout=PATIENCE)

    def outcome(self, guid: int) -> str:
        """Deploy, and return why the way out has failed."""
        self.ec.deploy()
        self.ec.wait(guid, ResourceState.FAILED, timeout=PATIENCE)
        return self.ec.get_resource(guid).cause

    def run(self, guid: int, *command: str) -> tuple[int, str]:
        host = cast(Node, self.ec.get_resource(guid)).host
        done = host.run(command, timeout=PATIENCE)
        return done.status, done.stdout + done.stderr

    def connects(self, port: int, patience: float = PATIENCE) -> bool:
        """Tell whether h1 reaches a server of this machine that listens on localhost."""
        status, _ = self.run(self.h1, sys.executable, "-I", "-S", "-c", CONNECT.format(patience), GATEWAY, str(port))
        return status == 0


@pytest.fixture
def outskirts(tmp_path: Path) -> Iterator[Outskirts]:
    made = Outskirts(tmp_path)
    yield made
    made.ec.shutdown()


@pytest.fixture
def port() -> Iterator[int]:
    """Return the port of a server that greets whoever comes."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def greet() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:  # closed
                    return
                with connection:
                    connection.sendall(b"hello")

        thread = threading.Thread(target=greet)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


@programs
def test_a_node_reaches_this_machine_and_still_all_of_the_network(
    outskirts: Outskirts, port: int, program: str
) -> None:
    outskirts.nat(program=program, localhost=True)
    outskirts.deploy()
    assert outskirts.connects(port)
    assert outskirts.run(outskirts.h1, "ping", "-c1", "-W5", "h2")[0] == 0
    assert outskirts.run(outskirts.h1, "cat", "/etc/resolv.conf") == (0, f"nameserver {NAME_SERVER}\n")
    assert NAME_SERVER not in outskirts.run(outskirts.h2, "cat", "/etc/resolv.conf")[1]
    assert not outskirts.run(outskirts.h2, "ip", "route", "get", "203.0.113.1")[1].count("nat0")


@programs
def test_this_machine_is_closed_unless_asked_for(outskirts: Outskirts, port: int, program: str) -> None:
    outskirts.nat(program=program)
    outskirts.deploy()
    assert not outskirts.connects(port, patience=0.5)
    assert "dev nat0" in outskirts.run(outskirts.h1, "ip", "route", "get", "203.0.113.1")[1]


@some_program
def test_what_is_cut_off_inside_does_not_leave_the_network(outskirts: Outskirts) -> None:
    outskirts.nat()
    outskirts.deploy()
    outskirts.ec.set(outskirts.links[0], "up", False)
    status, told = outskirts.run(outskirts.h1, "ip", "route", "get", "10.0.1.2")
    assert status != 0
    assert "nat0" not in told
    outskirts.ec.set(outskirts.links[0], "up", True)
    assert outskirts.run(outskirts.h1, "ping", "-c1", "-W5", "h2")[0] == 0


@programs
def test_it_closes_and_opens_again(outskirts: Outskirts, port: int, program: str) -> None:
    guid = outskirts.nat(program=program, localhost=True)
    outskirts.deploy()
    rules = outskirts.run(outskirts.h2, "ip", "rule")
    outskirts.ec.stop(guid)
    assert outskirts.ec.state(guid) is ResourceState.STOPPED
    assert not outskirts.connects(port, patience=0.5)
    assert outskirts.run(outskirts.h1, "ip", "rule") == rules
    assert outskirts.run(outskirts.h1, "cat", "/etc/resolv.conf") == (0, "")
    outskirts.ec.start(guid)
    assert outskirts.connects(port)
    outskirts.ec.release([guid], timeout=PATIENCE)
    assert outskirts.run(outskirts.h1, "ip", "rule") == rules
    assert outskirts.run(outskirts.h1, "ping", "-c1", "-W5", "h2")[0] == 0


@some_program
def test_it_fails_when_its_program_dies(outskirts: Outskirts, expect_log) -> None:
    expect_log("The way out has been closed")
    guid = outskirts.nat()
    outskirts.deploy()
    process = cast(nat.Nat, outskirts.ec.get_resource(guid))._process
    assert process
    os.kill(process.pid, 9)
    outskirts.ec.wait(guid, ResourceState.FAILED, timeout=PATIENCE)
    assert "its program ended" in outskirts.ec.get_resource(guid).cause
    assert outskirts.run(outskirts.h1, "ping", "-c1", "-W5", "h2")[0] == 0


@some_program
def test_a_program_that_cannot_tells_why(outskirts: Outskirts, expect_log, monkeypatch: pytest.MonkeyPatch) -> None:
    expect_log("cannot be opened by")
    monkeypatch.setattr(nat, "INTERFACE", "a-name-of-an-interface-that-is-too-long")
    assert outskirts.outcome(outskirts.nat()).startswith("The way out cannot be opened by")


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("pasta", "the program pasta, which is not installed (on Debian: apt-get install passt)"),
        ("auto", "the program pasta or slirp4netns, which is not installed (on Debian: apt-get install passt or slirp"),
    ],
)
def test_a_program_that_is_not_installed(
    outskirts: Outskirts, expect_log, monkeypatch: pytest.MonkeyPatch, program: str, told: str
) -> None:
    expect_log("which is not installed")
    monkeypatch.setattr(nat.shutil, "which", lambda *_, **__: None)
    assert told in outskirts.outcome(outskirts.nat(program=program))


@pytest.mark.parametrize(
    ("device", "told"), [("gone", "is not there (kernel module tun)"), ("mine", "may not be used")]
)
def test_no_device(
    outskirts: Outskirts, expect_log, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, device: str, told: str
) -> None:
    expect_log("A way out of the network needs")
    (tmp_path / "mine").touch()
    monkeypatch.setattr(nat, "_DEVICE", tmp_path / device)
    monkeypatch.setattr(nat.os, "access", lambda *_: False)
    monkeypatch.setattr(nat.shutil, "which", lambda name, **_: name)
    assert told in outskirts.outcome(outskirts.nat())


def test_a_network_that_is_used_already(outskirts: Outskirts, expect_log) -> None:
    expect_log("are in the emulated network")
    assert "(10.0.0.0/23)" in outskirts.outcome(outskirts.nat(network="10.0.1.0/24"))


@pytest.mark.parametrize(
    ("network", "told"), [("10.1.0.1/24", "no IPv4 network"), ("10.1.0.0/26", "too small"), ("fd00::/64", "no IPv4")]
)
def test_a_network_that_is_none(outskirts: Outskirts, network: str, told: str) -> None:
    outskirts.nat(network=network)
    with pytest.raises(DeploymentError, match=told):
        outskirts.ec.deploy()


def test_a_node_has_one_way_out(outskirts: Outskirts) -> None:
    outskirts.nat()
    outskirts.nat()
    with pytest.raises(DeploymentError, match=r"not the only netns::Nat of h1"):
        outskirts.ec.deploy()


def test_it_belongs_to_a_node(outskirts: Outskirts) -> None:
    outskirts.ec.register_resource("netns::Nat")
    with pytest.raises(DeploymentError, match="connected to no netns::Node"):
        outskirts.ec.deploy()
