"""Graphs read from files: real networks, odd files, hostile files."""

from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nepi_core.errors import FormatError
from nepi_core.topology import NetGraph, files
from nepi_core.topology.files import read_graph

FOLDER = Path(__file__).parents[2] / "data/topologies"
NETWORKS = {
    "Aarnet.graphml": (19, 24, 24),
    "Abilene.gml": (11, 14, 14),
    "Abilene.graphml": (11, 14, 14),
    "Arpanet196912.graphml": (4, 4, 4),
    "Cesnet201006.graphml": (52, 63, 63),
    "Geant2012.graphml": (40, 61, 61),
    "Kdl.graphml": (754, 899, 895),
    "Renater2010.graphml": (43, 56, 56),
    "Sprint.graphml": (11, 18, 18),
}
GRAPHML = '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">{}</graphml>'


@pytest.fixture
def read(tmp_path):
    def write_and_read(text, suffix):
        path = tmp_path / f"graph{suffix}"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_graph(path)

    return write_and_read


def test_every_network_is_tried():
    assert {path.name for path in FOLDER.glob("*.g*ml")} == set(NETWORKS)


@pytest.mark.parametrize("name", NETWORKS)
def test_real_networks(name):
    nodes, edges, pairs = NETWORKS[name]
    graph = read_graph(FOLDER / name)
    assert (len(graph), graph.number_of_edges()) == (nodes, edges)
    netgraph = NetGraph.from_file(FOLDER / name)
    assert (netgraph.order, netgraph.size()) == (nodes, pairs)
    assert sum(netgraph.edge_annotation(*edge, "parallel") or 1 for edge in netgraph.edges()) == edges
    assert NetGraph.from_description(netgraph.to_description()).to_description() == netgraph.to_description()
    assert len(set(netgraph.positions().values())) == nodes


def test_names_and_coordinates():
    netgraph = NetGraph.from_file(FOLDER / "Abilene.gml")
    assert netgraph.nodes() == list(range(11))
    assert netgraph.node_annotation(0, "name") == "New York"
    assert netgraph.node_annotation(0, "latitude") == 40.71427
    assert netgraph.node_annotation(0, "longitude") == -74.00597
    assert NetGraph.from_file(FOLDER / "Abilene.graphml").nodes()[0] == "0"
    without = [
        nid
        for netgraph in [NetGraph.from_file(FOLDER / "Geant2012.graphml")]
        for nid in netgraph.nodes()
        if netgraph.node_annotation(nid, "latitude") is None
    ]
    assert len(without) == 3


def test_graphml_types_defaults_and_direction(read):
    graph = read(
        GRAPHML.format(
            """<key id="a" for="node" attr.name="up" attr.type="boolean"><default>true</default></key>
            <key id="b" for="edge" attr.name="rate" attr.type="double"/><key id="c" for="all" attr.name="note"/>
            <graph edgedefault="directed"><edge source="x" target="y"><data key="b"> 1.5 </data></edge>
            <node id="x"/><node id="y"><data key="a">false</data><data key="c"> kept </data></node></graph>"""
        ),
        ".graphml",
    )
    assert graph.is_directed()
    assert dict(graph.nodes(data=True)) == {"x": {"up": True}, "y": {"up": False, "note": " kept "}}
    assert list(graph.edges(data=True)) == [("x", "y", {"rate": 1.5})]


def test_gml_with_all_its_quirks(read):
    graph = read(
        """Creator "someone" # a comment
        graph [ directed 0 label "Net"
          node [ id 1 label "M&#252;nchen" graphics [ x 1.5 y -2.0e3 fill "#ff" ] ]
          node [ id 2 label "M&#252;nchen" Longitude NAN ]
          node [ id -3 ] node [ id "four" ]
          edge [ source 1 target 2 ] edge [ source 2 target 1 value 7 ] edge [ source 1 target 1 ]
        ]""",
        ".gml",
    )
    assert list(graph) == [1, 2, -3, "four"]
    assert graph.nodes[1] == {"label": "München", "graphics": {"x": 1.5, "y": -2000.0, "fill": "#ff"}}
    assert graph.number_of_edges() == 3
    assert read(b'graph [ node [ id 0 label "M\xfcnchen" ] ]', ".gml").nodes[0]["label"] == "München"


