"""A way out of an emulated network into the real one."""

from __future__ import annotations

import ipaddress
import os
import select
import shutil
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from nepi_core.attribute import Attribute, Flags
from nepi_core.errors import CommandError, HostError
from nepi_core.hosts.host import Process
from nepi_core.resource import ResourceManager
from nepi_core.resource_type import Drawn
from nepi_core.states import ResourceState
from nepi_core.trace import Trace
from nepi_core.trace_file import last_output

from ._batches import program_environment
from ._keeper import program_command
from ._plan.model import Plan

if TYPE_CHECKING:
    from .node import Node

INTERFACE = "nat0"
_PACKAGES = {"pasta": "passt", "slirp4netns": "slirp4netns"}  # Debian's, of the programs
_DEVICE = Path("/dev/net/tun")
_NAMES = Path("/etc/resolv.conf")
_GRACE = 0.5
_PATIENCE = 10.0  # seconds for what takes some hundredths
_TABLE = 100
_PRIORITIES = (100, 101, 102)


class WayOut(NamedTuple):
    """Where a program carries packets from, and how.

    Attributes:
        namespaces: files of the node's user and network namespace.
        network: its own address is the hundredth, that of the gateway the second, that of the name server the third.
        localhost: the gateway's address stands for this machine.
        inside: networks of the emulated network.
    """

    namespaces: tuple[str, str]
    network: ipaddress.IPv4Network
    localhost: bool
    inside: tuple[ipaddress.IPv4Network, ...]

    @property
    def own(self) -> str:
        """Address of the node."""
        return str(self.network[100])

    @property
    def gateway(self) -> str:
        """Address that packets are sent to."""
        return str(self.network[2])

    @property
    def name_server(self) -> str:
        """Address where names are asked for."""
        return str(self.network[3])

    def pasta(self, program: str) -> list[str]:
        """Return the command of pasta, which writes to standard output when it is ready."""
        user, net = self.namespaces
        return [
            program, "--foreground", "--quiet", "--stderr", "--ipv4-only", "--pid", "/dev/stdout",
            # It would give up being root, and so what it needs to come in.
            *(("--runas", "0:0") if os.geteuid() == 0 else ()),
            *("--userns", user, "--netns", net, "--ns-ifname", INTERFACE),
            *("--address", self.own, "--netmask", str(self.network.prefixlen), "--gateway", self.gateway),
            *("--dns-forward", self.name_server, *(() if self.localhost else ("--no-map-gw",))),
            *("--tcp-ports", "none", "--udp-ports", "none", "--tcp-ns", "none", "--udp-ns", "none"),
        ]  # fmt: skip

    def slirp4netns(self, program: str) -> list[str]:
        """Return the command of slirp4netns, which writes to standard output when it is ready."""
        user, net = self.namespaces
        return [
            *("sh", "-c", 'exec "$@" 3>&1 >&2', "sh"),
            *(program, "--ready-fd=3", f"--cidr={self.network}", "--mtu=1500"),
            *(() if self.localhost else ("--disable-host-loopback",)),
            *("--netns-type=path", f"--userns-path={user}", net, INTERFACE),
        ]

    def set_up(self) -> list[str]:
        """Return the commands of ip for the node: the way out is for what the emulated network has not.

        A table of its own, and not a default route: that may lead to the rest of the emulated network already. When a
        cut takes the way to a part of that, its packets must not leave it.
        """
        first, second, third = _PRIORITIES
        return [
            f"address add {self.own}/{self.network.prefixlen} dev {INTERFACE}",
            f"link set {INTERFACE} up",
            f"route add default via {self.gateway} dev {INTERFACE} table {_TABLE}",
            f"rule add priority {first} lookup main suppress_prefixlength 0",
            *(f"rule add priority {second} to {block} lookup main" for block in self.inside),
            *(f"route add unreachable {block} table {_TABLE}" for block in self.inside),
            f"rule add priority {third} lookup {_TABLE}",
        ]

    def take_down(self) -> list[str]:
        """Return the commands of ip that undo what is left when the interface has gone."""
        first, second, third = _PRIORITIES
        rules = [first, *(second for _ in self.inside), third]
        return [*(f"rule delete priority {each}" for each in rules), f"route flush table {_TABLE}"]


