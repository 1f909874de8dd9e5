"""Rows, arrows and marks of a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nepi_core.lifecycle import StateChange
from nepi_core.states import ResourceAction as Action
from nepi_core.states import ResourceState as State
from nepi_gui.panels.run_timeline import marks as marks_module
from nepi_gui.panels.run_timeline.arrows import allowed, arrows_of, fulfilled
from nepi_gui.panels.run_timeline.marks import Mark, Marks
from nepi_gui.panels.run_timeline.rows import LINES, Grouping
from nepi_gui.panels.run_timeline.story import Story
from nepi_gui.watching.watched_run import WatchedRun
from tests.nepi_gui.panels.run_timeline.recorded import BEGAN, CLIENT, LINK, NODE1, NODE2, SERVER


@pytest.fixture
def story(run: WatchedRun) -> Story:
    return Story(run)


def shown(story: Story) -> list[tuple[int, int]]:
    return [(row.guid, row.depth) for row in story.rows.rows]


def test_hosts_stand_with_what_runs_on_them_and_links_last(story: Story) -> None:
    assert shown(story) == [(NODE1, 0), (SERVER, 1), (NODE2, 0), (CLIENT, 1), (0, 0), (LINK, 1)]
    assert story.rows[4].heads == LINES


def test_backends_stand_together(story: Story) -> None:
    story.grouping = Grouping.BACKEND
    story.arrange()
    assert shown(story) == [(0, 0), (NODE1, 1), (NODE2, 1), (LINK, 1), (0, 0), (SERVER, 1), (CLIENT, 1)]
    assert [row.heads for row in story.rows.rows if row.heads] == ["netns", "linux"]


def test_one_by_one_they_stand_in_the_order_of_their_starts(story: Story) -> None:
    story.grouping = Grouping.NONE
    story.arrange()
    assert shown(story) == [(guid, 0) for guid in (NODE1, NODE2, LINK, SERVER, CLIENT)]


def test_what_is_folded_is_found_in_its_heading(story: Story) -> None:
    story.folded.add(str(NODE2))
    story.arrange()
    assert (CLIENT, 1) not in shown(story)
    assert story.rows[story.rows.places[CLIENT]].guid == NODE2


def test_words_find_names_types_and_states(story: Story) -> None:
    found = {}
    for words in ("client", "PING", "failed ping", "nothing like it"):
        story.words = words
        story.arrange()
        found[words] = [guid for guid, depth in shown(story) if depth]
    assert found == {"client": [CLIENT], "PING": [SERVER, CLIENT], "failed ping": [CLIENT], "nothing like it": []}


def test_failures_are_noted(story: Story) -> None:
    assert story.failed == {CLIENT: BEGAN + 5.0}
    assert story.catch_up() is False


def test_without_a_description_there_are_the_recorded_names(folder: Path, qapp: object) -> None:
    (folder / "experiment.xml").unlink()
    run = WatchedRun(folder)
    assert Story(run).cast.names[CLIENT] == "client"
    run.close()


def test_without_anything_there_are_no_rows(tmp_path: Path, qapp: object) -> None:
    run = WatchedRun(tmp_path)
    assert len(Story(run).rows) == 0
    run.close()


# -- arrows ------------------------------------------------------------------------------------------------


def test_an_arrow_leads_from_what_was_waited_for_to_what_waited(story: Story) -> None:
    (arrow,) = arrows_of(story.run.description, story.run.lives, [])
    assert (arrow.member, arrow.guid, arrow.is_last) == (SERVER, CLIENT, True)
    assert [time - BEGAN for time in (arrow.begins, arrow.due, arrow.ends)] == pytest.approx([1.0, 3.0, 3.1])
    assert arrows_of(story.run.description, story.run.lives, [SERVER], alone=True) == []
    assert arrows_of(story.run.description, story.run.lives, [CLIENT], alone=True) == [arrow]


def change(new: State, time: float) -> StateChange:
    return StateChange(1, State.NEW, new, time, "")


def test_a_state_that_was_skipped_counts_from_the_next_one() -> None:
    changes = [change(State.READY, 1.0), change(State.STOPPED, 2.0)]
    assert fulfilled(changes, State.PROVISIONED) == changes[0]
    assert fulfilled(changes, State.STARTED) == changes[1]
    assert fulfilled(changes, State.FAILED) is None


def test_what_happened_before_was_not_allowed_by_the_condition() -> None:
    changes = [change(State.READY, 1.0), change(State.STARTED, 2.0)]
    assert allowed(changes, Action.DEPLOY, 0.5) == changes[0]
    assert allowed(changes, Action.START, 2.0) == changes[1]
    assert allowed(changes, Action.START, 2.5) is None
    assert allowed(changes, Action.STOP, 0.0) is None


# -- marks -------------------------------------------------------------------------------------------------


def test_planned_changes_are_in_the_log(run: WatchedRun) -> None:
    assert list(Marks(run).of(LINK)) == [Mark(BEGAN + 4.1, LINK, "delay", "20.0", True)]


def test_what_is_set_by_hand_is_a_mark_of_its_own(run: WatchedRun) -> None:
    marks = Marks(run)
    assert marks.take([(LINK, "delay", 20.0), (LINK, "delay", 5), (SERVER, "tos", None)]) == {LINK, SERVER}
    assert [(mark.value, mark.is_planned) for mark in marks.of(LINK)] == [("20.0", True), ("20.0", True), ("5", False)]
    assert [mark.value for mark in marks.of(SERVER)] == ["None"]


def test_each_of_several_planned_values_is_planned(run: WatchedRun) -> None:
    later = replace(run.description.changes[0], value=30.0, time="5s")
    run.description.changes.append(later)
    marks = Marks(run)
    marks.take([(LINK, "delay", 20.0), (LINK, "delay", 30.0)])
    assert [mark.is_planned for mark in marks.of(LINK)[1:]] == [True, True]


def test_the_record_knows_better_what_was_told_live(run: WatchedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = Marks(run)
    marks.take([(SERVER, "tos", None), (LINK, "delay", 7.0)])
    since = marks.of(SERVER)[0].time
    written = [
        Mark(since + 0.1, SERVER, "tos", "0", False),
        *(Mark(since + n, LINK, "loss", "1", False) for n in range(9)),
    ]
    monkeypatch.setattr(marks_module, "recorded", lambda _: written)
    marks.read(run)
    assert marks.of(SERVER) == written[:1]
    assert [mark.name for mark in marks.of(LINK)].count("delay") == 2  # the one of the log before, and the one by hand
    assert list(marks.of(LINK)) == sorted(marks.of(LINK))


def test_what_is_told_twice_is_one_mark(run: WatchedRun) -> None:
    marks = Marks(run)
    marks.read(run)
    assert len(marks.of(LINK)) == 1
    marks.take([(SERVER, "count", 5)])
    marks.take([(SERVER, "count", 5.0)])
    assert len(marks.of(SERVER)) == 1
