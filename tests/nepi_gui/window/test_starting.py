"""The start page makes room for itself, and gives it back whatever the user does next."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from nepi_gui.window.starting import StartingFeature
from nepi_gui.window.topologies import TopologiesFeature


@pytest.fixture
def begun(application):
    """Return a window with the start page."""
    application.start([])
    return application.windows[0]


@pytest.mark.parametrize("name", ["insert.note", "condition.tool", "help.tour", "view.canvas"])
def test_panels_come_back_when_a_command_shows_the_canvas(begun, name):
    assert not any(dock.isVisible() for dock in begun.docks.values())
    begun.commands[name].trigger()
    assert begun.docks["palette"].isVisible()
    assert not StartingFeature.of(begun).is_shown
    begun.commands["help.examples"].trigger()
    assert StartingFeature.of(begun).is_shown
    assert not begun.docks["palette"].isVisible()


def test_panels_are_remembered_as_they_stood_before_the_page(application, begun):
    begun.commands["insert.note"].trigger()
    begun.close()
    assert application.open_window().docks["palette"].isVisible()


def test_a_window_that_is_left_ends_its_gesture(qtbot, application, window):
    view = window.view.viewport()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=view.rect().center())
    other = application.open_window()
    other.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is other)
    assert not window.view.cancel_gesture()


def test_a_topology_without_nodes_is_shown_as_well(window):
    TopologiesFeature.of(window)._show([])
    assert not window.editor.selection
