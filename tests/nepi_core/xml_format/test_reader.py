"""What the reader makes of right files: dialects, NEPI's spellings, our additions."""

from __future__ import annotations

import pytest

from nepi_core.description import AttributeChange, CanvasNote, Condition, Layout
from nepi_core.errors import FormatError
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.xml_format import read_xml_text, to_xml

MARK = 'xmlns:gui="urn:nepi:gui:1" gui:version="1"'


def rm(inside="", head='state="0"', guid=1):
    return f'<rm guid="{guid}" rtype="linux::Node" {head}>{inside}</rm>'


def experiment(*rms, head="", more=""):
    return f"<experiment {head}>{more}<rms>{''.join(rms)}</rms></experiment>"


def condition(state, group="[1]", time='time="2s"'):
    return f'<conditions><condition action="1" group="{group}" state="{state}" {time}/></conditions>'


def attribute(value, kind="string"):
    return f'<attributes><attribute name="a" type="{kind}" value="{value}"/></attributes>'


def read_attributes(*arguments, head=""):
    return read_xml_text(experiment(rm(attribute(*arguments)), head=head)).resource(1).attributes


def states(head="", dialect=None, state=4, condition_state=4):
    text = experiment(rm(condition(condition_state), f'state="{state}"'), head=head)
    resource = read_xml_text(text, dialect=dialect).resource(1)
    return resource.state.name, resource.conditions[0].state.name


def test_states_are_nepi_3_s_by_default():
    assert states() == ("STARTED", "STARTED")
    assert states(dialect="nepi3") == ("STARTED", "STARTED")


def test_states_of_nepi_6():
    assert states(dialect="nepi6") == ("READY", "READY")
    assert states(dialect="nepi6", state=2, condition_state=2) == ("DISCOVERED", "PROVISIONED")
    assert states(dialect="nepi6", state=1, condition_state=3) == ("DISCOVERED", "PROVISIONED")
    assert states(dialect="nepi6", state=0, condition_state=8) == ("NEW", "RELEASED")


def test_a_state_of_8_proves_nepi_6():
    assert states(state=8) == ("RELEASED", "READY")
    assert states(condition_state=8) == ("READY", "RELEASED")


@pytest.mark.parametrize("rest", [{"dialect": "nepi3"}, {"head": MARK}, {"head": MARK, "dialect": "nepi6"}])
def test_a_state_of_8_is_wrong_where_the_numbers_are_sure(rest):
    with pytest.raises(FormatError, match=r"state '8' is unknown. Known are 0 \(NEW\)"):
        states(state=8, **rest)


def test_our_mark_is_stronger_than_the_dialect():
    assert states(head=MARK, dialect="nepi6") == ("STARTED", "STARTED")


def test_unknown_dialect():
    with pytest.raises(FormatError, match=r"dialect 'nepi5' is unknown\. Did you mean 'nepi"):
        read_xml_text(experiment(), dialect="nepi5")


def test_none_of_nepi_is_not_set():
    assert read_attributes("None") == {}
    assert read_attributes("None", "integer") == {}
    text = experiment(head='exp_id="None" run_id="None" local_dir="None" nthreads="None"')
    read = read_xml_text(text)
    assert (read.exp_id, read.run_id, read.local_dir, read.nthreads) == ("", "", "", None)


def test_none_of_ours_is_a_text():
    assert read_attributes("None", head=MARK) == {"a": "None"}
    assert read_xml_text(experiment(head=f'exp_id="None" {MARK}')).exp_id == "None"


@pytest.mark.parametrize("spelling", ["&#0000;", "&amp;#0000;"])
def test_nul_of_nepi(spelling):
    assert read_attributes(f"a{spelling}b") == {"a": "a\0b"}


def test_nul_of_nepi_is_a_text_in_our_files():
    assert read_attributes("a&amp;#0000;b", head=MARK) == {"a": "a&#0000;b"}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", "", ""),
        ("string", "  a&#10;b&#9;", "  a\nb\t"),
        ("bool", "True", True),
        ("bool", "False", False),
        ("integer", "-3", -3),
        ("integer", str(10**300), 10**300),
        ("float", "1", 1.0),
        ("float", "-0.0", -0.0),
        ("float", "inf", float("inf")),
    ],
)
def test_values_have_their_type(kind, text, value):
    read = read_attributes(text, kind)["a"]
    assert (type(read), repr(read)) == (type(value), repr(value))


