"""Networks to measure: emulated by this program, and as their floor by hand, with `ip -batch`."""

from __future__ import annotations

import itertools
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import networkx

from benchmarks.netns_removal import Removal
from nepi_core import ExperimentController

_GROUP = 7  # the links that are deleted together
_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"  # an ordinary user's is without ip


@dataclass(frozen=True)
class Wiring:
    """What a network consists of, by names; ``proof`` are two hosts that must reach each other."""

    hosts: Sequence[str]
    switches: Sequence[str]
    edges: Sequence[tuple[str, str]]
    proof: tuple[str, str]


def line(size: int) -> Wiring:
    """Return a line of switches with a host at each."""
    hosts, switches = [f"h{number}" for number in range(size)], [f"s{number}" for number in range(size)]
    edges = [*zip(hosts, switches, strict=True), *itertools.pairwise(switches)]
    return Wiring(hosts, switches, edges, (hosts[0], hosts[-1]))


def random_network(nodes: int, links: int) -> Wiring:
    """Return a random graph of routers, the same at each call."""
    graph = networkx.gnm_random_graph(nodes, links, seed=3)
    edges = [(f"h{first}", f"h{second}") for first, second in graph.edges]
    return Wiring([f"h{number}" for number in graph], [], edges, edges[0])


def pairs(number: int) -> Wiring:
    """Return some links with two hosts each: a0 to b0, a1 to b1."""
    edges = [(f"a{each}", f"b{each}") for each in range(number)]
    return Wiring([host for edge in edges for host in edge], [], edges, edges[0])


class Pair(NamedTuple):
    """Two hosts: what goes before a command to run it in one or the other, and the server's address."""

    client: list[str]
    server: list[str]
    address: str


class Down(NamedTuple):
    """Seconds that the end of a network takes, until the call returns and until the kernel has removed all."""

    returned: float
    removed: float


class Network(Protocol):
    """A network that is there."""

    def at(self, host: str) -> list[str]:
        """Return what goes before a command to run it in a host."""


def pair(network: Network, number: int) -> Pair:
    """Return the ends of a link of `pairs`; all kinds of network give them the same addresses."""
    return Pair(network.at(f"a{number}"), network.at(f"b{number}"), f"10.0.{number}.2")


class Emulated:
    """A network that this program emulates.

    Args:
        wiring: what it consists of.
        sysctl: attribute of all nodes.
        link: attributes of all links.
    """

    def __init__(self, wiring: Wiring, sysctl: str | None = None, **link: Any) -> None:
        self._ec = ec = ExperimentController("benchmark")
        self._guids = {name: ec.register_resource("netns::Node", name=name, sysctl=sysctl) for name in wiring.hosts}
        switches = {name: ec.register_resource("netns::Switch", name=name) for name in wiring.switches}
        stations = self._guids | switches
        for ends in wiring.edges:
            ec.register_resource("netns::Link", connected_to=[stations[end] for end in ends], **link)
        begin = time.monotonic()
        ec.deploy()
        ec.wait_started(ec.resources)
        self.up = time.monotonic() - begin
        first, last = wiring.proof
        _prove(self.at(first), last)

    def __enter__(self) -> Emulated:
        return self

    def __exit__(self, *_: object) -> None:
        self._ec.shutdown()

    def at(self, host: str) -> list[str]:
        """Return what goes before a command to run it in a host."""
        node: Any = self._ec.get_resource(self._guids[host])
        return list(node.shell_command())

    def down(self) -> Down:
        """End the experiment."""
        guid = next(iter(self._guids.values()))
        node: Any = self._ec.get_resource(guid)
        keeper, _ = node.network.entrance(guid)
        removal = Removal(int(keeper.partition(".")[0]))
        begin = time.monotonic()
        self._ec.shutdown()
        returned = time.monotonic() - begin
        return Down(returned, removal.moment() - begin)


class Fabric:
    """User, network and mount namespaces of their own, to build in by hand; whoever is there is root."""

    def __init__(self) -> None:
        setup = "mount -t tmpfs run /run && echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6; echo; exec cat"
        command = ["unshare", "--user", "--map-root-user", "--net", "--mount", "sh", "-c", setup]
        self._holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._holder.stdout
        if not self._holder.stdout.readline():
            raise RuntimeError("No user and network namespaces can be made here.")
        self.pid = self._holder.pid
        enter = ["nsenter", "-t", str(self.pid), "-U", "-n", "-m", "--preserve-credentials"]
        self.inside = ["env", f"PATH={_PATH}", *enter]

    def at(self, host: str) -> list[str]:
        """Return what goes before a command to run it in a host."""
        return [*self.inside, "ip", "netns", "exec", host]

    def run(self, script: str) -> None:
        """Run a script of the shell."""
        subprocess.run([*self.inside, "sh", "-e"], input=script, text=True, check=True)

    def close(self) -> None:
        """Give the namespaces up."""
        self._holder.communicate()


class ByHand(Fabric):
    """The same network, made with one ``ip -batch`` for the fabric and one for each node; without routes."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__()
        self._has_switches = bool(wiring.switches)
        script = "\n".join(_script(wiring))
        begin = time.monotonic()
        self.run(script)
        self.up = time.monotonic() - begin
        first, _ = wiring.proof
        _prove(self.at(first), f"10.0.0.{len(wiring.hosts)}" if wiring.switches else "10.0.0.2")

    def __enter__(self) -> ByHand:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def down(self) -> Down:
        """Delete the links of the fabric as one group, and give the namespaces up."""
        removal = Removal(self.pid)
        begin = time.monotonic()
        if self._has_switches:  # without them no link has an end in the fabric
            self.run(f"ip link delete group {_GROUP}")
        self.close()
        returned = time.monotonic() - begin
        return Down(returned, removal.moment() - begin)


def _script(wiring: Wiring) -> Iterator[str]:
    yield "ip -batch - <<END"
    yield from (f"netns add {host}" for host in wiring.hosts)
    for switch in wiring.switches:
        yield f"link add {switch} group {_GROUP} type bridge mcast_snooping 0"
        yield f"link set {switch} up"
    inside: dict[str, list[str]] = {host: ["link set lo up"] for host in wiring.hosts}
    for number, edge in enumerate(wiring.edges):
        names = f"e{number}a", f"e{number}b"
        first, second = (f"netns {end}" if end in inside else f"group {_GROUP}" for end in edge)
        yield f"link add {names[0]} {first} type veth peer name {names[1]} {second}"
        for side, (name, end) in enumerate(zip(names, edge, strict=True)):
            if end in inside:
                inside[end] += [f"address add {_address(wiring, number, side)} dev {name}", f"link set {name} up"]
            else:
                yield f"link set {name} master {end} up"
    yield "END"
    for host, lines in inside.items():
        yield "\n".join([f"ip -n {host} -batch - <<END", *lines, "END"])


def _address(wiring: Wiring, number: int, side: int) -> str:
    """Return the address of one end of an edge: in one segment where there are switches, and else in one of its own."""
    if wiring.switches:
        return f"10.0.0.{number + 1}/24"  # the edges of the hosts come first
    return f"10.{number // 256}.{number % 256}.{side + 1}/24"


def _prove(at: list[str], target: str) -> None:
    """Check that the network is one, so that no number stands for less than it says."""
    command = [*at, "ping", "-q", "-c", "1", "-W", "10", target]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{target} cannot be reached: {done.stdout}{done.stderr}")
