"""What the format does not know is kept, written back where it was, and told."""

from __future__ import annotations

import pytest
from lxml import etree

from nepi_core.description import Foreign, Layout
from nepi_core.errors import FormatError
from nepi_core.xml_format import read_xml_text, to_xml, unknown_parts
from tests.nepi_core.strategies import exact

FILE = """<experiment exp_id="e" color="red" xmlns:q="urn:q" xmlns:unused="urn:unused">
  <!-- nothing to keep -->
  <topology topo-type="mesh" metric="hops">
    <nodes order="down"><node nid="1" nid-type="integer" rank="7"><node-annotations>
      <node-annotation name="note" type="string" value="v" unit="m"><extra/></node-annotation>
    </node-annotations><shape/></node><node nid="2" nid-type="integer"/></nodes>
    <edges><edge nid1="1" nid1-type="integer" nid2="2" nid2-type="integer"/>
      <edge nid1="1" nid1-type="integer" nid2="2" nid2-type="integer" second="yes"/></edges>
    <faces><face of="1 2"/></faces>
  </topology>
  <rms q:kind="many">
    <rm guid="1" rtype="linux::Node" state="0" owner="me">
      <conection guid="2"/>
      <traces><trace name="a/b[c]" rotate="5"/></traces>
      <attributes>
        <attribute name="x" type="integer" value="1" scale="2"/>
        <atribute name="y" type="integer" value="1"/>
      </attributes>
      <conditions><condition action="1" group="set([2])" state="4" time="2s" q:why="so"/></conditions>
      <connections far="yes"><connection guid="2" via="eth0"/></connections>
    </rm>
    <rm guid="2" rtype="my::Own"/>
  </rms>
  <q:box xsi:type="q:text" xmlns:xsi="urn:xsi" line="a&#10;b" xml:lang="en">
    in <q:inner>é &amp; <![CDATA[<]]></q:inner> out <!-- comment -->
  </q:box>
</experiment>"""


def found(root, path):
    return root.find(path, {"q": "urn:q"})


@pytest.fixture(scope="module")
def saved():
    return etree.fromstring(to_xml(read_xml_text(FILE)))


def test_file_survives_twice():
    experiment = read_xml_text(FILE)
    once = to_xml(experiment)
    again = read_xml_text(once)
    assert exact(again) == exact(experiment)
    assert to_xml(again) == once


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        (".", "color", "red"),
        ("topology", "metric", "hops"),
        ("topology/nodes", "order", "down"),
        ("topology/nodes/node[@nid='1']", "rank", "7"),
        ("topology/nodes/node[@nid='1']/node-annotations/node-annotation", "unit", "m"),
        ("topology/edges/edge[2]", "second", "yes"),
        ("topology/faces/face", "of", "1 2"),
        ("rms", "{urn:q}kind", "many"),
        ("rms/rm[@guid='1']", "owner", "me"),
        ("rms/rm[@guid='1']/conection", "guid", "2"),
        ("rms/rm[@guid='1']/traces/trace", "rotate", "5"),
        ("rms/rm[@guid='1']/attributes/attribute", "scale", "2"),
        ("rms/rm[@guid='1']/attributes/atribute", "name", "y"),
        ("rms/rm[@guid='1']/conditions/condition", "{urn:q}why", "so"),
        ("rms/rm[@guid='1']/connections", "far", "yes"),
        ("rms/rm[@guid='1']/connections/connection", "via", "eth0"),
        ("q:box", "line", "a\nb"),
        ("q:box", "{urn:xsi}type", "q:text"),
        ("q:box", "{http://www.w3.org/XML/1998/namespace}lang", "en"),
    ],
)
def test_attributes_are_where_they_were(saved, path, name, value):
    assert found(saved, path).get(name) == value


def test_elements_are_where_they_were(saved):
    assert found(saved, "topology/nodes/node/node-annotations/node-annotation/extra") is not None
    assert found(saved, "topology/nodes/node[@nid='1']/shape") is not None
    assert "".join(found(saved, "q:box").itertext()).split() == ["in", "é", "&", "<", "out"]
    assert found(saved, "topology/edges/edge[1]").get("second") is None
    assert [each.text for each in saved.iter(etree.Comment)] == [" comment "]


def test_prefix_that_stands_in_a_value_is_declared(saved):
    assert found(saved, "q:box").nsmap["q"] == "urn:q"


def test_unknown_parts_are_told_with_the_nearest_name():
    sentences = unknown_parts(read_xml_text(FILE))
    assert (
        "Resource 1 (linux::Node) has in element 'rm' an unknown element 'conection'. Did you mean 'connections'?"
        in sentences
    )
    assert (
        "Resource 1 (linux::Node) has in element 'attributes' an unknown element 'atribute'. Did you mean 'attribute'?"
        in sentences
    )
    assert "The experiment has in element 'experiment' an unknown attribute 'color'." in sentences
    assert "The topology has in element 'topology' an unknown element 'faces'." in sentences
    assert "Resource 1 (linux::Node) has in element 'condition' an unknown attribute '{urn:q}why'." in sentences
    assert not any("comment" in sentence for sentence in sentences)


