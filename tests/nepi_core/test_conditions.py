"""Conditions are checked where they are made: what can never be met is refused with a sentence."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_core.conditions import StepOrder, make_condition, requirements, sentence, unknown_guids
from nepi_core.description import Condition
from nepi_core.errors import ConditionError
from nepi_core.gates import Requirement
from nepi_core.states import ResourceAction, ResourceState

DEPLOY, START, STOP = ResourceAction
NEW, DISCOVERED, PROVISIONED, READY, STARTED, STOPPED, FAILED, RELEASED = ResourceState


def test_checked_condition():
    assert make_condition(START, [3, 1, 3], STARTED, "2s") == Condition(START, (1, 3), STARTED, "2s")
    assert make_condition(1, 5, 4) == Condition(START, (5,), STARTED)
    assert make_condition(STOP, {2}, RELEASED, 1.5).time == "1.5s"


@pytest.mark.parametrize("time", ["2 minutes", "-1s", -1, "soon", "", True, "20261121143000000000"])
def test_time_that_is_none(time):
    with pytest.raises(ConditionError, match=r"The time of a condition: .* is no delay"):
        make_condition(START, 1, STARTED, time)


@pytest.mark.parametrize("action", [3, -1, "start", None])
def test_action_that_is_none(action):
    with pytest.raises(ConditionError, match=r"is no action; allowed are DEPLOY \(0\), START \(1\), STOP \(2\)"):
        make_condition(action, 1, STARTED)


@pytest.mark.parametrize("state", [NEW, 0, 8, "started", None])
def test_state_that_nothing_can_wait_for(state):
    with pytest.raises(ConditionError, match=r"Nothing can wait for the state .*RELEASED \(7\)\."):
        make_condition(START, 1, state)


def test_empty_group():
    with pytest.raises(ConditionError, match="the group is empty"):
        make_condition(START, [], STARTED)


def test_tiny_delay_is_written_so_that_it_can_be_read():
    condition = make_condition(START, 1, STARTED, 1e-05)
    assert requirements([condition], START) == [Requirement((1,), STARTED, 1e-05)]


def test_requirements_are_those_of_the_action():
    conditions = [
        make_condition(START, 1, READY),
        make_condition(STOP, 2, STARTED, "1m"),
        make_condition(START, 3, STOPPED),
    ]
    assert [each.members for each in requirements(conditions, START)] == [(1,), (3,)]
    assert requirements(conditions, STOP) == [Requirement((2,), STARTED, 60.0)]
    assert requirements(conditions, DEPLOY) == []


def test_in_words():
    assert sentence(3, make_condition(START, [4, 5], STARTED, "2s")) == "START of 3: 2s after 4, 5 are STARTED"
    assert sentence(3, make_condition(DEPLOY, 4, READY)) == "DEPLOY of 3: once 4 is READY"


def test_unknown_guids():
    assert unknown_guids([1, 2], {1, 2}) == ""
    assert "waits for 4, 5, which the experiment does not have" in unknown_guids([1, 4, 5], {1, 2})


# -- circles -------------------------------------------------------------------------------------------


def refuses(order: StepOrder, guid: int, *condition) -> bool:
    try:
        order.add(guid, make_condition(*condition))
    except ConditionError:
        return True
    return False


@pytest.mark.parametrize(
    "condition",
    [(START, 1, STARTED), (START, 1, STOPPED), (DEPLOY, 1, READY), (DEPLOY, 1, DISCOVERED), (DEPLOY, 1, STARTED)],
)
def test_action_that_waits_for_itself(condition):
    assert refuses(StepOrder(), 1, *condition)


@pytest.mark.parametrize(
    "condition",
    [(START, 1, READY), (STOP, 1, STARTED, "5s"), (START, 1, FAILED), (START, 1, RELEASED), (STOP, 1, STOPPED)],
)
def test_action_that_waits_for_an_earlier_one_of_its_own(condition):
    assert not refuses(StepOrder(), 1, *condition)


def test_circle_of_two_is_refused_in_words_that_name_both():
    order = StepOrder()
    order.add(1, make_condition(START, 2, STARTED))
    with pytest.raises(ConditionError) as caught:
        order.add(2, make_condition(START, 1, STARTED, "2s"))
    assert str(caught.value) == (
        "The condition 'START of 2: 2s after 1 is STARTED' can never be met: the START of resource 2 would wait for "
        "itself. It already holds: START of 1: once 2 is STARTED."
    )
    order.add(2, make_condition(START, 3, STARTED))


def test_of_a_long_circle_only_some_conditions_are_told():
    order = StepOrder()
    for guid in range(2, 5001):
        order.add(guid, make_condition(START, guid - 1, STARTED))
    order.add(6000, make_condition(START, 5000, STARTED))  # no part of the circle
    with pytest.raises(ConditionError) as caught:
        order.add(1, make_condition(START, 5000, STARTED))
    told = str(caught.value).partition("It already holds: ")[2].split("; ")
    assert told[0] == "START of 5000: once 4999 is STARTED"
    assert told[-1] == "and 4989 more."
    assert len(told) == 11


def test_circle_through_deployments():
    order = StepOrder()
    order.add(1, make_condition(DEPLOY, 2, STARTED))
    assert refuses(order, 2, DEPLOY, 1, READY)
    assert refuses(order, 2, START, 1, READY)
    assert refuses(order, 2, START, 1, STARTED)
    assert not refuses(order, 2, STOP, 1, STARTED)


def test_circle_of_three_and_of_a_group():
    order = StepOrder()
    assert not refuses(order, 1, START, [2, 5], STARTED)
    assert not refuses(order, 2, START, [3, 6], STOPPED)
    assert refuses(order, 3, START, [7, 1], STARTED)
    assert not refuses(order, 3, START, [7], STARTED)


def test_two_that_stop_each_other_make_sense():
    order = StepOrder()
    assert not refuses(order, 1, STOP, 2, STOPPED)
    assert not refuses(order, 2, STOP, 1, STOPPED)


def test_circle_through_a_host():
    order = StepOrder()
    order.add(1, make_condition(DEPLOY, 2, READY))
    with pytest.raises(ConditionError, match="DEPLOY of 2: once 1 is READY"):
        order.add_deployment(2, 1)
    with pytest.raises(ConditionError, match="would wait for itself"):
        order.add_deployment(3, 3)


def test_late_are_those_whose_deployment_waits_for_a_start():
    order = StepOrder()
    order.add(1, make_condition(DEPLOY, 2, STARTED))
    order.add(3, make_condition(DEPLOY, 1, READY))
    order.add(4, make_condition(DEPLOY, 2, READY))
    order.add_deployment(5, 3)
    assert order.holds_deployments
    assert order.late(range(1, 6)) == {1, 3, 5}


def test_copy_can_be_added_to_without_a_change_of_the_first():
    order = StepOrder()
    order.add(1, make_condition(START, 2, STARTED))
    copy = order.copy()
    copy.add(1, make_condition(START, 3, STARTED))
    assert refuses(copy, 3, START, 1, STARTED)
    assert not refuses(order, 3, START, 1, STARTED)
    assert refuses(order.copy(), 2, START, 1, STARTED)


conditions = st.tuples(
    st.integers(1, 5),
    st.sampled_from([DEPLOY, START]),
    st.sets(st.integers(1, 5), min_size=1, max_size=2),
    st.sampled_from([DISCOVERED, READY, STARTED, STOPPED]),
)


@given(st.lists(conditions, max_size=12))
def test_exactly_what_makes_a_circle_is_refused(drawn):
    order = StepOrder()
    graph = nx.DiGraph()
    for guid in range(1, 6):
        graph.add_edge((guid, START), (guid, DEPLOY))
    for guid, action, group, state in drawn:
        awaited = DEPLOY if state <= READY else START
        edges = [((guid, action), (other, awaited)) for other in group]
        tried = graph.copy()
        tried.add_edges_from(edges)
        circular = not nx.is_directed_acyclic_graph(tried)
        assert refuses(order, guid, action, group, state) is circular
        graph = graph if circular else tried
