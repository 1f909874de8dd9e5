"""Files that NEPI wrote: nothing of them is lost, and NEPI finds in ours what it needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from nepi_core.description import Condition
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.xml_format import NAMESPACE, read_xml, read_xml_text, to_xml, unknown_parts
from tests.nepi_core.strategies import exact

SAMPLES = Path(__file__).parents[2] / "data/samples"
NEPI3 = sorted(SAMPLES.glob("nepi3-*.xml"))
ALL = sorted(SAMPLES.glob("*.xml"))


def dialect_of(path):
    return path.name.partition("-")[0]


def canonical(element):
    """Return the plain part of an element, without what belongs to our namespace and without order among siblings."""
    attributes = sorted((name, value) for name, value in element.items() if NAMESPACE not in name)
    children = sorted(canonical(child) for child in element if NAMESPACE not in child.tag)
    return element.tag, attributes, children


def parsed(data):
    return etree.fromstring(data)


def test_there_are_four():
    assert len(ALL) == 4


@pytest.mark.parametrize("path", NEPI3, ids=lambda path: path.stem)
def test_nothing_is_lost(path):
    assert canonical(parsed(to_xml(read_xml(path)))) == canonical(parsed(path.read_bytes()))


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_saved_file_reads_the_same(path):
    experiment = read_xml(path, dialect_of(path))
    again = read_xml_text(to_xml(experiment))
    assert exact(again) == exact(experiment)
    assert (experiment.marked, again.marked) == (False, True)
    assert unknown_parts(experiment) == []


@pytest.mark.parametrize("name", ["ladder-8", "ping-pair"])
def test_both_dialects_tell_the_same_experiment(name):
    old = read_xml(SAMPLES / f"nepi3-{name}.xml")
    new = read_xml(SAMPLES / f"nepi6-{name}.xml", dialect="nepi6")
    new.run_id = old.run_id
    assert exact(new) == exact(old)


def test_what_a_sample_says():
    experiment = read_xml(SAMPLES / "nepi3-ping-pair.xml")
    assert (experiment.exp_id, experiment.nthreads, experiment.local_dir) == ("ping-pair", 20, "/var/tmp/nepi")
    ping = experiment.resource(3)
    assert (ping.rtype, ping.attributes["count"], ping.connections) == ("linux::Ping", 3, {1, 6})
    assert ping.conditions == [Condition(ResourceAction.START, (4,), ResourceState.STARTED, "2s")]
    assert experiment.resource(5).conditions[0].time is None
    assert experiment.resource(4).attributes["command"] == "nc -l -p 5000 > out & wait"
    assert experiment.resource(4).line == 41


def test_topology_of_a_sample():
    topology = read_xml(SAMPLES / "nepi3-ladder-8.xml").topology
    assert topology is not None
    assert (topology.topo_type, len(topology.nodes), len(topology.edges)) == ("ladder", 8, 10)
    first = topology.nodes[0]
    assert (first.nid, first.source, first.target) == (0, False, True)
    assert first.annotations == {"note": "plain", "ips": ["10.0.0.1", "10.0.0.5"], "guid": 1, "target": True}
    net: dict = {0: "10.0.0.1", 1: "10.0.0.2", "prefix": 30, "mask": "255.255.255.252", "network": "10.0.0.0"}
    assert topology.edges[0].annotations["net"] == net


@pytest.mark.parametrize("path", NEPI3, ids=lambda path: path.stem)
def test_nepi_can_load_what_we_write(path):
    """NEPI takes elements by their plain tags from anywhere below, and cannot do without these attributes."""
    experiment = read_xml(path)
    experiment.nthreads = None
    experiment.resource(1).traces["stdout"] = False
    root = parsed(to_xml(experiment))
    assert int(root.get("nthreads")) > 0
    for condition in root.iter("condition"):
        assert int(condition.get("action")) in range(3)
        assert int(condition.get("state")) in range(8)
        assert condition.get("group").startswith("[")
        assert condition.get("time")
    assert {each.get("type") for each in root.iter("attribute")} <= {"string", "bool", "integer", "float"}
    assert all(each.getparent().tag == "traces" for each in root.iter("trace"))
    assert not list(root.find("rms/rm[@guid='1']").iter("trace"))
