from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from nepi_core.description import (
    AttributeChange,
    Condition,
    ExperimentDescription,
    Lab,
    Layout,
    ResourceDescription,
    TopologyDescription,
    Value,
)
from nepi_core.lab import (
    addition_refusal,
    attribute_refusal,
    connection_refusal,
    differences,
    refusal,
    removal_refusal,
    rename_refusal,
    resource_refusal,
    violations,
)
from nepi_core.loading import validate
from nepi_core.states import ResourceAction, ResourceState
from tests.nepi_core.strategies import experiments

H1, H2, LINK, PING, CHECK = 1, 2, 3, 4, 5


def lab_file(**more: Any) -> ExperimentDescription:
    """Two hosts and a link, locked but for its delay, a ping of which only the target is locked, and a check."""
    made = ExperimentDescription(exp_id="lab")
    given: list[tuple[int, str, dict[str, Value], str]] = [
        (H1, "netns::Node", {}, "h1"),
        (H2, "netns::Node", {}, "h2"),
        (LINK, "netns::Link", {"delay": 10.0, "rate": 5.0}, "link"),
        (PING, "linux::Ping", {"target": "h2", "count": 3}, "ping"),
        (CHECK, "check::Reach", {}, "check"),
    ]
    for guid, rtype, attributes, label in given:
        made.resources[guid] = ResourceDescription(guid, rtype, attributes, layout=Layout(label=label))
    for one, other in ((LINK, H1), (LINK, H2), (PING, H1), (CHECK, H1), (CHECK, H2)):
        made.connect(one, other)
    lab: dict[str, Any] = {
        "locked": {H1, H2, LINK},
        "locked_attributes": {PING: {"target"}},
        "open_attributes": {LINK: {"delay"}},
    }
    made.lab = Lab(**(lab | {"structure_locked": True, "allowed_types": {"netns::Route"}} | more))
    return made


def told(change, **lab):
    original = lab_file(**lab)
    submitted = original.copy()
    change(submitted)
    return [(each.guid, each.attribute) for each in differences(original, submitted)]


def put(guid, **attributes):
    return lambda made: made.resources[guid].attributes.update(attributes)


def add(made, rtype, *connected, guid=9, **attributes):
    made.resources[guid] = ResourceDescription(guid, rtype, attributes)
    for other in connected:
        made.connect(guid, other)


# -- what is told ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (put(LINK, delay=1.0), []),
        (put(LINK, rate=1.0), [(LINK, "rate")]),
        (put(LINK, loss=50.0), [(LINK, "loss")]),
        (put(PING, count=5), []),
        (put(PING, target="h1"), [(PING, "target")]),
        (put(CHECK, target="nothing"), []),
        (lambda made: made.remove(H2), [(H2, "")]),
        (lambda made: made.remove(PING), [(PING, "")]),
        (lambda made: made.remove(CHECK), []),
        (lambda made: made.disconnect(LINK, H2), [(H2, "")]),
        (lambda made: made.connect(H1, H2), [(H1, "")]),
        (lambda made: made.connect(PING, H2), [(H2, "")]),
        (lambda made: add(made, "netns::Route", H1), []),
        (lambda made: add(made, "netns::Node", LINK), [(9, "")]),
        (lambda made: add(made, "check::Output", PING), []),
        (lambda made: setattr(made.resources[H1].layout, "label", "other"), [(H1, "")]),
        (lambda made: setattr(made.resources[PING].layout, "label", "other"), [(PING, "")]),
        (lambda made: setattr(made.resources[H1].layout, "x", 500.0), []),
        (lambda made: setattr(made.resources[H1].layout, "note", "mine"), []),
        (lambda made: setattr(made.resources[LINK], "rtype", "netns::Switch"), [(LINK, "")]),
        (lambda made: made.resources[LINK].traces.update(counters=True), [(LINK, "")]),
        (lambda made: made.resources[PING].traces.update(stdout=False), []),
        (lambda made: made.global_values.update({("netns::Node", "routing"): "none"}), [(0, "routing")]),
        (lambda made: setattr(made, "topology", TopologyDescription("ring")), [(0, "")]),
        (lambda made: setattr(made, "exp_id", "mine"), []),
        (lambda made: setattr(made, "lab", None), []),
    ],
)
def test_each_change(change, expected):
    assert told(change) == expected


def test_without_a_lab_everything_is_allowed():
    original, submitted = lab_file(), lab_file()
    original.lab = None
    submitted.remove(H1)
    assert differences(original, submitted) == []


def test_conditions_of_what_is_locked_are_locked():
    waiting = Condition(ResourceAction.STOP, (PING,), ResourceState.STOPPED)
    assert told(lambda made: made.resources[LINK].conditions.append(waiting)) == [(LINK, "")]
    assert told(lambda made: made.resources[PING].conditions.append(waiting)) == []


def test_planned_changes_do_not_get_round_a_lock():
    def plan(name):
        change = AttributeChange((LINK,), name, 1.0, (PING,), ResourceState.STARTED)
        return lambda made: made.changes.append(change)

    assert told(plan("rate")) == [(0, "")]
    assert told(plan("delay")) == []


