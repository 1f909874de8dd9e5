from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_core.topology import NetGraph
from nepi_core.topology.generators import GENERATORS, TopologyType
from nepi_core.xml_format import read_xml, read_xml_text
from nepi_gui.cli import main
from nepi_gui.document.spacing import spread
from nepi_gui.exit_status import ExitStatus

pytestmark = pytest.mark.usefixtures("toy")

TOY = ("--backend", "toy")


def nearest(places: Any) -> float:
    points = list(places)
    return min(math.dist(each, other) for number, each in enumerate(points) for other in points[:number])


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["--topology", *arguments]) == ExitStatus.WRONG
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


def test_a_kind_of_topology_becomes_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "my tree.xml"
    assert main(["--topology", "fat-tree", "--k", "4", *TOY, "--output", str(path)]) == ExitStatus.DONE
    assert capsys.readouterr().err == (
        f"36 nodes, 48 links written to {path}; run it with: nepi-gui --run '{path}' --duration 60s\n"
    )
    description = read_xml(path)
    assert description.exp_id == "my-tree"
    kinds = [each.rtype for each in description.resources.values()]
    assert (kinds.count("toy::Station"), kinds.count("toy::Cable")) == (36, 48)
    assert description.topology is not None
    assert description.topology.topo_type == "fat-tree"
    guids = [node.annotations["guid"] for node in description.topology.nodes]
    assert [description.resources[guid].rtype for guid in guids if isinstance(guid, int)] == ["toy::Station"] * 36
    assert (description.run_id, description.local_dir) == ("", "")


def test_nodes_stand_apart_and_as_the_graph_has_them(tmp_path: Path) -> None:
    path = tmp_path / "tree.xml"
    main(["--topology", "tree", "--node-count", "7", "--branches=2", *TOY, "--output", str(path)])
    places = [each.layout for each in read_xml(path).resources.values() if each.rtype == "toy::Station"]
    found = [(place.x, place.y) for place in places if place and place.x is not None and place.y is not None]
    assert len(found) == 7
    assert nearest(found) >= 110
    depths = [y for _, y in found]
    assert depths[0] < depths[1] == depths[2] < depths[3]  # the root is above, and y grows downwards


def test_without_an_output_the_file_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    for more in ([], ["--output", "-"]):
        assert main(["--topology", "linear", "--node-count", "1", *TOY, *more]) == ExitStatus.DONE
        told = capsys.readouterr()
        assert read_xml_text(told.out).exp_id == "linear"
        assert told.err.startswith("1 node, 0 links written to standard output")


def test_the_same_seed_gives_the_same_file_and_a_drawn_one_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--topology", "waxman", "--node-count", "12", *TOY]
    main([*arguments, "--seed", "0"])
    first = capsys.readouterr()
    assert "--seed" not in first.err
    main([*arguments, "--seed", "0"])
    assert capsys.readouterr().out == first.out
    main(arguments)
    drawn = capsys.readouterr()
    seed = drawn.err.partition("--seed ")[2].split(",")[0]
    main([*arguments, "--seed", seed])
    assert capsys.readouterr().out == drawn.out


def test_options_reach_the_backend(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--topology", "ring", "--node-count", "3", *TOY, "--delays", "distance"]) == ExitStatus.DONE
    description = read_xml_text(capsys.readouterr().out)
    delays = [each.attributes["delay"] for each in description.resources.values() if each.rtype == "toy::Cable"]
    assert delays == [5.0, 5.0, 5.0]
    assert "delays cannot be 'weight'" in refused(capsys, "ring", "--node-count", "3", *TOY, "--delays", "weight")


def test_a_file_with_coordinates_becomes_a_map(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    graph = nx.Graph()
    for name, longitude, latitude in (("Oslo", 10.75, 59.9), ("Rome", 12.5, 41.9), ("Lisbon", -9.1, 38.7)):
        graph.add_node(name, Longitude=longitude, Latitude=latitude)
    graph.add_edges_from((("Oslo", "Rome"), ("Rome", "Lisbon")))
    nx.write_graphml(graph, tmp_path / "europe.graphml")
    assert main(["--topology", str(tmp_path / "europe.graphml"), *TOY, "--exp-id", "map"]) == ExitStatus.DONE
    description = read_xml_text(capsys.readouterr().out)
    assert description.exp_id == "map"
    layouts = [each.layout for each in description.resources.values() if each.layout]
    (oslo_x, oslo_y), (rome_x, rome_y), (lisbon_x, _) = [(each.x or 0, each.y or 0) for each in layouts]
    assert oslo_y < rome_y
    assert lisbon_x < oslo_x < rome_x


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fat-tre", "--k", "4"], "no topology 'fat-tre', and no such file. Did you mean 'fat-tree'?"),
        (["zzz"], "Known are: linear, ladder,"),
        (["adhoc"], "there is no topology 'adhoc'"),
        (["linear", "--k", "4"], "Topology 'linear' takes no option --k."),
        (["tree", "--node-count", "4", "--branchs", "2"], "Did you mean '--branches'?"),
        (["fat-tree"], "--topology fat-tree needs --k, a whole number from 2 to 96"),
        (["fat-tree", "--k", "3"], "k is 3, but it must be even"),
        (["fat-tree", "--k", "four"], "'k' cannot be 'four'"),
        (["waxman", "--node-count", "9", "--connected", "perhaps"], "'connected' cannot be 'perhaps'"),
        (["ring", "--node-count", "3", "--seed", "x"], "--seed"),
        (["no-such.graphml"], "no-such.graphml: there is no such file"),
        (["ring", "--node-count", "3", "--backend", "tyo"], "Did you mean 'toy'?"),
        (["ring", "--node-count", "3", *TOY, "--exp-id", "../up"], "exp_id cannot be '../up'"),
        (["ring", "--node-count", "3", *TOY, "--output", "no/such/folder.xml"], "no/such/folder.xml: cannot be"),
        (["ring", "--node-count", "3", "extra"], "'extra' is one argument too many"),
    ],
)
def test_what_makes_no_sense_is_refused(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    assert said in refused(capsys, *arguments)


def test_help_shows_the_options_of_a_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--topology", "leaf-spine", "--help"]) == ExitStatus.DONE
    told = capsys.readouterr().out
    assert "options of --topology leaf-spine:" in told
    assert "--hosts VALUE" in told


@pytest.mark.parametrize("kind", GENERATORS)
def test_every_kind_has_places_apart(kind: TopologyType) -> None:
    sizes: dict[str, Any] = {"node_count": 24, "edges_per_node": 2, "neighbours": 4, "k": 4, "rows": 3, "columns": 4}
    sizes |= {"spines": 2, "leaves": 4, "hosts": 3, "dimension": 4, "probability": 0.1}
    names = {each.name for each in GENERATORS[kind].parameters}
    netgraph = NetGraph(topo_type=kind, seed=1, **{name: sizes[name] for name in names & sizes.keys()})
    assert nearest(spread(netgraph.positions()).values()) >= 110


points = st.tuples(st.floats(-1, 1), st.floats(-1, 1))


@given(st.lists(points, unique=True, max_size=30))
def test_any_places_end_apart(given_places: list[tuple[float, float]]) -> None:
    places = [place for place in given_places if all(math.dist(place, o) > 1e-3 for o in given_places if o != place)]
    spaced = spread(dict(enumerate(places)))
    assert len(spaced) == len(places)
    if len(places) > 1:
        assert nearest(spaced.values()) >= 110
