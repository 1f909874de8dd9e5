"""What the palette adds, the menus of the canvas, and what is remembered of choices."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nepi_gui.document import linking, resources
from nepi_gui.settings import Settings
from nepi_gui.window.link_habits import LinkHabits
from nepi_gui.window.linking import LinkingFeature
from tests.nepi_gui.canvas import mouse

RIGHT = Qt.MouseButton.RightButton


@pytest.fixture
def feature(window):
    return window.features[LinkingFeature]


@pytest.fixture
def told(window):
    sentences: list[str] = []
    window.editor.told.connect(sentences.append)
    return sentences


def test_nodes_are_added_beside_each_other(window, feature):
    for _ in range(9):
        feature.add("netns::Node")
    places = [item.pos() for item in window.scene.nodes.values()]
    assert all((a - b).manhattanLength() >= 70 for a in places for b in places if a is not b)
    assert window.editor.selection.guids == [9]


def test_a_place_is_kept(window, feature):
    feature.add("netns::Node", QPointF(200, 100))
    assert window.scene.nodes[1].pos() == QPointF(200, 100)


def test_a_badge_is_added_to_all_selected_nodes(window, feature):
    for _ in range(2):
        feature.add("netns::Node")
    window.editor.selection.set([1, 2])
    added = feature.add("linux::Ping")
    assert window.scene.structure.attached == {1: [added[0]], 2: [added[1]]}
    more = feature.add("linux::Traceroute")
    assert window.scene.structure.attached == {1: [added[0], more[0]], 2: [added[1], more[1]]}


def test_a_line_is_added_between_the_two_selected(window, feature):
    for _ in range(2):
        feature.add("netns::Node")
    window.editor.selection.set([1, 2])
    feature.add("netns::Link")
    assert window.scene.structure.joined == {3: (1, 2)}


def test_what_cannot_be_added_is_told(window, feature, told):
    feature.add("linux::Node")
    feature.add("linux::Node")
    window.editor.selection.set([1, 2])
    assert feature.add("netns::Link") == []
    assert feature.add("no::Such") != [], "an unknown type stands as a placeholder"
    assert "cannot be connected" in told[0]


def test_the_menu_of_a_resource(window, feature):
    document = window.editor.document
    feature.add("netns::Node")
    resources.rename(document, 1, "A & B")
    window.view.fit()
    QTest.mouseClick(window.view.viewport(), RIGHT, pos=mouse.pixel(window, window.scene.centre(1)))
    texts = mouse.entries(mouse.menu())
    assert any(each.startswith("Add to") for each in texts)
    assert {"Link from here", "Delete", "Colour"} <= set(texts)
    assert "Take out" not in texts
    adding = next(mouse.submenu(each) for each in mouse.menu().actions() if "Add to" in each.text())
    adding.aboutToShow.emit()
    assert "Ping\tlinux" in mouse.entries(adding)
    next(each for each in adding.actions() if each.text().startswith("Ping")).trigger()
    mouse.menu().close()
    assert window.scene.structure.attached == {1: [2]}


def test_the_menu_of_the_empty_canvas_adds_there(window):
    window.view.fit()
    QTest.mouseClick(window.view.viewport(), RIGHT, pos=mouse.pixel(window, (100, 60)))
    opened = mouse.menu()
    adding = next(mouse.submenu(each) for each in opened.actions() if each.menu() is not None)
    backend = next(mouse.submenu(each) for each in adding.actions() if each.text().startswith("netns"))
    next(each for each in backend.actions() if each.text().startswith("Switch")).trigger()
    opened.close()
    assert window.scene.nodes[1].pos() == QPointF(100, 60)


@pytest.mark.parametrize("by_menu_key", [True, False])
@pytest.mark.parametrize("is_selected", [True, False])
def test_the_menu_opens_by_its_key(window, feature, is_selected, by_menu_key):
    feature.add("netns::Node")
    if not is_selected:
        window.editor.selection.clear()
    if by_menu_key:
        at = window.view.rect().center()
        asked = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, at, window.view.mapToGlobal(at))
        QApplication.sendEvent(window.view.viewport(), asked)
    else:
        QTest.keyClick(window.view, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    assert ("Delete" in mouse.entries(mouse.menu())) == is_selected
    mouse.menu().close()


def test_the_menu_of_a_link(window, feature):
    for _ in range(2):
        feature.add("netns::Node")
    line = linking.join(window.editor.document, "netns::Link", 1, 2)
    window.view.fit()
    QTest.mouseClick(window.view.viewport(), RIGHT, pos=mouse.pixel(window, window.scene.centre(line)))
    assert "Link from here" not in mouse.entries(mouse.menu())
    mouse.menu().close()
    assert window.editor.selection.guids == [line]


def test_a_file_that_cannot_be_read_is_no_new_window(qtbot, window, application, tmp_path, monkeypatch):
    path = tmp_path / "broken.xml"
    path.write_text("<experiment")
    said = []
    monkeypatch.setattr(type(application), "say_unreadable", lambda *args: said.append(args))
    window.view.files_dropped.emit([str(path)])
    qtbot.waitUntil(lambda: bool(said))
    assert application.windows == [window]


def test_habits_decay(tmp_path):
    settings = Settings(tmp_path / "window.ini")
    habits = LinkHabits(settings)
    assert habits.ranked(["a::A", "b::B"]) == ["a::A", "b::B"]
    for rtype in ("a::A", "a::A", "b::B", "b::B"):
        habits.note(rtype)
    assert LinkHabits(settings).ranked(["a::A", "c::C", "b::B"]) == ["b::B", "a::A", "c::C"]


def test_habits_written_by_hand_do_no_harm(tmp_path):
    settings = Settings(tmp_path / "window.ini")
    settings.keep("linking/habits", ["a::A much", "", "b::B 2"])
    assert LinkHabits(settings).ranked(["a::A", "b::B"]) == ["b::B", "a::A"]