def test_what_is_said_in_another_way_is_no_change():
    assert told(put(LINK, rate="5")) == []
    assert told(put(LINK, loss=0.0)) == []
    assert told(lambda made: made.resources[LINK].traces.update(counters=False)) == []


def test_with_an_open_structure_only_locks_count():
    opened = {"structure_locked": False}
    assert told(lambda made: add(made, "netns::Node", LINK), **opened) == []
    assert told(lambda made: made.connect(PING, H2), **opened) == []
    assert told(lambda made: made.disconnect(LINK, H2), **opened) == [(H2, "")]
    assert told(lambda made: made.remove(PING), **opened) == [(PING, "")]
    assert told(lambda made: made.remove(PING), locked_attributes={}, **opened) == []


def test_what_takes_the_place_of_a_locked_resource_is_told():
    def replaced(made):
        made.remove(H1)
        add(made, "netns::Node", LINK, PING, guid=H1)

    assert told(replaced) == [(H1, "")]  # it has not the same name


def test_what_takes_the_place_of_an_allowed_resource_must_be_allowed():
    original = lab_file()
    add(original, "netns::Route", H1)
    submitted = original.copy()
    submitted.resources[9].rtype = "netns::Switch"
    assert [each.guid for each in differences(original, submitted)] == [9]


def test_sentences_tell_what_and_where():
    original, submitted = lab_file(), lab_file()
    submitted.resources[LINK].attributes["rate"] = 100.0
    del submitted.resources[PING].attributes["target"]
    assert [each.sentence for each in differences(original, submitted)] == [
        "Attribute 'rate' of link is locked by the lab: it is 5.0, not 100.0.",
        "Attribute 'target' of ping is locked by the lab: it is 'h2', not empty.",
    ]


# -- for the window ----------------------------------------------------------------------------------------------------


def test_a_step_is_judged_by_what_it_touches():
    made = lab_file()
    before = made.resources[LINK]
    after = before.copy()
    after.attributes["rate"] = 1.0
    assert refusal(made.lab, {LINK: before}, {LINK: after}).startswith("Attribute 'rate' of link")
    assert refusal(made.lab, {}, {}, {"changes": []}, {"changes": []}) == ""
    assert refusal(made.lab, {H1: made.resources[H1], H2: made.resources[H2]}, {}).endswith(
        "(1 more of its changes are not allowed either.)"
    )
    assert refusal(None, {LINK: before}, {}) == ""


def test_questions_before_a_step():
    made = lab_file()
    lab, link, ping, host = made.lab or Lab(), made.resources[LINK], made.resources[PING], made.resources[H1]
    assert attribute_refusal(lab, link, "rate")
    assert not attribute_refusal(lab, link, "delay")
    assert not attribute_refusal(lab, ping, "count")
    assert resource_refusal(lab, link)
    assert not resource_refusal(lab, ping)
    assert rename_refusal(lab, ping)
    assert removal_refusal(lab, ping)
    assert addition_refusal(lab, "netns::Node") == (
        "netns::Node cannot be added: the lab allows only netns::Route to be added."
    )
    assert not addition_refusal(lab, "netns::Route")
    assert addition_refusal(replace(lab, allowed_types=frozenset()), "netns::Route")
    assert connection_refusal(lab, link, host)
    assert not connection_refusal(lab, host, ResourceDescription(9, "netns::Route"))
    assert not any([attribute_refusal(None, link, "rate"), removal_refusal(None, link), addition_refusal(None, "x")])


def test_what_a_lab_says_without_effect_is_doubted():
    made = lab_file(locked={H1, 77}, open_attributes={H1: {"nmae"}, PING: {"count"}}, allowed_types={"netns::Rout"})
    assert [each.message for each in validate(made) if "The lab" in each.message] == [
        "The lab speaks of resource 77, which does not exist. Known are: 1, 2, 3, 4, 5.",
        "The lab opens attributes of resource 4, which is not locked.",
        "The lab speaks of attribute 'nmae' of h1, which has none such. Did you mean 'name'?",
        "The lab allows netns::Rout to be added, which is no resource type. Did you mean 'netns::Route'?",
    ]
    made.lab = Lab(allowed_types={"netns::Route"})
    assert len([each for each in validate(made) if "has no effect" in each.message]) == 1


# -- of any experiment -------------------------------------------------------------------------------------------------


@given(experiments())
def test_what_was_not_changed_is_allowed(experiment):
    assert differences(experiment, experiment.copy()) == []


@given(experiments(), experiments())
def test_every_difference_can_be_told(original, submitted):
    for each in differences(original, submitted):
        assert each.sentence
    assert violations(None, original.resources, submitted.resources) == []


# -- the data ----------------------------------------------------------------------------------------------------------


def test_what_is_removed_is_not_locked_any_more():
    made = lab_file()
    made.remove(LINK)
    made.remove(PING)
    assert made.lab == Lab(locked={H1, H2}, structure_locked=True, allowed_types={"netns::Route"})


def test_equal_labs_are_equal():
    assert Lab(locked={1, 2}, locked_attributes={3: set(), 4: {"b", "a"}}) == Lab(
        locked=frozenset({2, 1}), locked_attributes={4: frozenset({"a", "b"})}
    )
