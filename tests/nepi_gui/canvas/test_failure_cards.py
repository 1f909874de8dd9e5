"""Cards that say why something has FAILED."""

from __future__ import annotations

from contextlib import closing
from itertools import combinations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from nepi_core.states import ResourceState as State
from nepi_gui.document import resources
from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window.showing_states import ShowingStatesFeature
from tests.nepi_gui.canvas.mouse import click
from tests.nepi_gui.recorded import BEGAN, begin, changes_of, record

NODES = 50
CAUSE = "<b>cannot</b> & will not:\nno such file " + "or directory " * 30


@pytest.fixture
def many(window):
    """A window with many nodes, ten in a row."""
    with window.editor.document.edit("Many"):
        for number in range(NODES):
            resources.add_resource(window.editor.document, "netns::Node", (number % 10 * 140, number // 10 * 160))
    window.view.fit()
    return window


@pytest.fixture
def failed(many, tmp_path):
    """The same with a run in which all of them but the last have FAILED, one after the other."""
    lives = [
        change
        for guid in range(1, NODES)
        for change in changes_of(guid, State.READY, State.FAILED, begin=BEGAN + guid, cause=f"{guid}: {CAUSE}")
    ]
    many.editor.watch(WatchedRun(record(tmp_path / "run", many.editor.document.freeze(), lives, outcome="failed")))
    return many


def cards(window):
    return ShowingStatesFeature.of(window).cards


def shown(window):
    return [guid for guid in cards(window).open_guids if cards(window).card(guid).isVisible()]


def settle(window, qtbot, *guids):
    qtbot.waitUntil(lambda: set(guids) <= set(shown(window)))


def test_the_first_ones_open_and_none_covers_another(failed, qtbot):
    settle(failed, qtbot, 1)
    assert cards(failed).open_guids == [1, 2, 3]
    failed.view.zoom_to(2.0)
    failed.view.look_at(failed.scene.centre(2))
    settle(failed, qtbot, 1)
    frames = [cards(failed).card(guid).frame().translated(cards(failed).card(guid).pos()) for guid in shown(failed)]
    assert not any(one.intersects(other) for one, other in combinations(frames, 2))


def test_a_cause_is_plain_text_that_scrolls_when_it_is_long(failed, qtbot):
    card = cards(failed).card(1)
    assert card.text.toPlainText() == f"1: {CAUSE}"
    settle(failed, qtbot, 1)
    assert card.text.verticalScrollBar().maximum() > 0
    assert card.name.text() == "node1"
    assert card.time.text() == "after 3.0 s"
    assert "node1" in card.accessibleName()
    card.show_failure("n", "", "x" * 10_000)
    assert len(card.text.toPlainText()) < 5_000
    assert "6,000 more characters" in card.text.toPlainText()


def test_a_click_opens_a_card_and_one_elsewhere_closes_all(failed, qtbot):
    settle(failed, qtbot, 1)
    cards(failed).close_all()
    click(failed, failed.scene.centre(27))
    settle(failed, qtbot, 27)
    assert shown(failed) == [27]
    click(failed, failed.scene.centre(NODES))
    assert not cards(failed).open_guids
    click(failed, failed.scene.centre(27))
    settle(failed, qtbot, 27)
    click(failed, (-60, -60))
    assert not cards(failed).open_guids


def test_escape_closes_them_and_leaves_the_selection(failed, qtbot):
    click(failed, failed.scene.centre(27))
    settle(failed, qtbot, 27)
    QTest.keyClick(failed.view, Qt.Key.Key_Escape)
    assert not cards(failed).open_guids
    assert failed.editor.selection.keys == {27}
    QTest.keyClick(failed.view, Qt.Key.Key_Escape)
    assert not failed.editor.selection.keys


def test_keys_go_from_failure_to_failure(failed, qtbot):
    failed.activateWindow()
    cards(failed).close_all()
    forward, back = failed.commands["run.next-failure"], failed.commands["run.previous-failure"]
    for guid in (1, 2):
        forward.trigger()
        assert failed.editor.selection.keys == {guid}
    for guid in (1, NODES - 1):
        back.trigger()
        assert failed.editor.selection.keys == {guid}
    card = cards(failed).card(NODES - 1)
    QTest.keyClick(card.log, Qt.Key.Key_Escape)
    assert not cards(failed).open_guids


def test_copy_and_show_log(failed, qtbot):
    settle(failed, qtbot, 1)
    QTest.mouseClick(cards(failed).card(1).copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == f"1: {CAUSE}"
    QTest.mouseClick(cards(failed).card(1).log, Qt.MouseButton.LeftButton)
    assert failed.docks["log"].isVisible()


def test_cards_close_when_the_moment_or_the_run_is_another(failed, qtbot):
    settle(failed, qtbot, 1)
    failed.editor.run.look_at(BEGAN + 4.5)
    assert cards(failed).open_guids == [1, 2]
    failed.editor.run.look_at(BEGAN + 30)
    assert cards(failed).open_guids == [1, 2]
    failed.editor.watch(None)
    assert not cards(failed).open_guids
    qtbot.waitUntil(lambda: not failed.commands["run.next-failure"].isEnabled())


def test_a_card_is_gone_with_its_resource(failed, qtbot):
    resources.remove(failed.editor.document, [1])
    assert 1 not in cards(failed).open_guids


def test_a_card_follows_what_it_points_at_and_hides_when_that_is_not_seen(failed, qtbot):
    cards(failed).close_all()
    click(failed, failed.scene.centre(1))
    settle(failed, qtbot, 1)
    failed.view.zoom_to(4.0)
    failed.view.look_at(failed.scene.centre(NODES))
    qtbot.waitUntil(lambda: not shown(failed))
    failed.view.look_at(failed.scene.centre(1))
    settle(failed, qtbot, 1)


def test_failures_of_a_live_run_open_as_they_happen(many, tmp_path, qtbot):
    with closing(begin(tmp_path / "run", many.editor.document.freeze())) as store:
        many.editor.watch(WatchedRun(tmp_path / "run"))
        assert not cards(many).open_guids
        for change in changes_of(5, State.READY, State.FAILED, cause="broken"):
            store.state_changed(change)
        settle(many, qtbot, 5)
        assert cards(many).card(5).cause == "broken"
        cards(many).close_all()
        for change in changes_of(6, State.READY, State.FAILED, cause="as well"):
            store.state_changed(change)
        settle(many, qtbot, 6)
        assert cards(many).open_guids == [6]


def test_a_card_covers_no_node_when_there_is_a_place_beside_all(window, tmp_path, qtbot):
    document = window.editor.document
    for place in ((0, 0), (170, 0), (-170, 0)):
        resources.add_resource(document, "netns::Node", place)
    window.view.fit()
    lives = changes_of(1, State.READY, State.FAILED, cause="broken")
    window.editor.watch(WatchedRun(record(tmp_path / "run", document.freeze(), lives, outcome="failed")))
    settle(window, qtbot, 1)
    card = cards(window).card(1)
    frame = card.frame().translated(card.pos())
    assert not any(frame.intersects(cards(window)._anchor(guid)) for guid in (1, 2, 3))