class Nat(ResourceManager, rtype="netns::Nat", drawn=Drawn.BADGE, icon="nat"):
    """A way out of an emulated network into the real one, for one node, by a program of this user: no rights needed.

    From the node, TCP, UDP and names (DNS) work as on this machine, and pings if this user may ping. Nothing comes in
    that was not asked for, other nodes have no part in it, and it is IPv4 only. What the emulated network has addresses
    for stays inside. It works from READY on, so that all programs find it; stopped, the way is closed.
    """

    program = Attribute(
        help="Program that carries the packets: pasta (package passt), slirp4netns, or auto: what there is of these",
        default="auto",
        allowed=("auto", "pasta", "slirp4netns"),
        flags=Flags.Design,
    )
    network = Attribute(
        help="IPv4 network between node and program, where neither the emulated nor the real network has addresses; "
        "the gateway has its second address, a name server the third, the node the hundredth",
        default="198.19.255.0/24",
        flags=Flags.Design,
    )
    localhost = Attribute(
        help="The gateway's address stands for this machine, so that the node reaches servers that listen on localhost",
        default=False,
        flags=Flags.Design,
    )

    log = Trace(help="What the program told about itself", enabled=True)

    _process: Process | None = None
    _taking_down: Sequence[str] = ()  # commands that undo what was set up in the node

    @property
    def node(self) -> Node | None:
        """The node that the way out is for."""
        found = self.get_connected("netns::Node")
        return found[0] if len(found) == 1 else None

    def deployment_refusal(self) -> str:
        """Say so when it belongs to no node, or its network is none."""
        if self.node is None:
            return "is connected to no netns::Node, or to several; it is the way out for one."
        if len(self.node.get_connected("netns::Nat")) > 1:
            return f"is not the only netns::Nat of {self.node.shown_name()}; a node has one way out."
        try:
            fits = ipaddress.IPv4Network(self.get("network")).prefixlen <= 25
        except ValueError as error:
            return f"attribute 'network' is {self.get('network')!r}, which is no IPv4 network: {error}."
        return "" if fits else f"attribute 'network' is {self.get('network')}, too small: it takes a prefix up to /25."

    def deploys_after(self) -> Iterable[int]:
        """Return the node."""
        return () if self.node is None else (self.node.guid,)

    def do_deploy(self) -> None:
        """Open the way out."""
        self._open()
        super().do_deploy()

    def do_start(self) -> None:
        """Open the way out again, if it was closed."""
        if self._process is None:
            self._open()
        super().do_start()

    def do_stop(self) -> None:
        """Close the way out."""
        self._close()
        super().do_stop()

    def do_cancel(self) -> None:
        """Ask the program to end."""
        if self._process is not None:
            self._process.stop(_GRACE)

    def do_fail(self) -> None:
        """Become FAILED, and have the program end."""
        self.do_cancel()
        super().do_fail()

    def do_release(self) -> None:
        """Close the way out."""
        self._close()
        super().do_release()

    # -- opening

    def _open(self) -> None:
        node = self.node
        assert node is not None
        way = self._way(node)
        if both := [str(block) for block in way.inside if way.network.overlaps(block)]:
            raise HostError(
                f"attribute 'network' is {way.network}, and addresses of that are in the emulated network "
                f"({', '.join(both)})."
            )
        self._start_program(way, *self._found_program())
        if self.cancelled:
            return
        self._batch(node, way.set_up())
        self._taking_down = way.take_down()
        if _NAMES.exists():
            self._name_servers.write_text(f"nameserver {way.name_server}\n")
            node.host.run(program_command("file_over", str(self._name_servers), str(_NAMES)), check=True)

    def _way(self, node: Node) -> WayOut:
        keeper, descriptors = node.network.entrance(node.guid)
        folder = f"/proc/{keeper.partition('.')[0]}"
        files = (f"{folder}/ns/user", f"{folder}/fd/{descriptors.partition(',')[0]}")
        network = ipaddress.IPv4Network(self.get("network"))
        return WayOut(files, network, self.get("localhost"), tuple(_blocks(node.network.plan)))

    def _batch(self, node: Node, lines: Iterable[str]) -> None:
        done = node.host.run(["ip", "-batch", "-"], input="\n".join(lines) + "\n")
        if done.status:
            raise CommandError(node.shown_name(), "ip -batch", done.status, done.stderr)

    def _found_program(self) -> tuple[str, str]:
        """Return name and file of the program.

        Raises:
            HostError: it is not installed, or cannot work.
        """
        names = list(_PACKAGES) if self.get("program") == "auto" else [self.get("program")]
        path = program_environment()["PATH"]
        found = [(name, file) for name in names if (file := shutil.which(name, path=path))]
        if not found:
            packages = " or ".join(_PACKAGES[name] for name in names)
            raise HostError(
                f"A way out of the network needs the program {' or '.join(names)}, which is not installed "
                f"(on Debian: apt-get install {packages})."
            )
        if not os.access(_DEVICE, os.R_OK | os.W_OK):
            lacking = "may not be used by this user" if _DEVICE.exists() else "is not there (kernel module tun)"
            raise HostError(f"A way out of the network needs {_DEVICE}, which {lacking}.")
        return found[0]

    def _start_program(self, way: WayOut, name: str, file: str) -> None:
        """Start the program, and wait until its interface is there; a FIFO tells that, and also its end."""
        command = way.pasta(file) if name == "pasta" else way.slirp4netns(file)
        log, fifo = self.trace_path("log"), self._folder / f"nat-{self.guid}"
        os.mkfifo(fifo)
        reading = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            process = self._process = self.ec.local_host.start(command, stdout=fifo, stderr=log)
            told = select.poll()
            told.register(reading, select.POLLIN)
            ready = bool(told.poll(_PATIENCE * 1000) and os.read(reading, 1))
        finally:
            os.close(reading)
            fifo.unlink()
        if not ready and not self.cancelled:
            raise HostError(f"The way out cannot be opened by {name}: {_said(log) or 'it gives no answer'}")
        process.on_exit(partial(self._has_exited, process))

    @property
    def _folder(self) -> Path:
        return Path(self.ec.run_dir, "network")

    @property
    def _name_servers(self) -> Path:
        """What the node has as its /etc/resolv.conf, once it had a way out."""
        return self._folder / f"resolv-{self.guid}.conf"

    def _has_exited(self, process: Process, status: int) -> None:
        self.ec.workers.submit(partial(self.life.run_or_queue, partial(self._settle, process, status)))

    def _settle(self, process: Process, status: int) -> None:
        """Fail, if nobody wanted the program to end."""
        if process is self._process and self.state < ResourceState.FAILED and not self.cancelled:
            reason = _said(self.trace_path("log")) or f"exit status {status}"
            self.fail(f"The way out has been closed: its program ended ({reason}).")

    # -- closing

    def _close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.stop(_GRACE)
        process.wait(_PATIENCE)
        lines, self._taking_down = self._taking_down, []
        node = self.node
        if lines and node is not None and not node.cancelled and node.state <= ResourceState.STOPPED:
            self._batch(node, lines)
            self._name_servers.write_text("")


def _blocks(plan: Plan) -> Iterator[ipaddress.IPv4Network]:
    """Yield the networks of an emulated network, neighbours in one."""
    blocks = (segment.blocks.get(4) for segment in plan.segments)
    yield from ipaddress.collapse_addresses(block for block in blocks if isinstance(block, ipaddress.IPv4Network))


def _said(log: Path) -> str:
    """Return what the program said last, without pasta's complaints about a missing system log."""
    lines = [line for line in last_output(log).splitlines() if line and not line.startswith("Failed to send")]
    return " ".join(lines[-3:])
