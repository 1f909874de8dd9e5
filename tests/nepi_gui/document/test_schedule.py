"""The schedule that follows from a description, compared with a simulation of what the engine does."""

from __future__ import annotations

import heapq
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nepi_core.description import AttributeChange, Condition, ExperimentDescription, ResourceDescription
from nepi_core.states import ResourceAction as Action
from nepi_core.states import ResourceState as State
from nepi_core.times import parse_delay
from nepi_gui.document.nature import Nature, ask_nature
from nepi_gui.document.schedule import Event, EventKind, Moment, Reason, Schedule, make_schedule
from nepi_gui.document.sentences import moment_text


def described(*resources: ResourceDescription, changes: list[AttributeChange] | None = None) -> ExperimentDescription:
    return ExperimentDescription(resources={each.guid: each for each in resources}, changes=changes or [])


def resource(guid: int, *conditions: Condition) -> ResourceDescription:
    return ResourceDescription(guid, "any", conditions=list(conditions))


def start(state: State, *group: int, time: str | None = None) -> Condition:
    return Condition(Action.START, group, state, time)


def sure(moment: Moment | None) -> Moment:
    """Return a moment that is not never."""
    assert moment is not None
    return moment


def test_without_conditions_everything_begins_at_once():
    plan = make_schedule(described(resource(1), resource(2)), Nature()).plans[2]
    assert plan.start is not None
    assert plan.start.is_known
    assert sure(plan.start).offset == 0
    assert plan.stop is None


def test_a_chain_of_delays():
    two, three = resource(2, start(State.STARTED, 1, time="2s")), resource(3, start(State.STARTED, 2, time="500ms"))
    plans = make_schedule(described(resource(1), two, three), Nature()).plans
    assert plans[3].start == sure(plans[1].start).plus(2.5)


def test_what_waits_for_an_end_waits_for_an_unknown_time():
    schedule = make_schedule(
        described(resource(1), resource(2, start(State.STOPPED, 1, time="2s"))), Nature(frozenset({1}))
    )
    event, offset = sure(schedule.plans[2].start)
    assert (event.kind, event.guid, offset) == (EventKind.END, 1, 2)
    assert sure(schedule.plans[2].start).phase == 1


def test_a_stop_condition_bounds_an_end():
    stopped = resource(1, Condition(Action.STOP, (1,), State.STARTED, "10s"))
    plan = make_schedule(described(stopped), Nature(frozenset({1}))).plans[1]
    assert sure(plan.stop).event.kind is EventKind.END
    assert plan.stop_at_latest == sure(plan.start).plus(10)
    assert make_schedule(described(stopped), Nature()).plans[1].stop == sure(plan.start).plus(10)


def test_deployments_that_wait_hold_the_group_but_not_those_that_wait_for_a_start():
    held = resource(2, Condition(Action.DEPLOY, (1,), State.READY, "3s"))
    plans = make_schedule(described(resource(1), held), Nature()).plans
    assert sure(plans[1].start).offset == 3
    late = resource(2, Condition(Action.DEPLOY, (1,), State.STARTED, "3s"))
    plans = make_schedule(described(resource(1), late, resource(3)), Nature(hosts={3: (2,)})).plans
    assert [sure(plans[guid].start).offset for guid in (1, 2, 3)] == [0, 3, 3]


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (start(State.STOPPED, 1), Reason.NEVER_ENDS),
        (start(State.RELEASED, 1), Reason.RELEASED),
        (start(State.FAILED, 1), Reason.FAILURE),
    ],
)
def test_doubtful_waits(condition, reason):
    schedule = make_schedule(described(resource(1), resource(2, condition)), Nature())
    assert schedule.doubts[2, 0].reason is reason
    assert schedule.doubts[2, 0].member == 1
    assert (schedule.plans[2].start is None) is (reason is not Reason.FAILURE)