@pytest.mark.parametrize("group", ["[1, 2]", "{1, 2}", "set([1, 2])", "[2, 1]", "[1,2]"])
def test_groups(group):
    read = read_xml_text(experiment(rm(condition(4, group)), rm(guid=2)))
    assert read.resource(1).conditions == [Condition(ResourceAction.START, (1, 2), ResourceState.STARTED, "2s")]


@pytest.mark.parametrize("time", ["", 'time="None"'])
def test_a_condition_without_delay(time):
    assert read_xml_text(experiment(rm(condition(4, time=time)))).resource(1).conditions[0].time is None


def test_a_connection_on_one_side_counts_for_both():
    read = read_xml_text(experiment(rm(guid=2), rm('<connections><connection guid="2"/></connections>')))
    assert (read.resource(1).connections, read.resource(2).connections) == ({2}, {1})


def test_times_of_a_run():
    date = "20261121143000000000"
    resource = read_xml_text(experiment(rm(head=f'state="5" start_time="{date}" stop_time="None"'))).resource(1)
    assert (resource.state, resource.times) == (ResourceState.STOPPED, {ResourceState.STARTED: date})


def test_resources_with_the_same_group_share_it():
    read = read_xml_text(experiment(rm(condition(4)), rm(condition(5), guid=2)))
    assert read.resource(1).conditions[0].group is read.resource(2).conditions[0].group


def test_lines_are_known_in_long_files():
    read = read_xml_text(experiment("\n" * 70_000, rm()))
    assert read.resource(1).line == 70_001


OURS = f"""
<experiment {MARK}>
    <topology topo-type="adhoc" gui:topo-type="fat-tree">
        <nodes><node nid="1" nid-type="string"><node-annotations>
            <node-annotation name="ips" type="string" value="plain" gui:literal="False"/>
            <node-annotation name="ports" type="string" value="[1, (2.5, None)]" gui:literal="True"/>
        </node-annotations></node></nodes>
    </topology>
    <rms>
        <rm guid="3" rtype="linux::Ping" state="0">
            <traces><trace name="stdout"/><gui:trace name="stderr" enabled="False"/></traces>
            <gui:layout x="1.5" y="-2" colour="#ff0000" note="two&#10;lines"/>
        </rm>
    </rms>
    <gui:globals><gui:global rtype="linux::Node" name="home" type="string" value="~"/></gui:globals>
    <gui:changes>
        <gui:change guids="[3]" name="count" type="integer" value="5" group="[3]" state="4" time="2s"/>
        <gui:change guids="[3]" name="count" group="[3]" state="4"/>
    </gui:changes>
    <gui:canvas><gui:viewport x="0" y="1" zoom="2"/><gui:area x="1" y="2" width="3" height="4" text="lab"/></gui:canvas>
</experiment>
"""


def test_what_we_add():
    read = read_xml_text(OURS)
    assert read.topology is not None
    assert read.topology.topo_type == "fat-tree"
    assert read.topology.nodes[0].annotations == {"ips": "plain", "ports": [1, (2.5, None)]}
    assert read.resource(3).traces == {"stdout": True, "stderr": False}
    assert read.resource(3).layout == Layout(1.5, -2.0, colour="#ff0000", note="two\nlines")
    assert read.global_values == {("linux::Node", "home"): "~"}
    assert read.changes == [
        AttributeChange((3,), "count", 5, (3,), ResourceState.STARTED, "2s"),
        AttributeChange((3,), "count", None, (3,), ResourceState.STARTED, None),
    ]
    assert read.canvas.viewport == (0.0, 1.0, 2.0)
    assert read.canvas.notes == [CanvasNote("area", 1.0, 2.0, 3.0, 4.0, "lab")]
    assert read_xml_text(to_xml(read)) == read


def test_what_we_add_needs_no_certain_prefix():
    other = OURS.replace("gui:", "g:").replace("xmlns:gui=", "xmlns:g=").replace("urn:nepi:g:1", "urn:nepi:gui:1")
    assert read_xml_text(other) == read_xml_text(OURS)


def test_text_and_bytes_and_a_byte_order_mark():
    assert read_xml_text(OURS) == read_xml_text(OURS.encode()) == read_xml_text(OURS.strip().encode("utf-8-sig"))
