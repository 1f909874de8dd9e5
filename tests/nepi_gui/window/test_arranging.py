"""The menu Arrange, with real keys; layouts that are seen going on; selection by keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLineEdit

from nepi_gui.document import resources
from nepi_gui.window.arranging import ArrangingFeature
from nepi_gui.window.laying_out import LayingOutFeature

KEY, MODIFIER = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def document(window):
    return window.editor.document


@pytest.fixture
def nodes(window, document, qtbot):
    """Return three nodes in a rough row, the first two of which are linked; the canvas has the keyboard."""
    found = [resources.add_resource(document, "netns::Node", place) for place in ((0, 0), (200, 30), (500, -50))]
    resources.add_link(document, "netns::Link", found[0], found[1])
    window.activateWindow()
    window.view.setFocus()
    qtbot.waitUntil(window.view.hasFocus)
    return found


def places(document, guids):
    layouts = [document.description.resources[guid].layout for guid in guids]
    return [(layout.x, layout.y) for layout in layouts]


def run(window, name):
    window.commands.refresh()
    assert window.commands[name].isEnabled()
    window.commands[name].trigger()


def test_align_and_undo(window, document, nodes):
    window.editor.selection.set(nodes)
    before = places(document, nodes)
    run(window, "arrange.align-top")
    assert [y for _, y in places(document, nodes)] == [-50, -50, -50]
    assert document.history.texts()[-1] == "Align"
    document.history.undo()
    assert places(document, nodes) == before
    run(window, "arrange.align-left")
    assert {x for x, _ in places(document, nodes)} == {0}


def test_distribute_needs_three(window, document, nodes):
    window.editor.selection.set(nodes[:2])
    window.commands.refresh()
    assert not window.commands["arrange.distribute-horizontally"].isEnabled()
    window.editor.selection.set(nodes)
    run(window, "arrange.distribute-horizontally")
    assert [x for x, _ in places(document, nodes)] == [0, 250, 500]


def test_arrow_keys_move_what_is_selected_in_one_step(window, document, nodes, qtbot):
    window.editor.selection.set(nodes[:1])
    steps = len(document.history)
    for _ in range(3):
        qtbot.keyClick(window.view, KEY.Key_Right)
    qtbot.keyClick(window.view, KEY.Key_Down, MODIFIER.ShiftModifier)
    assert places(document, nodes[:1]) == [(60, 1)]
    assert len(document.history) == steps + 1
    document.history.undo()
    assert places(document, nodes[:1]) == [(0, 0)]


def test_arrow_keys_scroll_when_nothing_is_selected(window, document, nodes, qtbot):
    window.editor.selection.clear()
    before, steps = window.view.shown().center().x(), len(document.history)
    qtbot.keyClick(window.view, KEY.Key_Right)
    assert window.view.shown().center().x() > before
    assert len(document.history) == steps


def test_arrow_keys_in_a_field_move_nothing(window, document, nodes, qtbot):
    window.editor.selection.set(nodes)
    field = QLineEdit("text", window.docks["attributes"].widget())
    field.show()
    field.setFocus()
    before = places(document, nodes)
    for key in (KEY.Key_Left, KEY.Key_Up, KEY.Key_Tab):
        qtbot.keyClick(field, key)
    assert places(document, nodes) == before
    assert window.editor.selection.guids == nodes
    field.deleteLater()


def test_a_link_is_not_moved_but_told_about(window, document, nodes, qtbot):
    heard: list[str] = []
    window.editor.told.connect(heard.append)
    window.editor.selection.set([4])
    qtbot.keyClick(window.view, KEY.Key_Up)
    assert "follow" in heard[0]


def test_snapping_is_remembered(window, application):
    assert window.view.snaps
    window.commands["arrange.snaps"].trigger()
    assert not window.view.snaps
    assert not application.open_window().view.snaps


def test_put_on_grid(window, document, nodes):
    resources.move(document, {nodes[0]: (13, 29)})
    window.editor.selection.set(nodes[:1])
    run(window, "arrange.to-grid")
    assert places(document, nodes[:1]) == [(20, 20)]


# -- layouts -------------------------------------------------------------------------------------------------------


def test_a_layout_is_one_step_and_is_seen_going_on(window, document, nodes, qtbot):
    steps = len(document.history)
    journey = ArrangingFeature.of(window).journey
    run(window, "layout.tree")
    assert len(document.history) == steps + 1
    assert journey.state() is journey.State.Running
    assert window.scene.nodes[nodes[2]].pos().toTuple() == (500, -50)
    qtbot.waitUntil(lambda: journey.state() is journey.State.Stopped)
    for guid, place in zip(nodes, places(document, nodes), strict=True):
        assert window.scene.nodes[guid].pos().toTuple() == place
    document.history.undo()
    assert places(document, nodes) == [(0, 0), (200, 30), (500, -50)]


def test_what_happens_meanwhile_ends_the_journey(window, document, nodes, qtbot):
    journey = ArrangingFeature.of(window).journey
    run(window, "layout.circle")
    document.history.undo()
    assert journey.state() is journey.State.Stopped
    assert window.scene.nodes[nodes[2]].pos().toTuple() == (500, -50)
    run(window, "layout.grid")
    resources.remove(document, nodes[:1])
    assert journey.state() is journey.State.Stopped
    run(window, "layout.circle")
    qtbot.mouseClick(window.view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert journey.state() is journey.State.Stopped
    assert window.scene.nodes[nodes[1]].pos().toTuple() == places(document, nodes[1:2])[0]


def test_only_what_is_selected_is_laid_out(window, document, nodes):
    window.editor.selection.set(nodes[1:])
    run(window, "layout.grid")
    (first, second, third) = places(document, nodes)
    assert first == (0, 0)
    assert second[1] == third[1]
    assert (second[0] + third[0]) / 2 == pytest.approx(350, abs=20)


def test_a_map_needs_coordinates(window, nodes):
    window.commands.refresh()
    assert not window.commands["layout.map"].isEnabled()


@pytest.fixture
def large(window, document):
    with document.edit("many"):
        guids = [resources.add_resource(document, "netns::Node", (0, number)) for number in range(320)]
    return guids


def test_a_large_layout_is_made_in_the_background(window, document, large, qtbot):
    steps = len(document.history)
    window.commands["layout.grid"].trigger()
    assert len(document.history) == steps
    qtbot.waitUntil(lambda: len(document.history) == steps + 1)
    assert len({x for x, _ in places(document, large)}) == 18


def test_a_large_layout_can_be_cancelled(window, document, large, qtbot):
    steps = len(document.history)
    feature = LayingOutFeature.of(window)
    window.commands["layout.forces"].trigger()
    progress = feature._progress
    assert progress is not None
    progress.canceled.emit()
    assert feature._progress is None
    qtbot.waitUntil(lambda: feature._background._thread is None)
    assert len(document.history) == steps


def test_a_window_may_close_while_a_layout_is_made(window, document, large):
    window.commands["layout.forces"].trigger()
    document.history.set_clean()
    window.close()


# -- selection by keys ---------------------------------------------------------------------------------------------


def test_walk_with_control_and_arrows(window, nodes, qtbot):
    selection = window.editor.selection
    selection.set(nodes[:1])
    walked = []
    for key in (KEY.Key_Right, KEY.Key_Right, KEY.Key_Right, KEY.Key_Left):
        qtbot.keyClick(window.view, key, MODIFIER.ControlModifier)
        walked += selection.guids
    assert walked == [nodes[1], nodes[2], nodes[2], nodes[1]]


def test_walking_begins_in_the_middle_of_the_view(window, nodes, qtbot):
    window.view.centerOn(490, -40)
    qtbot.keyClick(window.view, KEY.Key_Up, MODIFIER.ControlModifier)
    assert window.editor.selection.guids == [nodes[2]]


def test_tab_goes_through_everything_and_then_leaves_the_canvas(window, nodes, qtbot):
    seen = []
    for _ in range(4):
        qtbot.keyClick(window.view, KEY.Key_Tab)
        seen += window.editor.selection.guids
    assert seen == [nodes[2], nodes[0], 4, nodes[1]]  # the third stands highest; the link comes after its first end
    assert window.view.hasFocus()
    qtbot.keyClick(window.view, KEY.Key_Backtab, MODIFIER.ShiftModifier)
    assert window.editor.selection.guids == [4]
    window.editor.selection.set([nodes[1]])
    qtbot.keyClick(window.view, KEY.Key_Tab)
    assert not window.view.hasFocus()


def test_select_neighbours_and_parts(window, document, nodes):
    selection = window.editor.selection
    selection.set(nodes[:1])
    run(window, "select.neighbours")
    assert selection.guids == [nodes[0], nodes[1], 4]
    far = resources.add_resource(document, "netns::Node", (0, 300))
    resources.add_link(document, "netns::Link", nodes[1], far)
    ping = resources.add_resource(document, "linux::Ping", None, [far])
    selection.set([ping])
    run(window, "select.part")
    assert set(selection.guids) == set(document.description.resources) - {nodes[2]}
