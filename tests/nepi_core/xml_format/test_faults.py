"""Wrong files: each fault is told with its line, what was found, what was expected, and the nearest right name."""

from __future__ import annotations

import re

import pytest

from nepi_core.errors import FormatError
from nepi_core.xml_format import read_xml_text

GOOD = """<experiment xmlns:gui="urn:nepi:gui:1" gui:version="1" exp_id="e" nthreads="20">
<topology topo-type="ladder">
<nodes>
<node nid="ab" nid-type="string"/>
<node nid="2" nid-type="integer" source="True"><node-annotations>
<node-annotation name="ips" type="string" value="['10.0.0.1']"/>
</node-annotations></node>
</nodes>
<edges>
<edge nid1="ab" nid1-type="string" nid2="2" nid2-type="integer"/>
</edges>
</topology>
<rms>
<rm guid="1" rtype="linux::Node" state="0">
<connections><connection guid="2"/></connections>
</rm>
<rm guid="2" rtype="linux::Ping" state="4" start_time="20261121143000000000">
<attributes>
<attribute name="count" type="integer" value="3"/>
<attribute name="sudo" type="bool" value="True"/>
</attributes>
<connections><connection guid="1"/></connections>
<conditions>
<condition action="1" group="[1]" state="3" time="2s"/>
</conditions>
<traces><trace name="stdout"/></traces>
<gui:layout x="1.5"/>
</rm>
</rms>
<gui:canvas><gui:viewport x="1.0" y="1.0" zoom="1.0"/></gui:canvas>
</experiment>"""

FAULTS = {
    "no number": (
        'value="3"',
        'value="three"',
        19,
        "resource 2 (linux::Ping), attribute 'count': value 'three' is no integer",
    ),
    "no truth": ('value="True"', 'value="true"', 20, "value 'true' is neither 'True' nor 'False'"),
    "no type": ('type="bool"', 'type="boolean"', 20, "type 'boolean' is unknown. Did you mean 'bool'?"),
    "type missing": ('type="bool" ', "", 20, "'type' is missing"),
    "value missing": (' value="3"', "", 19, "'value' is missing"),
    "attribute twice": ('name="sudo"', 'name="count"', 20, "attribute 'count': it stands twice"),
    "dangling connection": (
        '<connection guid="2"',
        '<connection guid="7"',
        15,
        "there is no resource 7. The nearest guid is 2.",
    ),
    "connection to itself": (
        '<connection guid="2"',
        '<connection guid="1"',
        15,
        "it leads from the resource to itself",
    ),
    "connection to a name": ('<connection guid="2"', '<connection guid="two"', 15, "guid 'two' is no whole number"),
    "dangling group": ("[1]", "[1, 30]", 24, "there is no resource 30"),
    "empty group": ("[1]", "[]", 24, "'[]' is no list of guids such as '[3, 4]'"),
    "group of names": ("[1]", "['a']", 24, "is no list of guids such as '[3, 4]'"),
    "group of truth": ("[1]", "[True]", 24, "'[True]' is no list of guids"),
    "group with code": ("[1]", "__import__('os').getpid()", 24, "is no list of guids such as '[3, 4]'"),
    "action": ('action="1"', 'action="3"', 24, "action '3' is unknown. Known are 0 (DEPLOY), 1 (START), 2 (STOP)."),
    "state": ('state="3"', 'state="9"', 24, "state '9' is unknown. Known are 0 (NEW)"),
    "delay": ('time="2s"', 'time="2 minutes"', 24, "'2 minutes' is no delay"),
    "state of a resource": ('state="4"', 'state="RUNNING"', 17, "resource 2 (linux::Ping), rm: state 'RUNNING'"),
    "date": ('"20261121143000000000"', '"yesterday"', 17, "resource 2 (linux::Ping), rm: 'yesterday' is no date"),
    "guid zero": ('rm guid="2"', 'rm guid="0"', 17, "rm: guid '0' is no whole number from 1"),
    "guid twice": ('rm guid="2"', 'rm guid="1"', 17, "rm: guid 1 stands twice"),
    "guid missing": ('rm guid="2"', "rm ", 17, "rm: 'guid' is missing"),
    "rtype missing": ('rtype="linux::Ping"', "", 17, "rm: 'rtype' is missing"),
    "node twice": ('nid="2" nid-type="integer"', 'nid="ab" nid-type="string"', 5, "node 'ab' stands twice"),
    "node unknown": ('nid1="ab"', 'nid1="abc"', 10, "there is no node 'abc'. Did you mean 'ab'?"),
    "ips with code": ("['10.0.0.1']", "[exit()]", 6, "value '[exit()]' is no Python literal"),
    "ips a dict": ("['10.0.0.1']", "{}", 6, "value '{}' is no Python list"),
    "nthreads": ('nthreads="20"', 'nthreads="many"', 1, "nthreads 'many' is no whole number from 1"),
    "version": ('version="1"', 'version="one"', 1, "version 'one' is no whole number from 1"),
    "version zero": ('version="1"', 'version="0"', 1, "version '0' is no whole number from 1"),
    "layout": (
        'x="1.5"',
        'x="left"',
        27,
        "resource 2 (linux::Ping), gui:layout: could not convert string to float: 'left'",
    ),
    "viewport": (' zoom="1.0"', "", 30, "gui:viewport: 'zoom' is missing"),
    "source": ('source="True"', 'source="yes"', 5, "node: value 'yes' is neither"),
}


def fault(text):
    with pytest.raises(FormatError) as caught:
        read_xml_text(text, "some.xml")
    return caught.value


def test_good_file_is_good():
    assert len(read_xml_text(GOOD).resources) == 2


@pytest.mark.parametrize("name", FAULTS)
def test_fault(name):
    right, wrong, line, message = FAULTS[name]
    assert GOOD.count(right) == 1 or name in ("state",)
    error = fault(GOOD.replace(right, wrong, 1))
    assert message in error.message
    assert (error.path, error.line) == ("some.xml", line)
    assert str(error).startswith(f"some.xml:{line}: ")


def test_all_faults_are_told_in_order():
    text = GOOD
    for name in ("delay", "no number", "node unknown"):
        text = text.replace(*FAULTS[name][:2])
    error = fault(text)
    assert error.line == 10
    assert re.findall(r"line (\d+)", error.message) == ["10", "19", "24"]
    assert error.message.startswith("3 faults:")


def test_endless_faults_are_cut():
    rms = "".join(f'<rm guid="x{number}" rtype="a"/>\n' for number in range(10_000))
    error = fault(f"<experiment><rms>{rms}</rms></experiment>")
    assert error.message.startswith("20 faults or more:")
    assert error.message.count("\n") == 20


def test_long_values_are_cut_in_messages():
    assert len(fault(GOOD.replace('value="3"', f'value="{"x" * 100_000}"')).message) < 200


@pytest.mark.parametrize("text", ["<html/>", '<experiment xmlns="urn:other"/>', "<rms/>"])
def test_another_kind_of_file(text):
    assert "is no experiment: it starts with <" in fault(text).message


def test_second_topology():
    assert "topology: it stands twice" in fault("<experiment><topology/><topology/></experiment>").message