def test_what_belongs_to_something_removed_goes_with_it():
    experiment = read_xml_text(FILE)
    experiment.disconnect(1, 2)
    del experiment.resource(1).attributes["x"]
    data = to_xml(experiment)
    assert b"eth0" not in data
    assert b"scale" not in data
    assert b"atribute" in data


def test_file_of_a_later_version():
    text = """<experiment xmlns:gui="urn:nepi:gui:1" gui:version="3" gui:mood="good"><rms>
        <rm guid="1" rtype="a" state="0"><gui:layout x="1.0" angle="45"/><gui:sound/></rm></rms>
        <gui:canvas><gui:note x="1" y="2" width="3" height="4" font="big"/><gui:sky/></gui:canvas></experiment>"""
    experiment = read_xml_text(text)
    assert experiment.resource(1).layout == Layout(x=1.0)
    again = read_xml_text(to_xml(experiment))
    assert exact(again) == exact(experiment)
    root = etree.fromstring(to_xml(again))
    gui = "{urn:nepi:gui:1}"
    assert (root.get(f"{gui}version"), root.get(f"{gui}mood")) == ("3", "good")
    assert found(root, f"rms/rm/{gui}layout").get("angle") == "45"
    assert found(root, f"{gui}canvas/{gui}note").get("font") == "big"
    assert root.find(f"{gui}canvas/{gui}sky") is not None
    assert "The file has version 3 of the format; this program knows version 1." in unknown_parts(experiment)


def test_foreign_use_of_our_prefix():
    inside = '<rms><rm guid="1" rtype="a" gui:b="2"><gui:x/></rm></rms>'
    text = f'<experiment xmlns:gui="urn:other" gui:a="1">{inside}</experiment>'
    experiment = read_xml_text(text)
    experiment.resource(1).traces["t"] = False
    data = to_xml(experiment)
    assert exact(read_xml_text(data)) == exact(experiment)
    root = etree.fromstring(data)
    assert root.get("{urn:other}a") == "1"
    assert root.find("rms/rm/{urn:other}x") is not None


def test_unknown_parts_of_what_stands_twice_are_kept_once():
    twice = '<attributes a="1"><attribute name="{}" type="integer" value="1"/><b/></attributes>'
    text = f'<experiment><rms><rm guid="1" rtype="a">{twice.format("x")}{twice.format("y")}</rm></rms></experiment>'
    experiment = read_xml_text(text)
    assert experiment.resource(1).attributes == {"x": 1, "y": 1}
    assert [part.name for part in experiment.resource(1).foreign or []] == ["a", "", ""]
    assert exact(read_xml_text(to_xml(experiment))) == exact(experiment)


def test_containers_with_nothing_but_unknown_parts():
    text = """<experiment><topology topo-type="mesh"><nodes><node nid="a/b" nid-type="string"><node-annotations x="1"/>
        </node></nodes></topology><rms><rm guid="1" rtype="a"><traces x="1"/></rm></rms></experiment>"""
    root = etree.fromstring(to_xml(read_xml_text(text)))
    assert [each.tag for each in root.iter() if each.get("x")] == ["node-annotations", "traces"]


@pytest.mark.parametrize("spelling", ["1", "+1", " 01"])
def test_spelling_of_a_number_does_not_matter(spelling):
    text = f"""<experiment><topology topo-type="mesh"><nodes><node nid="{spelling}" nid-type="integer" x="a"/>
        <node nid="1" nid-type="string" x="b"/></nodes></topology></experiment>"""
    root = etree.fromstring(to_xml(read_xml_text(text)))
    assert [(each.get("nid-type"), each.get("x")) for each in root.iter("node")] == [("integer", "a"), ("string", "b")]


@pytest.mark.parametrize(
    "part",
    [
        Foreign("", "", "<a>"),
        Foreign("", "", "</rm><rm guid='7' rtype='b'/><rm>"),
        Foreign("", "", "<a/><b/>"),
        Foreign("", "", "only text"),
        Foreign("", "", "<!DOCTYPE a><a/>"),
        Foreign("", "no name", "x"),
        Foreign("", 'a="1" b', "x"),
        Foreign("", "a", "\0"),
    ],
    ids=str,
)
def test_parts_that_would_break_the_file_are_refused(part):
    experiment = read_xml_text('<experiment><rms><rm guid="1" rtype="a"/></rms></experiment>')
    experiment.resource(1).foreign = [part]
    with pytest.raises(FormatError, match=r"resource 1 \(a\)"):
        to_xml(experiment)
