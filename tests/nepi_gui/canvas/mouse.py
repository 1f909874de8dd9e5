"""Moves the mouse over the canvas of a window as a user does."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from nepi_gui.canvas.drop import TYPE_FORMAT
from nepi_gui.canvas.looks import PLATE
from nepi_gui.window.main_window import MainWindow

NO_KEY = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton
RIM = QPointF(PLATE.right() + 4, 0)

Place = QPointF | tuple[float, float]
"""A place on the canvas."""


def point(place: Place) -> QPointF:
    """Return a place as Qt has it."""
    return place if isinstance(place, QPointF) else QPointF(*place)


def pixel(window: MainWindow, place: Place) -> QPoint:
    """Return where a place of the canvas is on the view."""
    return window.view.mapFromScene(point(place))


def press(window: MainWindow, place: Place, keys: Qt.KeyboardModifier = NO_KEY) -> None:
    """Press the left button there."""
    QTest.mousePress(window.view.viewport(), LEFT, keys, pixel(window, place))


def hover(window: MainWindow, place: Place) -> None:
    """Move the mouse there, in two steps."""
    at = pixel(window, place)
    QTest.mouseMove(window.view.viewport(), at + QPoint(3, 3))
    QTest.mouseMove(window.view.viewport(), at)


def release(window: MainWindow, place: Place, keys: Qt.KeyboardModifier = NO_KEY) -> None:
    """Release the left button there."""
    QTest.mouseRelease(window.view.viewport(), LEFT, keys, pixel(window, place))


def drag(window: MainWindow, start: Place, end: Place, keys: Qt.KeyboardModifier = NO_KEY) -> None:
    """Drag with the left button from one place to another."""
    press(window, start, keys)
    hover(window, (point(start) + point(end)) / 2)
    hover(window, end)
    release(window, end, keys)


def click(window: MainWindow, place: Place, keys: Qt.KeyboardModifier = NO_KEY) -> None:
    """Click with the left button."""
    QTest.mouseClick(window.view.viewport(), LEFT, keys, pixel(window, place))


def double_click(window: MainWindow, place: Place) -> None:
    """Click twice with the left button, as a hand does it: the second press is the double click."""
    click(window, place)
    QTest.mouseDClick(window.view.viewport(), LEFT, NO_KEY, pixel(window, place))


def drag_data(window: MainWindow, data: QMimeData, place: QPointF, keys: Qt.KeyboardModifier = NO_KEY) -> bool:
    """Drag something there from elsewhere and hold it; tell whether the canvas would take it."""
    at, actions = pixel(window, place), Qt.DropAction.CopyAction
    enter = QDragEnterEvent(at, actions, data, LEFT, keys)
    QApplication.sendEvent(window.view.viewport(), enter)
    move = QDragMoveEvent(at, actions, data, LEFT, keys)
    QApplication.sendEvent(window.view.viewport(), move)
    return enter.isAccepted() and move.isAccepted()


def drop_data(window: MainWindow, data: QMimeData, place: QPointF, keys: Qt.KeyboardModifier = NO_KEY) -> bool:
    """Drag something there from elsewhere and drop it; tell whether the canvas took it."""
    drag_data(window, data, place, keys)
    drop = QDropEvent(QPointF(pixel(window, place)), Qt.DropAction.CopyAction, data, LEFT, keys)
    QApplication.sendEvent(window.view.viewport(), drop)
    return drop.isAccepted()


def type_data(rtype: str) -> QMimeData:
    """Return what the palette gives to a drag."""
    data = QMimeData()
    data.setData(TYPE_FORMAT, rtype.encode())
    return data


def menu() -> QMenu:
    """Return the menu that is open."""
    found = QApplication.activePopupWidget()
    assert isinstance(found, QMenu), "no menu is open"
    return found


def entries(opened: QMenu) -> list[str]:
    """Return the texts in a menu."""
    return [each.text().replace("&", "") for each in opened.actions() if not each.isSeparator()]


def choose(text: str) -> None:
    """Choose an entry of the open menu."""
    opened = menu()
    action = next(each for each in opened.actions() if each.text().replace("&", "").startswith(text))
    opened.setActiveAction(action)
    QTest.keyClick(opened, Qt.Key.Key_Return)


def submenu(action: QAction) -> QMenu:
    """Return the menu that an action opens."""
    opened = action.menu()
    assert isinstance(opened, QMenu)
    return opened
