"""Conditions on the canvas: arrows, the tool that draws them, picking with the mouse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt

from nepi_core.description import AttributeChange, Condition, ExperimentDescription, Layout, ResourceDescription
from nepi_core.states import ResourceAction as Action
from nepi_core.states import ResourceState as State
from nepi_gui.document import conditions, resources
from nepi_gui.document.document import Document
from nepi_gui.document.sentences import Part
from nepi_gui.window.conditions import ConditionsFeature
from tests.nepi_gui.canvas import mouse

A, B, C = QPointF(0, 0), QPointF(240, 0), QPointF(240, 200)


@pytest.fixture
def three(window):
    """Return a window with three hosts."""
    for place in (A, B, C):
        resources.add_resource(window.editor.document, "netns::Node", place.toTuple())
    window.view.fit()
    return window


@pytest.fixture
def arrows(three):
    return three.features[ConditionsFeature].arrows


def start(*group: int, time: str | None = None) -> Condition:
    return Condition(Action.START, group, State.STARTED, time)


def of(window, guid):
    return window.editor.document.description.resources[guid].conditions


def test_arrows_are_shown_on_demand_and_remembered(three, arrows, qtbot):
    document = three.editor.document
    conditions.add_condition(document, 3, start(1, 2, time="2s"))
    conditions.add_condition(document, 1, Condition(Action.STOP, (1,), State.STARTED, "10s"))
    assert arrows.pairs == []
    three.commands["view.conditions"].trigger()
    assert sorted(arrows.pairs) == [(1, 1), (1, 3), (2, 3)]
    assert arrows.labels == ["STOP +10 s", "START +2 s"]
    assert three.editor.settings.is_on("view/conditions")
    conditions.add_change(document, AttributeChange((link_in(three),), "delay", 5.0, (2,), State.STARTED, "3s"))
    qtbot.waitUntil(lambda: "delay = 5 ms +3 s" in arrows.labels)
    three.grab()
    three.commands["view.conditions"].trigger()
    assert arrows.pairs == []


def test_a_default_that_is_given_back_and_an_attribute_that_is_not_known(three, arrows):
    document = three.editor.document
    link = link_in(three)
    of_link = {"delay": None, "no_such": 2.5}
    changes = [AttributeChange((link,), name, value, (2,), State.STARTED) for name, value in of_link.items()]
    with document.edit("Foreign") as edit:
        edit.set_part("changes", changes)
    three.commands["view.conditions"].trigger()
    assert arrows.labels == ["delay = its default", "no_such = 2.5"]


def link_in(window) -> int:
    return resources.add_link(window.editor.document, "netns::Link", 1, 2)


def test_the_panel_shows_those_of_what_is_selected(three, arrows, qtbot):
    conditions.add_condition(three.editor.document, 3, start(1))
    conditions.add_condition(three.editor.document, 2, start(1))
    three.show_panel("conditions")
    three.editor.selection.set([3])
    qtbot.waitUntil(lambda: arrows.pairs == [(1, 3)])
    three.show_panel("attributes")
    qtbot.waitUntil(lambda: arrows.pairs == [])


def test_arrows_follow_what_is_moved(three, arrows):
    conditions.add_condition(three.editor.document, 3, start(1))
    three.commands["view.conditions"].trigger()
    arrow = arrows._item.arrows[0]
    before = arrow.path.pointAtPercent(0)
    three.scene.show_at({1: QPointF(0, 300)})
    assert arrow.path.pointAtPercent(0).y() > before.y() + 200
    assert arrows._item.boundingRect().contains(arrow.path.boundingRect())


def test_the_tool_draws_a_condition_and_opens_it(three, qtbot):
    three.commands["condition.tool"].trigger()
    assert three.commands["condition.tool"].isChecked()
    mouse.drag(three, A, B)
    assert of(three, 2) == [start(1)]
    panel = three.docks["conditions"].widget()
    assert panel.list.current_key() == (2, 0)
    assert three.view.drawing == ""
    assert three.editor.document.description.resources[1].layout.x == 0
    three.commands["edit.undo"].trigger()
    assert not of(three, 2)


def test_with_shift_the_tool_stays_and_escape_leaves_it(three, qtbot):
    three.commands["condition.tool"].trigger()
    mouse.drag(three, A, B, Qt.KeyboardModifier.ShiftModifier)
    three.view.setFocus()
    mouse.drag(three, B, C, Qt.KeyboardModifier.ShiftModifier)
    assert of(three, 3) == [start(2)]
    qtbot.keyClick(three.view, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not three.commands["condition.tool"].isChecked())
    mouse.drag(three, A, QPointF(0, 200))
    assert three.editor.document.description.resources[1].layout.y == 200


def test_the_tool_refuses_circles_and_explains_itself(three, qtbot):
    told: list[str] = []
    three.editor.told.connect(told.append)
    conditions.add_condition(three.editor.document, 1, start(2))
    three.commands["condition.tool"].trigger()
    mouse.press(three, A)
    mouse.hover(three, B)
    assert "wait for itself" in three.view.marks.sentence
    mouse.release(three, B)
    assert "wait for itself" in told[-1]
    assert not of(three, 2)
    mouse.click(three, QPointF(100, 100))
    assert "Drag from" in told[-1]
    mouse.press(three, A)
    mouse.hover(three, C)
    qtbot.keyClick(three.view, Qt.Key.Key_Escape)
    mouse.release(three, C)
    assert not of(three, 3)
    assert not three.editor.document.description.canvas.notes


def test_what_is_waited_for_is_picked_on_the_canvas(three, qtbot):
    key = conditions.add_condition(three.editor.document, 3, start(1))
    three.show_panel("conditions")
    panel = three.docks["conditions"].widget()
    panel.show_condition(key)
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=panel.list.part_rect(0, Part.GROUP).center())
    panel.editing.popup._pick()
    assert three.view.drawing == "pick"
    mouse.click(three, B)
    mouse.click(three, A)
    assert of(three, 3) == [start(2)]
    assert set(three.view.marks.verdicts) == {2}
    mouse.click(three, B)  # nothing would be left
    assert of(three, 3) == [start(2)]
    qtbot.keyClick(three.view, Qt.Key.Key_Escape)
    assert three.view.drawing == ""
    assert not three.view.marks.verdicts
    assert three.editor.document.history.texts()[-2:] == [
        "Condition: START node3 as soon as node1, node2 are STARTED",
        "Condition: START node3 as soon as node2 is STARTED",
    ]


def test_what_is_picked_is_said_where_the_canvas_does_not_scroll(three):
    feature = three.features[ConditionsFeature]
    feature.pick(conditions.add_condition(three.editor.document, 3, start(1)))
    before = feature._banner.pos()
    three.view.pan_by(QPointF(0, -50))
    assert feature._banner.isVisible()
    assert feature._banner.pos() == before


def test_thousands_of_arrows(application, qtbot):
    resources_ = {
        guid: ResourceDescription(guid, "netns::Node", layout=Layout(guid % 70 * 100, guid // 70 * 100))
        for guid in range(1, 2001)
    }
    for guid in range(2, 2001):
        resources_[guid].conditions.append(start(guid - 1))
    window = application.open_window(Document(ExperimentDescription(resources=resources_)))
    window.commands["view.conditions"].trigger()
    assert len(window.features[ConditionsFeature].arrows.pairs) == 1999
    window.scene.show_at({1000: QPointF(5, 5)})
    window.view.grab()


def test_only_so_many_are_drawn_as_can_be_seen(three, arrows):
    told: list[str] = []
    three.editor.told.connect(told.append)
    with three.editor.document.edit("Many") as edit:
        for guid in range(10, 70):
            edit.add(ResourceDescription(guid, "netns::Node"))
            edit.resource(guid).conditions = [start(*range(10, 70))]
    three.commands["view.conditions"].trigger()
    assert len(arrows.pairs) == 2000
    assert "too many" in told[-1]


def test_words_at_arrows_cover_neither_names_nor_each_other(three, arrows):
    document = three.editor.document
    for guid, place in ((1, (0, 0)), (2, (320, 0)), (3, (160, 0))):
        resources.move(document, {guid: place})
    for other, time in ((1, "1s"), (3, "2s")):
        conditions.add_condition(document, 2, start(other, time=time))
    conditions.add_condition(document, 3, start(1, time="3s"))
    three.commands["view.conditions"].trigger()
    words = [arrow.words for arrow in arrows._item.arrows if arrow.label]
    names = [item.label_rect().translated(item.pos()) for item in three.scene.nodes.values()]
    plates = [three.scene.rect(guid) for guid in (1, 2, 3)]
    for number, rect in enumerate(words):
        assert not any(rect.intersects(each) for each in (*names, *plates, *words[:number]))
        assert any(arrow.rect.contains(rect) for arrow in arrows._item.arrows)  # or else it would be clipped


def test_what_stands_at_an_arrow_has_room(three, arrows):
    with three.editor.document.edit("Long") as edit:
        edit.set_part("changes", [AttributeChange((2,), "command", "echo " * 100, (1,), State.STARTED)])
    three.commands["view.conditions"].trigger()
    [label] = arrows.labels
    assert label.startswith("command")
    assert len(label) < 60
