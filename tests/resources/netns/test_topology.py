from __future__ import annotations

from pathlib import Path

import networkx as nx
import pytest
from nepi_core.resources.netns._topology import add_topology

from nepi_core.errors import TopologyError
from nepi_core.topology import NetGraph
from tests.nepi_gui.experiments import ROOT
from tests.resources.netns.drawing import Drawing, drawing

TOPOLOGIES = ROOT / "tests" / "data" / "topologies"


def names(network: Drawing) -> list[str]:
    return [station.name for station in network.plan().stations.values()]


def test_each_node_and_edge_becomes_a_resource() -> None:
    with drawing(topo_type="fat-tree", k=4) as network:
        netgraph = network.netgraph
        add_topology(network.ec, netgraph)
        plan = network.plan()
        assert not plan.problems
        guids = {netgraph.node_annotation(nid, "guid") for nid in netgraph.nodes()}
        assert guids == set(plan.stations)
        edges = {frozenset(netgraph.node_annotation(nid, "guid") for nid in edge) for edge in netgraph.edges()}
        assert edges == {frozenset(end.station for end in cable.ends) for cable in plan.cables.values()}


def test_names_are_host_names_and_each_is_there_once() -> None:
    graph = nx.Graph()
    for nid, label in enumerate(["São Paulo", "Sao/Paulo", "7", "0x7", "--", "localhost", "H1", "h 1", "x" * 90]):
        graph.add_node(nid, label=label)
    with drawing() as network:
        network.node("h1")
        add_topology(network.ec, NetGraph(topology=graph))
        assert names(network) == [
            "h1", "s-o-paulo", "sao-paulo", "n7", "0x7-2", "n-2", "localhost-2", "h1-2", "h-1", "x" * 50,
        ]  # fmt: skip
        assert not network.plan().problems


def test_edges_say_what_links_are_like() -> None:
    with drawing() as network:
        graph = nx.Graph([(0, 1, {"rate": 10, "delay": 5.0, "loss": 1, "queue": 20, "colour": "red", "up": "no"})])
        add_topology(network.ec, NetGraph(topology=graph))
        (link,) = network.ec.get_resources_by_type("netns::Link")
        assert [link.get(name) for name in ("rate", "delay", "loss", "queue")] == [10, 5, 1, 20]
        assert link.get("up") is True


def test_delays_by_distance() -> None:
    """Paris and London are 343.6 km apart, which light in glass takes some 1.7 ms for."""
    graph = nx.Graph([("Paris", "London", {"delay": 99})])
    graph.add_node("Paris", Latitude=48.8566, Longitude=2.3522)
    graph.add_node("London", lat="51.5074", lon="-0.1278")
    with drawing() as network:
        add_topology(network.ec, NetGraph(topology=graph), delays="distance")
        (link,) = network.ec.get_resources_by_type("netns::Link")
        assert link.get("delay") == pytest.approx(343.6 / 200, abs=0.01)


@pytest.mark.parametrize("place", [{}, {"Latitude": 48.8}, {"Latitude": "north", "Longitude": "east"}])
def test_a_node_that_is_nowhere_adds_nothing(place: dict) -> None:
    graph = nx.Graph([(0, 1)])
    graph.add_node(0, Latitude=1.0, Longitude=1.0)
    graph.add_node(1, **place)
    with drawing() as network:
        with pytest.raises(TopologyError, match="Node 1 has no Latitude and Longitude in degrees"):
            add_topology(network.ec, NetGraph(topology=graph), delays="distance")
        assert network.ec.resources == []


def test_an_option_that_is_none() -> None:
    with drawing() as network, pytest.raises(TopologyError, match=r"cannot be 'distances'\. Did you mean 'distance'"):
        add_topology(network.ec, NetGraph(topology=nx.path_graph(2)), delays="distances")


@pytest.mark.parametrize("name", ["Abilene.graphml", "Geant2012.graphml"])
def test_real_networks(name: str) -> None:
    path = next(Path(TOPOLOGIES).rglob(name), None)
    if path is None:
        pytest.skip(f"{name} is not here")
    with drawing() as network:
        netgraph = NetGraph.from_file(path)
        add_topology(network.ec, netgraph)
        plan = network.plan()
        assert not plan.problems
        assert (len(plan.stations), len(plan.cables)) == (netgraph.order, netgraph.size())
