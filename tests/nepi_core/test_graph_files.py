"""Graphs read from files: real networks, odd files, hostile files."""

from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nepi_core import graph_files
from nepi_core.errors import FormatError
from nepi_core.graph_files import read_graph
from nepi_core.netgraph import NetGraph

FOLDER = Path(__file__).parents[1] / "data/topologies"
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


@pytest.mark.parametrize("name", [name for name in NETWORKS if name.endswith(".graphml")])
def test_networkx_reads_the_same(name):
    ours, theirs = read_graph(FOLDER / name), nx.MultiGraph(nx.read_graphml(FOLDER / name))
    assert dict(ours.nodes(data=True)) == dict(theirs.nodes(data=True))
    assert sorted(map(sorted, ours.edges())) == sorted(map(sorted, theirs.edges()))


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


def test_labels_that_yed_draws(read):
    graph = read(
        GRAPHML.format(
            """<key id="d" for="node" yfiles.type="nodegraphics"/><graph><node id="n0"><data key="d">
            <y:ShapeNode xmlns:y="http://www.yworks.com/xml/graphml"><y:NodeLabel>Paris</y:NodeLabel></y:ShapeNode>
            </data></node></graph>"""
        ),
        ".graphml",
    )
    assert graph.nodes["n0"] == {"label": "Paris"}


def test_gml_with_all_its_quirks(read):
    graph = read(
        """Creator "someone [ node" # a comment
        graph [ directed 0 label "Net"
          node [ id 1 label "M&#252;nchen" graphics [ x 1.5 y -2e3 fill "#ff" ] tag "a" tag "b" ]
          node [ id 2 label "M&#252;nchen" Longitude NAN ]
          node [ id -3 ] node [ id "four" ]
          edge [ source 1 target 2 ] edge [ source 2 target 1 value 7 ] edge [ source 1 target 1 ]
        ]""",
        ".gml",
    )
    assert list(graph) == [1, 2, -3, "four"]
    data = {"label": "München", "graphics_x": 1.5, "graphics_y": -2000.0, "graphics_fill": "#ff", "tag": ["a", "b"]}
    assert graph.nodes[1] == data
    assert graph.number_of_edges() == 3
    assert read(b'graph [ node [ id 0 label "M\xfcnchen" ] ]', ".gml").nodes[0]["label"] == "München"


@pytest.mark.parametrize(
    ("text", "suffix", "edges"),
    [
        ("# list\n0 1\n\n1 2 2.5\n", ".edgelist", [(0, 1, {}), (1, 2, {"weight": 2.5})]),
        ("0 1\n0 1 {'rate': 5}", ".edgelist", [(0, 1, {}), (0, 1, {"rate": 5})]),
        ("a b fast\n007 a", ".txt", [("a", "b", {"weight": "fast"}), ("a", "007", {})]),
        ("0 01", ".edges", [("0", "01", {})]),
        ("1,2\n2,3,4\n", ".csv", [(1, 2, {}), (2, 3, {"weight": 4})]),
        ("From,To,rate,note\nParis,New York,10,\n", ".csv", [("Paris", "New York", {"rate": 10})]),
        ('a\t"b c"\t1', ".tsv", [("a", "b c", {"weight": 1})]),
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
        ("<svg/>", ".graphml", 1, "found element 'svg', expected 'graphml'"),
        ("<graphml>\n<graph>", ".graphml", 2, "no XML"),
        ("", ".graphml", 0, "no XML"),
        ('<!DOCTYPE graphml [<!ENTITY a "b">]><graphml/>', ".graphml", 1, "DOCTYPE"),
        ('<!DOCTYPE graphml SYSTEM "http://127.0.0.1:1/x.dtd"><graphml/>', ".graphml", 1, "DOCTYPE"),
        ("<graphml>&lol;</graphml>", ".graphml", 0, "no XML"),
        ("<graphml>" + "<graph>" * 300, ".graphml", 1, "depth"),
        (GRAPHML.format("<graph>\n<node/></graph>"), ".graphml", 2, "element 'node' has no attribute 'id'"),
        (GRAPHML.format('<graph><node id="1"/>\n<node id="1"/></graph>'), ".graphml", 2, "second node with id '1'"),
        (GRAPHML.format('<graph>\n<edge source="1" target="2"/></graph>'), ".graphml", 2, "edge names node '1'"),
        (GRAPHML.format("<graph><hyperedge/></graph>"), ".graphml", 1, "hyperedges"),
        (GRAPHML.format('<node id="1"><data key="k">1</data></node>'), ".graphml", 1, "which no 'key'"),
        (
            GRAPHML.format('<key id="k" attr.name="n" attr.type="int"/><node id="1">\n<data key="k">one</data></node>'),
            ".graphml", 2, "'one' is no int, the type of key 'n'",
        ),
        ("graph [\n node [ label 3 ] ]", ".gml", 2, "no 'id'"),
        ("graph [ node [ id 1 ]\n node [ id 1 ] ]", ".gml", 2, "second node with id 1"),
        ("graph [\n edge [ source 1 target 2 ] ]", ".gml", 2, "edge names node 1"),
        ("graph [\n node [ id ] ]", ".gml", 2, "found ']', expected a value of 'id'"),
        ("graph [\n 5 ]", ".gml", 2, "found '5', expected a key or ']'"),
        ("graph [\n node [ id 1 ]", ".gml", 1, "ends inside the record"),
        ("graph [ a b ]", ".gml", 1, "'b' is no number"),
        ("graph\n{ }", ".gml", 2, "no GML"),
        ("a [ " * 1000, ".gml", 1, "expected"),
        ("Version 1", ".gml", 0, "found 0 graphs"),
        ("graph [ x " + "9" * 5000 + " ]", ".gml", 1, "no number"),
        ("0 1\nlonely", ".txt", 2, "found 'lonely', expected two nodes"),
        ("0 1 {'a': __import__('os')}", ".txt", 1, "no dict of plain values"),
        ("0 1 {" + "(" * 5000, ".txt", 1, "no dict"),
        ("0,1\n2,", ".csv", 2, "expected two nodes"),
        ("a,b\n\"" + "x" * 200_000, ".csv", 2, "no CSV"),
    ],
)  # fmt: skip
def test_faults_are_told_with_their_line(read, text, suffix, line, message):
    with pytest.raises(FormatError, match=message) as caught:
        read(text, suffix)
    assert caught.value.line == line
    assert caught.value.path.endswith(f"graph{suffix}")


def test_files_that_cannot_be_read(tmp_path, monkeypatch):
    with pytest.raises(FormatError, match="no such file"):
        read_graph(tmp_path / "none.gml")
    with pytest.raises(FormatError, match=r"suffix '\.gmll' names no format of graphs. Did you mean '\.gml'"):
        read_graph(tmp_path / "none.gmll")
    (tmp_path / "folder.gml").mkdir()
    with pytest.raises(FormatError, match="no file"):
        read_graph(tmp_path / "folder.gml")
    monkeypatch.setattr(graph_files, "MAX_BYTES", 10)
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
    st.sampled_from([".gml", ".csv", ".edges", ".graphml"]),
)
def test_any_text_gives_a_graph_or_a_format_error(tmp_path_factory, text, suffix):
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_text(text)
    try:
        NetGraph.from_file(path)
    except FormatError:
        return