def test_circles_of_a_file_are_told_from_what_waits_for_them():
    circle = (resource(1, start(State.STARTED, 2)), resource(2, start(State.STARTED, 1)))
    follower = resource(3, start(State.STARTED, 1))
    doubts = make_schedule(described(*circle, follower), Nature()).doubts
    assert {key: doubt.reason for key, doubt in doubts.items()} == {
        (1, 0): Reason.CIRCLE,
        (2, 0): Reason.CIRCLE,
        (3, 0): Reason.NEVER_REACHED,
    }


def test_circles_of_stops_are_fine_for_what_ends_by_itself():
    pair = [resource(a, Condition(Action.STOP, (b,), State.STOPPED)) for a, b in ((1, 2), (2, 1))]
    schedule = make_schedule(described(*pair), Nature(frozenset({1, 2})))
    assert not schedule.doubts
    assert schedule.plans[1].stop_at_latest == schedule.plans[2].stop
    assert len(make_schedule(described(*pair), Nature()).doubts) == 2


def test_planned_changes():
    changes = [
        AttributeChange((1,), "a", 1, (1,), State.STARTED, "4s"),
        AttributeChange((1,), "a", 1, (2,), State.STOPPED),
    ]
    schedule = make_schedule(described(resource(1), resource(2), changes=changes), Nature())
    assert sure(schedule.changes[0]).offset == 4
    assert schedule.changes[1] is None
    assert schedule.doubts[0, 1].reason is Reason.NEVER_ENDS


def test_the_types_are_asked_what_ends():
    asked = described(
        ResourceDescription(1, "linux::Ping", {"count": 3}),
        ResourceDescription(2, "linux::Ping"),
        ResourceDescription(3, "nobody::Knows"),
        ResourceDescription(4, "linux::Node", connections={5}),
        ResourceDescription(5, "linux::Ping", connections={4}),
    )
    nature = ask_nature(asked)
    assert nature.ends == {1, 3}
    assert nature.hosts == {5: (4,)}


# -- against a simulation -----------------------------------------------------------------------------------

_DELAYS = st.sampled_from([None, "1s", "2s", "500ms", "7s"])
_STATES = st.sampled_from([State.PROVISIONED, State.READY, State.STARTED, State.STOPPED, State.RELEASED])


@st.composite
def experiments(draw):
    """Draw some resources, what they wait for, which end by themselves and after what time, and hosts."""
    guids = range(1, draw(st.integers(1, 6)) + 1)
    groups = st.lists(st.sampled_from(list(guids)), min_size=1, max_size=3, unique=True).map(lambda g: tuple(sorted(g)))
    conditions = st.builds(Condition, st.sampled_from(list(Action)), groups, _STATES, _DELAYS)
    resources = [resource(guid, *draw(st.lists(conditions, max_size=2))) for guid in guids]
    lengths = {guid: draw(st.sampled_from([0.25, 1.0, 3.0, 20.0])) for guid in guids if draw(st.booleans())}
    hosts = {guid: (guid - 1,) for guid in guids if guid > 1 and draw(st.integers(0, 3)) == 0}
    return described(*resources), lengths, hosts


