"""The small map in the corner of the canvas."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from nepi_gui.document import notes, resources
from nepi_gui.document.notes import Box
from nepi_gui.window.overview import OverviewFeature


@pytest.fixture
def minimap(window):
    """The map of a canvas that has more than is in view."""
    for x in (0, 5000):
        resources.add_resource(window.editor.document, "netns::Node", (x, 0))
    notes.add_note(window.editor.document, "area", Box(-100, -100, 5100, 2000), "all", "#3b7dd8")
    window.view.zoom_to(1.0)
    return window.features[OverviewFeature].minimap


def test_it_is_shown_only_when_there_is_more_than_in_view(window, minimap, qtbot):
    qtbot.waitUntil(minimap.isVisible)
    window.view.fit()
    assert not minimap.isVisible()
    window.view.zoom_to(1.0)
    assert minimap.isVisible()


def test_a_click_and_a_drag_move_the_view(window, minimap, qtbot):
    qtbot.waitUntil(minimap.isVisible)
    QTest.mousePress(minimap, Qt.MouseButton.LeftButton, pos=QPoint(minimap.width() - 10, minimap.height() // 2))
    assert window.view.shown().center().x() > 4000
    middle = minimap.rect().center()
    QTest.mouseMove(minimap, middle)
    QTest.mouseRelease(minimap, Qt.MouseButton.LeftButton, pos=middle)
    wanted = minimap.place_at(QPointF(middle))
    assert (window.view.shown().center() - wanted).manhattanLength() < 10


def test_it_stays_in_the_corner(window, minimap, qtbot):
    qtbot.waitUntil(minimap.isVisible)
    window.resize(1000, 700)
    qtbot.waitUntil(lambda: minimap.geometry().right() == window.view.width() - 13)
    assert minimap.geometry().bottom() == window.view.height() - 13


def test_it_is_switched_off_for_good(application, window, minimap, qtbot):
    qtbot.waitUntil(minimap.isVisible)
    window.commands["view.minimap"].trigger()
    assert not minimap.isVisible()
    assert not application.open_window().features[OverviewFeature].minimap.is_wanted


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_it_is_drawn_in_the_colours_of_the_theme(application, window, minimap, qtbot, choice):
    application.appearance.choose(choice)
    qtbot.waitUntil(minimap.isVisible)
    picture = minimap.grab().toImage()
    assert picture.pixelColor(picture.width() - 2, 2).name() == application.appearance.theme.panel