def test_what_networkx_warns_of_is_a_notice(read):
    graph = read(GRAPHML.format('<key id="k" for="node" attr.name="n"/><graph><node id="x"/></graph>'), ".graphml")
    assert NetGraph(topology=graph).notices == ["No key type for id k. Using string"]


@pytest.mark.parametrize(
    ("text", "suffix", "edges"),
    [
        ("# list\n0 1\n\n1 2 2.5\n", ".edgelist", [(0, 1, {}), (1, 2, {"weight": 2.5})]),
        ("0 1\n0 1 {'rate': 5}", ".edgelist", [(0, 1, {}), (0, 1, {"rate": 5})]),
        ("a b 3\n007 a", ".txt", [("a", "b", {"weight": 3.0}), ("a", "007", {})]),
        ("0 01", ".edges", [("0", "01", {})]),
        ("", ".edges", []),
    ],
)  # fmt: skip
def test_lists_of_edges(read, text, suffix, edges):
    assert list(read(text, suffix).edges(data=True)) == edges


def test_networkx_writes_what_is_read(tmp_path):
    graph = nx.path_graph(4)
    graph.edges[0, 1]["rate"] = 2.5
    nx.write_edgelist(graph, tmp_path / "a.edgelist")
    nx.write_gml(graph, tmp_path / "a.gml")
    nx.write_graphml(graph, tmp_path / "a.graphml")
    for suffix, number in (("edgelist", int), ("gml", int), ("graphml", str)):
        expected = [(number(nid1), number(nid2), data) for nid1, nid2, data in graph.edges(data=True)]
        assert list(read_graph(tmp_path / f"a.{suffix}").edges(data=True)) == expected


@pytest.mark.parametrize(
    ("text", "suffix", "line", "message"),
    [
        ("<svg/>", ".graphml", 1, "found 0 elements 'graph'"),
        ("<graphml><graph/><graph/></graphml>", ".graphml", 1, "found 2 elements 'graph'"),
        ("<svg><graph/></svg>", ".graphml", 0, "not successfully read"),
        ("<graphml>\n<graph>", ".graphml", 2, "no XML"),
        ("", ".graphml", 1, "no XML: Document is empty."),
        ('<!DOCTYPE graphml [<!ENTITY a "b">]><graphml/>', ".graphml", 1, "DOCTYPE"),
        ('<!DOCTYPE graphml SYSTEM "http://127.0.0.1:1/x.dtd"><graphml/>', ".graphml", 1, "DOCTYPE"),
        ("<graphml>&lol;</graphml>", ".graphml", 1, "no XML"),
        ("<graphml>" + "<graph>" * 300, ".graphml", 1, "depth"),
        (GRAPHML.format("<graph>\n<node/></graph>"), ".graphml", 2, "the id of a node is None"),
        (GRAPHML.format('<graph><node id="1"/>\n<node id="1"/></graph>'), ".graphml", 2, "is '1': .* another node's"),
        (GRAPHML.format('<graph>\n<edge source="1" target="2"/></graph>'), ".graphml", 2, "edge names node '1'"),
        (GRAPHML.format("<graph><hyperedge/></graph>"), ".graphml", 0, "hyperedges"),
        (GRAPHML.format('<graph><node id="1"><data key="k">1</data></node></graph>'), ".graphml", 0, "no key k"),
        (
            GRAPHML.format(
                '<key id="k" attr.name="n" attr.type="int"/><graph><node id="1"><data key="k">one</data></node></graph>'
            ),
            ".graphml", 0, "'one'",
        ),
        ("graph [\n node [ label 3 ] ]", ".gml", 0, "no 'id'"),
        ("graph [ node [ id 1 ]\n node [ id 1 ] ]", ".gml", 0, "node id 1 is duplicated"),
        ("graph [\n edge [ source 1 target 2 ] ]", ".gml", 0, "undefined source 1"),
        ("graph [\n 5 ]", ".gml", 2, "found 5"),
        ("graph [\n node [ id 1 ]", ".gml", 3, "found EOF"),
        ("graph\n{ }", ".gml", 2, "cannot tokenize"),
        ("a [ " * 1000, ".gml", 0, "recursion"),
        ("Version 1", ".gml", 0, "no graph"),
        ("graph [ x " + "9" * 5000 + " ]", ".gml", 0, "limit"),
        ("0 1\nlonely", ".txt", 2, "found 'lonely', expected two nodes"),
        ("0,1\n2,3", ".txt", 1, "found '0,1', expected two nodes"),
        ("0 1 fast", ".txt", 0, "fast"),
        ("0 1 {'a': __import__('os')}", ".txt", 0, "Failed to convert edge data"),
        ("0 1 {" + "(" * 5000, ".txt", 0, "Failed to convert edge data"),
    ],
)  # fmt: skip
def test_faults_are_told_with_their_line(read, text, suffix, line, message):
    with pytest.raises(FormatError, match=message) as caught:
        read(text, suffix)
    assert caught.value.line == line
    assert caught.value.path.endswith(f"graph{suffix}")


