"""The list of steps: marks the present moment and the saved one, and goes to any."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from nepi_gui.document import resources
from nepi_gui.panels.history_model import Column


@pytest.fixture
def panel(window):
    window.show_panel("history")
    return window.docks["history"].widget()


def texts(panel):
    return [panel.model.index(row, Column.TEXT).data() for row in range(panel.model.rowCount())]


def present(panel):
    marks = [panel.model.index(row, Column.MARK).data() for row in range(panel.model.rowCount())]
    return [row for row, mark in enumerate(marks) if mark]


def says(panel, row):
    return panel.model.index(row, Column.TEXT).data(Qt.ItemDataRole.AccessibleTextRole)


def add(window, number):
    for _ in range(number):
        resources.add_resource(window.editor.document, "netns::Node", (0, 0))


def test_steps_and_the_present_moment(panel, window):
    assert texts(panel) == ["New experiment"]
    add(window, 2)
    assert texts(panel) == ["New experiment", "Add node1", "Add node2"]
    assert present(panel) == [2]
    window.editor.document.history.undo()
    assert present(panel) == [1]
    assert says(panel, 2) == "Add node2 · taken back"
    colour = panel.model.index(2, Column.TEXT).data(Qt.ItemDataRole.ForegroundRole)
    assert colour.name() == window.editor.appearance.theme.muted


def test_click_and_enter_go_there(panel, window, qtbot):
    add(window, 3)
    place = panel.table.visualRect(panel.model.index(1, Column.TEXT)).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert set(window.editor.document.description.resources) == {1}
    qtbot.keyClick(panel.table, Qt.Key.Key_Down)
    assert set(window.editor.document.description.resources) == {1}
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    assert set(window.editor.document.description.resources) == {1, 2}
    assert present(panel) == [2]


def test_the_saved_moment(panel, window):
    document = window.editor.document
    add(window, 1)
    assert "in the file" not in "".join(says(panel, row) for row in range(2))
    document.set_path(Path("mine.xml"))
    document.history.set_clean()
    add(window, 1)
    assert texts(panel)[0] == "mine.xml opened"
    assert says(panel, 1) == "Add node1 · as in the file"
    assert panel.model.index(1, Column.TEXT).data(Qt.ItemDataRole.DecorationRole) is not None


def test_hidden_it_does_nothing_and_shows_all_when_it_comes_back(panel, window):
    window.docks["history"].hide()
    add(window, 3)
    assert panel.model.rowCount() == 1
    window.show_panel("history")
    assert panel.model.rowCount() == 4


def test_ten_thousand_steps(panel, window):
    document = window.editor.document
    for number in range(10_000):
        with document.edit(f"Step {number}") as edit:
            edit.set_part("exp_id", f"e{number}")
        if number == 0:
            window.docks["history"].hide()  # otherwise each is shown
    window.show_panel("history")
    assert panel.model.rowCount() == 10_001
    assert panel.table.visualRect(panel.model.index(10_000, 1)).isValid()
    document.history.undo()
    assert present(panel) == [9_999]
