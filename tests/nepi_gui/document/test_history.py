"""The undo history: where it stands, what is clean, and what becomes one step."""

from __future__ import annotations

import pytest

from nepi_gui.document import edit
from nepi_gui.document.edit import Step
from nepi_gui.document.history import History


@pytest.fixture
def applied():
    return []


@pytest.fixture
def history(qapp, applied):
    return History(lambda step, back: applied.append((step.text, back)))


def step(text, merge=None, before=None, after=1):
    return Step(text, merge, parts_before={"exp_id": before}, parts_after={"exp_id": after})


def told():
    """Tell nobody."""


def test_goes_to_any_moment(history, applied):
    for text in "abc":
        history.note(step(text), told)
    history.go_to(1)
    assert applied == [("c", True), ("b", True)]
    history.go_to(3)
    assert applied[2:] == [("b", False), ("c", False)]
    history.go_to(99)
    assert history.done == 3


def test_a_step_after_an_undo_takes_the_place_of_what_was_undone(history):
    for text in "abc":
        history.note(step(text), told)
    history.undo()
    history.note(step("d"), told)
    assert history.texts() == ["a", "b", "d"]
    assert not history.can_redo()


def test_clean_is_where_it_was_saved(history, qtbot):
    history.note(step("a"), told)
    with qtbot.waitSignal(history.clean_changed):
        history.set_clean()
    history.note(step("b"), told)
    assert not history.is_clean
    history.undo()
    assert history.is_clean


def test_a_saved_moment_that_no_way_leads_to_is_lost(history):
    history.note(step("a"), told)
    history.set_clean()
    history.undo()
    history.note(step("b"), told)
    history.undo()
    history.redo()
    assert not history.is_clean
    assert history.clean == -1


def test_nothing_is_merged_into_what_was_saved(history):
    history.note(step("move", "m", 0, 1), told)
    history.set_clean()
    history.note(step("move", "m", 1, 2), told)
    assert len(history) == 2


def test_nothing_is_merged_after_a_pause(history, monkeypatch):
    monkeypatch.setattr(edit, "_TOGETHER", -1.0)
    history.note(step("move", "m", 0, 1), told)
    history.note(step("move", "m", 1, 2), told)
    assert len(history) == 2


def test_nothing_is_merged_into_a_step_before_one_that_was_undone(history):
    history.note(step("move", "m", 0, 1), told)
    history.note(step("other"), told)
    history.undo()
    history.note(step("move", "m", 1, 2), told)
    assert history.texts() == ["move", "move"]


def test_what_was_recovered_is_unclean_for_ever(history):
    history.set_unclean()
    assert not history.is_clean
    history.note(step("a"), told)
    history.undo()
    assert not history.is_clean
