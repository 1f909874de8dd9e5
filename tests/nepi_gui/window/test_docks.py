"""Panels that are tabs of one place: only the one in front is shown, so that the others do nothing."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nepi_gui.window.docks import panels
from nepi_gui.window.main_window import MainWindow

_BOTTOM = ("timeline", "findings", "log", "plots", "runs", "traces", "console")


def _shown(window: MainWindow) -> list[str]:
    return [name for name in _BOTTOM if window.docks[name].widget().isVisible()]


def _has_keyboard(window: MainWindow, name: str) -> bool:
    focused = QApplication.focusWidget()
    return focused is not None and window.docks[name].isAncestorOf(focused)


def test_only_the_panel_in_front_is_visible(window: MainWindow) -> None:
    assert _shown(window) == ["timeline"]


def test_a_panel_is_visible_as_soon_as_it_is_asked_for(window: MainWindow) -> None:
    window.show_panel("log")
    assert _shown(window) == ["log"]
    focused = window.focusWidget()
    assert focused is not None
    assert window.docks["log"].isAncestorOf(focused)


def test_a_panel_that_was_closed_comes_back(window: MainWindow) -> None:
    window.docks["timeline"].close()
    assert "timeline" not in _shown(window)
    window.show_panel("timeline")
    assert _shown(window) == ["timeline"]


def test_a_key_brings_forward_what_is_behind_a_tab_and_hides_what_has_the_keyboard(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window.view, Qt.Key.Key_8, Qt.KeyboardModifier.AltModifier)
    assert _shown(window) == ["plots"]
    assert _has_keyboard(window, "plots")
    window.view.setFocus()
    qtbot.keyClick(window.view, Qt.Key.Key_8, Qt.KeyboardModifier.AltModifier)
    assert _shown(window) == ["plots"]  # in front, but the keyboard was on the canvas
    assert _has_keyboard(window, "plots")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_8, Qt.KeyboardModifier.AltModifier)
    assert window.docks["plots"].isHidden()
    qtbot.keyClick(window.view, Qt.Key.Key_8, Qt.KeyboardModifier.AltModifier)
    assert _shown(window) == ["plots"]


def test_each_key_of_a_panel_brings_it_forward(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for panel in panels():
        window.view.setFocus()
        QTest.keySequence(window.view, QKeySequence(panel.shortcut))
        assert window.docks[panel.name].widget().isVisible()
        assert _has_keyboard(window, panel.name)


def test_a_panel_that_is_taken_out_is_visible_beside_the_others(window: MainWindow, qtbot: QtBot) -> None:
    window.show_panel("runs")
    window.docks["runs"].setFloating(True)
    qtbot.waitUntil(lambda: len(_shown(window)) == 2)
    assert "runs" in _shown(window)
    window.docks["runs"].setFloating(False)
    qtbot.waitUntil(lambda: len(_shown(window)) == 1)


def test_an_arrangement_that_is_restored_shows_one_panel_of_a_place(window: MainWindow, qtbot: QtBot) -> None:
    state = window.saveState()
    window.show_panel("traces")
    window.restoreState(state)
    qtbot.waitUntil(lambda: _shown(window) == ["timeline"])


def test_tabs_of_a_place_do_not_change_its_size(window: MainWindow, qtbot: QtBot) -> None:
    before = window.view.height()
    for name in _BOTTOM:
        window.show_panel(name)
        qtbot.wait(1)
        assert window.view.height() == before
