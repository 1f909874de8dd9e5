"""An emulated network that is drawn and planned, but not built; and how packets would go through it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise

import networkx as nx
from nepi_core.resources.netns._plan.model import Plan
from nepi_core.resources.netns._plan.planner import make_plan

from nepi_core.controller import ExperimentController
from nepi_core.topology import NetGraph

_TIME_TO_LIVE = 64
_DEFAULT = {4: "0.0.0.0/0", 6: "::/0"}


class Drawing:
    """An experiment that is never deployed; its folder is never made.

    Args:
        topology: arguments of its NetGraph.
    """

    def __init__(self, **topology) -> None:
        self.ec = ExperimentController("drawn", local_dir="never-made", **topology)

    def add(self, kind: str, *connected: int, **attributes) -> int:
        """Add a resource of this backend."""
        return self.ec.register_resource(f"netns::{kind}", connected_to=connected, **attributes)

    def node(self, name: str | None = None, **attributes) -> int:
        """Add a node."""
        return self.add("Node", **attributes | ({"name": name} if name else {}))

    def link(self, *ends: int, **attributes) -> int:
        """Add a link."""
        return self.add("Link", *ends, **attributes)

    def line(self, *names: str) -> list[int]:
        """Add nodes, each linked with the next."""
        nodes = [self.node(name) for name in names]
        for pair in pairwise(nodes):
            self.link(*pair)
        return nodes

    def graph(self, graph: nx.Graph, switches: Iterable[object] = (), **attributes) -> dict[object, int]:
        """Add a graph; return the guids of its vertices."""
        switches = set(switches)
        guids = {v: self.add("Switch", stp=True) if v in switches else self.node(**attributes) for v in graph}
        for first, second in graph.edges():
            self.link(guids[first], guids[second])
        return guids

    @property
    def netgraph(self) -> NetGraph:
        """The topology."""
        assert self.ec.netgraph is not None
        return self.ec.netgraph

    def plan(self, previous: Plan | None = None) -> Plan:
        """Return the plan."""
        return make_plan(self.ec, previous)


@contextmanager
def drawing(**topology) -> Iterator[Drawing]:
    """Yield an empty drawing."""
    drawn = Drawing(**topology)
    try:
        yield drawn
    finally:
        drawn.ec.shutdown()


class Forwarding:
    """Sends packets through a plan, each node by the longest prefix that it has a route for."""

    def __init__(self, plan: Plan, version: int = 4) -> None:
        self._plan = plan
        self._bits = 32 if version == 4 else 128
        self._tables: dict[int, dict[int, dict[int, str]]] = {guid: {} for guid in plan.stations}
        ends = [end for segment in plan.segments for end in segment.ends if version in end.addresses]
        self.owners = {end.addresses[version].ip: end.station for end in ends}
        for end in ends:
            self._learn(end.station, str(end.addresses[version].network), "")
        for guid, routes in plan.routes.items():
            for route in routes:
                if (":" in route.gateway) == (version == 6):
                    self._learn(guid, _DEFAULT[version] if route.network == "default" else route.network, route.gateway)

    def _learn(self, guid: int, text: str, gateway: str) -> None:
        network = ipaddress.ip_network(text)
        table = self._tables[guid].setdefault(network.prefixlen, {})
        assert int(network.network_address) not in table or table[int(network.network_address)] == gateway == ""
        table[int(network.network_address)] = gateway

    def _gateway(self, guid: int, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str | None:
        """Return who takes a packet on; "" when the address is near, None when there is no route."""
        number = int(address)
        found = [
            (length, table[start])
            for length, table in self._tables[guid].items()
            if (start := number >> (self._bits - length) << (self._bits - length)) in table
        ]
        return max(found)[1] if found else None

    def path(self, source: int, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[int] | None:
        """Return the nodes that a packet passes, from the source to the owner of the address; None if it is dropped."""
        nodes = [source]
        while nodes[-1] != self.owners[address]:
            gateway = self._gateway(nodes[-1], address)
            if gateway is None or (len(nodes) > 1 and not self._plan.stations[nodes[-1]].forwards):
                return None
            if len(nodes) > _TIME_TO_LIVE:  # which merged routes may do with what cannot be reached
                return None
            nodes.append(self.owners[ipaddress.ip_address(gateway) if gateway else address])
        return nodes


def shortest(plan: Plan) -> nx.DiGraph:
    """Return nodes, and segments as their ``~number``, joined as packets may go."""
    graph: nx.DiGraph = nx.DiGraph()
    graph.add_nodes_from((guid, "out") for guid in plan.stations)
    for number, segment in enumerate(plan.segments):
        for end in segment.ends:
            graph.add_edge((end.station, "out"), ~number)
            graph.add_edge(~number, end.station)
            if plan.stations[end.station].forwards:
                graph.add_edge(end.station, (end.station, "out"))
    return graph