@pytest.mark.parametrize("place", ["<node id='&g;'/>", "<node id='1'>&g;</node>"])
def test_entities_that_grow_are_refused(read, place):
    entities = "".join(f"<!ENTITY {new} '{f'&{old};' * 10}'>" for old, new in zip("abcdef", "bcdefg", strict=True))
    text = f"<!DOCTYPE graphml [<!ENTITY a '{'a' * 100}'>{entities}]>{GRAPHML.format(f'<graph>{place}</graph>')}"
    with pytest.raises(FormatError, match=r"DOCTYPE|[Ee]ntity"):
        read(text, ".graphml")


def test_files_that_cannot_be_read(tmp_path, monkeypatch):
    with pytest.raises(FormatError, match="no such file"):
        read_graph(tmp_path / "none.gml")
    with pytest.raises(FormatError, match=r"suffix '\.gmll' names no format of graphs. Did you mean '\.gml'"):
        read_graph(tmp_path / "none.gmll")
    (tmp_path / "folder.gml").mkdir()
    with pytest.raises(FormatError, match="no file"):
        read_graph(tmp_path / "folder.gml")
    monkeypatch.setattr(files, "MAX_BYTES", 10)
    (tmp_path / "large.gml").write_text("graph [ node [ id 1 ] ]")
    with pytest.raises(FormatError, match="larger than"):
        read_graph(tmp_path / "large.gml")


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(["Arpanet196912.graphml", "Abilene.gml"]))
def test_damaged_files_give_a_graph_or_a_format_error(tmp_path_factory, data, name):
    original = (FOLDER / name).read_bytes()
    start = data.draw(st.integers(0, len(original)))
    end = data.draw(st.integers(start, min(len(original), start + 40)))
    path = tmp_path_factory.mktemp("damaged") / name
    path.write_bytes(original[:start] + data.draw(st.binary(max_size=12)) + original[end:])
    try:
        netgraph = NetGraph.from_file(path)
    except FormatError:
        return
    assert netgraph.to_description().nodes


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from([*'[]"# \n\t.-+eE019aN{<,', "node ", "graph ", "edge ", "id "]), max_size=50).map("".join),
    st.sampled_from([".gml", ".edges", ".graphml"]),
)
def test_any_text_gives_a_graph_or_a_format_error(tmp_path_factory, text, suffix):
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_text(text)
    try:
        NetGraph.from_file(path)
    except FormatError:
        return