class Simulation:
    """Runs an experiment by events, as the engine would if nothing took any time but the programs themselves."""

    def __init__(self, description, lengths, hosts):
        self.resources, self.lengths, self.hosts = description.resources, lengths, hosts
        self.reached: dict[tuple[int, State], float] = {}
        self._numbers = count()
        self._queue: list[tuple[float, int, int, State]] = []
        self._planned: set[tuple[int, State]] = set()
        self.late = {guid for guid in self.resources if self._is_late(guid, set())}
        self._run()

    def _is_late(self, guid, seen):
        needed = [each for each in self.resources[guid].conditions if each.action is Action.DEPLOY]
        if any(each.state in (State.STARTED, State.STOPPED) for each in needed):
            return True
        others = {*self.hosts.get(guid, ()), *(member for each in needed for member in each.group)} - seen
        return any(self._is_late(other, seen | {guid}) for other in others)

    def _run(self):
        self._look(0.0)
        while self._queue:
            now, _, guid, state = heapq.heappop(self._queue)
            if (guid, state) not in self.reached:
                self.reached[guid, state] = now
                if state is State.STARTED and guid in self.lengths:
                    heapq.heappush(self._queue, (now + self.lengths[guid], next(self._numbers), guid, State.STOPPED))
                self._look(now)

    def _look(self, now):
        """Plan all steps whose gates are open by now."""
        group = all((guid, State.READY) in self.reached for guid in self.resources if guid not in self.late)
        for guid, each in self.resources.items():
            needs = [((host, State.READY), 0.0) for host in self.hosts.get(guid, ())]
            self._step(guid, State.READY, now, needs, each, Action.DEPLOY)
            if group or guid in self.late:
                self._step(guid, State.STARTED, now, [((guid, State.READY), 0.0)], each, Action.START)
            if any(condition.action is Action.STOP for condition in each.conditions):
                self._step(guid, State.STOPPED, now, [((guid, State.STARTED), 0.0)], each, Action.STOP)

    def _step(self, guid, goal, now, needs, each, action):
        for condition in each.conditions:
            if condition.action is action:
                state = max(condition.state, State.READY)
                needs += [((member, state), parse_delay(condition.time)) for member in condition.group]
        if (guid, goal) not in self._planned and all(need in self.reached for need, _ in needs):
            self._planned.add((guid, goal))
            due = max([now, *(self.reached[need] + delay for need, delay in needs)])
            heapq.heappush(self._queue, (due, next(self._numbers), guid, goal))


def value(moment: Moment, ends: dict[int, float]) -> float:
    """Return the time of a moment, when the times of all ends are known."""
    return moment.offset + _event_value(moment.event, ends)


def _event_value(event: Event, ends: dict[int, float]) -> float:
    if event.kind is EventKind.BEGINNING:
        return 0.0
    if event.kind is EventKind.END:
        return ends[event.guid]
    return max(value(each, ends) for each in event.after)


@settings(max_examples=300, deadline=None)
@given(experiments())
def test_agrees_with_a_simulation(drawn):
    description, lengths, hosts = drawn
    schedule: Schedule = make_schedule(description, Nature(frozenset(lengths), hosts))
    reached = Simulation(description, lengths, hosts).reached
    ends = {guid: time for (guid, state), time in reached.items() if state is State.STOPPED}
    for guid, plan in schedule.plans.items():
        told = {State.READY: plan.deploy, State.STARTED: plan.start, State.STOPPED: plan.stop}
        for state, moment in told.items():
            happened = reached.get((guid, state))
            assert (moment is None) == (happened is None), (guid, state)
            if moment is not None and happened is not None and (state is not State.STOPPED or guid not in lengths):
                assert value(moment, ends) == pytest.approx(happened)
                assert moment.floor <= happened + 1e-9
        if guid in lengths and plan.start is not None:
            latest = [value(plan.stop_at_latest, ends)] if plan.stop_at_latest else []
            assert ends[guid] == pytest.approx(min([value(plan.start, ends) + lengths[guid], *latest]))


@settings(max_examples=200, deadline=None)
@given(experiments())
def test_conditions_are_doubtful_exactly_when_they_are_never_met(drawn):
    description, lengths, hosts = drawn
    doubts = make_schedule(description, Nature(frozenset(lengths), hosts)).doubts
    reached = Simulation(description, lengths, hosts).reached
    for guid, each in description.resources.items():
        for index, condition in enumerate(each.conditions):
            met = all((member, max(condition.state, State.READY)) in reached for member in condition.group)
            assert ((guid, index) not in doubts) == met


def test_moments_in_words():
    waiting = resource(4, start(State.STOPPED, 1, 2, time="1s"), start(State.FAILED, 3))
    known = resource(3, start(State.STARTED, 1, time="1500ms"))
    description = described(resource(1), resource(2), known, waiting)
    plans = make_schedule(description, Nature(frozenset({1, 2}))).plans
    assert moment_text(description, sure(plans[3].start)) == "+1.5 s"
    assert moment_text(description, sure(plans[1].stop)) == "when any 1 ends"
    words = moment_text(description, sure(plans[4].start))
    assert words == "the last of: 1 s after any 1 ends; 1 s after any 2 ends; when any 3 fails"
