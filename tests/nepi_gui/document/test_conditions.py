"""Steps with conditions and planned changes: what they do, what they refuse, what undo calls them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_core.conditions import StepOrder
from nepi_core.description import AttributeChange, Condition, ExperimentDescription, Layout, ResourceDescription
from nepi_core.errors import AttributeValueError, ConditionError, NepiError, TimeFormatError, UnknownAttributeError
from nepi_core.states import ResourceAction as Action
from nepi_core.states import ResourceState as State
from nepi_core.times import parse_delay
from nepi_gui.document import conditions
from nepi_gui.document.document import Document
from nepi_gui.document.schedule import Doubt, Reason
from nepi_gui.document.sentences import Part, doubt_text, read_delay, sentence, shown_delay, words_of

SERVER, CAPTURE, CLIENT, LINK = 1, 2, 3, 4


@pytest.fixture
def document(qapp):
    names = {SERVER: "server", CAPTURE: "capture", CLIENT: "client"}
    resources = {
        guid: ResourceDescription(guid, "linux::Ping", layout=Layout(label=name)) for guid, name in names.items()
    }
    resources[LINK] = ResourceDescription(LINK, "netns::Link", layout=Layout(label="link1"))
    return Document(ExperimentDescription(resources=resources))


def start(*group: int, time: str | None = None, state: State = State.STARTED) -> Condition:
    return Condition(Action.START, group, state, time)


def test_a_condition_is_added_replaced_removed_and_undone(document):
    before = document.freeze()
    key = conditions.add_condition(document, CLIENT, start(SERVER, time="2s"))
    assert document.history.texts()[-1] == "Condition: START client 2 s after server is STARTED"
    conditions.replace_condition(document, key, start(CAPTURE, SERVER, time="2s"))
    assert sentence(document.description, key) == "START client 2 s after server, capture are STARTED"
    conditions.remove_conditions(document, [key])
    assert document.description == before
    document.history.undo()
    assert document.description.resources[CLIENT].conditions == [start(SERVER, CAPTURE, time="2s")]
    document.history.go_to(0)
    assert document.description == before


def test_circles_and_what_does_not_exist_are_refused(document):
    conditions.add_condition(document, CAPTURE, start(SERVER))
    key = conditions.add_condition(document, CLIENT, start(CAPTURE))
    before = document.freeze()
    with pytest.raises(ConditionError, match="wait for itself"):
        conditions.add_condition(document, SERVER, start(CLIENT))
    with pytest.raises(ConditionError, match="waits for 99"):
        conditions.replace_condition(document, key, start(99))
    with pytest.raises(ConditionError, match="empty"):
        conditions.replace_condition(document, key, start())
    with pytest.raises(NepiError):
        conditions.add_condition(document, 99, start(SERVER))
    assert document.description == before
    assert len(document.history) == 2


def test_a_circle_is_opened_by_replacing_the_condition_that_closes_it(document):
    key = conditions.add_condition(document, CLIENT, start(SERVER))
    conditions.replace_condition(document, key, start(CAPTURE))
    conditions.add_condition(document, SERVER, start(CLIENT))


def test_a_circle_of_a_file_does_not_forbid_other_steps(document):
    with document.edit("read") as edit:
        edit.resource(SERVER).conditions.append(start(CLIENT))
        edit.resource(CLIENT).conditions.append(start(SERVER))
    conditions.add_condition(document, CAPTURE, start(SERVER))
    conditions.replace_condition(document, (CLIENT, 0), start(CAPTURE, state=State.READY))


def test_another_resource_waits(document):
    key = conditions.add_condition(document, CLIENT, start(SERVER))
    assert conditions.give_condition(document, key, CAPTURE) == (CAPTURE, 0)
    assert not document.description.resources[CLIENT].conditions
    with pytest.raises(ConditionError):
        conditions.give_condition(document, (CAPTURE, 0), SERVER)
    assert document.description.resources[CAPTURE].conditions == [start(SERVER)]
    document.history.undo()
    assert document.description.resources[CLIENT].conditions == [start(SERVER)]


def test_several_are_removed_in_one_step(document):
    keys = [conditions.add_condition(document, CLIENT, start(guid)) for guid in (SERVER, CAPTURE, SERVER)]
    conditions.add_change(document, AttributeChange((LINK,), "delay", 10, (SERVER,), State.STARTED))
    conditions.remove_conditions(document, [keys[0], keys[2], (0, 0)])
    assert document.description.resources[CLIENT].conditions == [start(CAPTURE)]
    assert not document.description.changes
    assert document.history.texts()[-1] == "Remove 3 conditions"
    document.history.undo()
    assert len(document.description.resources[CLIENT].conditions) == 3


def test_planned_changes(document):
    key = conditions.add_change(document, AttributeChange((LINK,), "delay", "10", (SERVER,), State.STARTED, "5s"))
    assert sentence(document.description, key) == "SET delay of link1 to 10.0 5 s after server is STARTED"
    assert document.description.changes[0].value == 10
    with pytest.raises(AttributeValueError):
        conditions.replace_change(document, key, AttributeChange((LINK,), "delay", -3, (SERVER,), State.STARTED))
    with pytest.raises(UnknownAttributeError):
        conditions.add_change(document, AttributeChange((SERVER,), "delay", 3, (SERVER,), State.STARTED))
    document.history.undo()
    assert not document.description.changes


def test_what_a_user_may_want(document):
    description = document.description
    assert conditions.guess_condition(description, [SERVER, CLIENT]) == (CLIENT, start(SERVER))
    conditions.add_condition(document, SERVER, start(CLIENT))
    guess = conditions.guess_condition(description, [SERVER, CLIENT])
    assert guess is not None
    assert (guess[0], guess[1].action) == (CLIENT, Action.STOP)
    assert conditions.guess_condition(ExperimentDescription(), []) is None
    change = conditions.guess_change(description, [LINK])
    assert change is not None
    assert change.guids == (LINK,)


def test_thousands_of_conditions(qapp):
    resources = {guid: ResourceDescription(guid, "linux::Ping") for guid in range(1, 5001)}
    for guid in range(2, 5001):
        resources[guid].conditions.append(start(guid - 1))
    document = Document(ExperimentDescription(resources=resources))
    with pytest.raises(ConditionError, match="wait for itself"):
        conditions.add_condition(document, 1, start(5000))
    conditions.add_condition(document, 5000, start(1))


# -- sentences ----------------------------------------------------------------------------------------------


def test_the_parts_of_a_sentence(document):
    key = conditions.add_condition(document, CLIENT, start(SERVER))
    words = words_of(document.description, key)
    assert "".join(each.text for each in words) == "START client as soon as server is STARTED"
    assert [each.part for each in words if each.part] == [
        Part.ACTION,
        Part.RESOURCE,
        Part.DELAY,
        Part.GROUP,
        Part.STATE,
    ]
    doubt = Doubt(key, SERVER, Reason.NEVER_REACHED)
    assert doubt_text(document.description, doubt) == "Can never be met: server will never be STARTED."


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("2", "2s"), ("2 min 30 s", "2m30s"), ("500MS", "500ms"), ("", None), ("0s", None), (".5", ".5s")],
)
def test_delays_as_they_are_typed(typed, kept):
    assert read_delay(typed) == kept


@pytest.mark.parametrize("typed", ["soon", "-1s", "2 parsecs", "1e3"])
def test_what_is_no_delay_is_refused(typed):
    with pytest.raises(TimeFormatError):
        read_delay(typed)


@given(st.lists(st.tuples(st.integers(0, 999), st.sampled_from(["h", "m", "s", "ms", "us"])), max_size=4))
def test_a_delay_that_is_shown_can_be_read_again(parts):
    time = "".join(f"{number}{unit}" for number, unit in parts) or None
    assert parse_delay(read_delay(shown_delay(time))) == pytest.approx(parse_delay(time))


# -- circles, against the engine ------------------------------------------------------------------------------

_CONDITIONS = st.builds(
    Condition,
    st.sampled_from(list(Action)),
    st.lists(st.integers(1, 4), min_size=1, max_size=2, unique=True).map(lambda group: tuple(sorted(group))),
    st.sampled_from([State.READY, State.STARTED, State.STOPPED, State.FAILED]),
)


@given(st.lists(st.tuples(st.integers(1, 4), _CONDITIONS), max_size=12))
def test_the_engine_refuses_the_same_circles(steps):
    description = ExperimentDescription(resources={guid: ResourceDescription(guid, "any") for guid in range(1, 5)})
    order = StepOrder()
    for guid, condition in steps:
        try:
            order.add(guid, condition)
        except ConditionError:
            assert "wait for itself" in conditions.condition_refusal(description, guid, condition)
        else:
            assert not conditions.condition_refusal(description, guid, condition)
            description.resources[guid].conditions.append(condition)


def test_a_condition_that_is_gone_cannot_be_altered(document):
    """As when it is taken back while somebody chooses something in it."""
    for key in ((CLIENT, 0), (0, 0), (99, 3)):
        with pytest.raises(ConditionError, match="any more"):
            conditions.replace_condition(document, key, start(SERVER))
        with pytest.raises(ConditionError, match="any more"):
            conditions.give_condition(document, key, SERVER)
        with pytest.raises(ConditionError, match="any more"):
            conditions.duplicate(document, key)
    with pytest.raises(ConditionError, match="any more"):
        conditions.replace_change(document, (0, 0), AttributeChange((LINK,), "delay", 1.0, (SERVER,), State.STARTED))
    assert not document.history
