"""The log panel: lines from any thread, filters, following, copying, and its end."""

from __future__ import annotations

import logging
import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from nepi_gui.appearance import Appearance
from nepi_gui.document import resources
from nepi_gui.panels import log_model
from nepi_gui.panels.log import LogPanel
from nepi_gui.panels.log_bridge import LogLine
from nepi_gui.panels.log_model import LogFilter, LogModel

logger = logging.getLogger("nepi.resource")


@pytest.fixture
def window(lone):
    """Return a window with nothing but the log."""
    lone.put("log", LogPanel(lone.editor))
    return lone


@pytest.fixture
def panel(window, qtbot):
    return shown_in(window, qtbot)


def shown_in(window, qtbot):
    resources.add_resource(window.editor.document, "netns::Node", (0, 0))
    resources.add_resource(window.editor.document, "netns::Node", (100, 0))
    window.show_panel("log")
    panel = window.docks["log"].widget()
    qtbot.waitUntil(panel.isVisible)
    panel.clear()
    return panel


def messages(panel):
    return [panel.model.index(row, 3).data() for row in range(panel.model.rowCount())]


def say(text, level=logging.INFO, guid=None):
    extra = {} if guid is None else {"guid": guid, "rtype": "netns::Node"}
    logger.log(level, text, extra=extra)


def wait_for(panel, qtbot, number):
    qtbot.waitUntil(lambda: panel.model.rowCount() == number)


def test_line_tells_time_level_resource_and_text(panel, qtbot):
    assert panel._nothing.text() == "Nothing was logged so far."
    say("netns::Node 2 (node2): it goes on", logging.WARNING, 2)
    say("The whole program")
    wait_for(panel, qtbot, 2)
    cells = [[panel.model.index(row, column).data() for column in range(1, 4)] for row in range(2)]
    assert cells == [["Warning", "node2", "it goes on"], ["Info", "resource", "The whole program"]]
    assert len(panel.model.index(0, 0).data().split(":")) == 3


def test_lines_of_other_threads(panel, qtbot):
    threads = [threading.Thread(target=lambda: [say(f"line {n}") for n in range(100)]) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    wait_for(panel, qtbot, 400)


def test_burst_is_taken_at_once(panel, qtbot):
    batches = []
    panel.model.rowsInserted.connect(lambda _, first, last: batches.append(last - first + 1))
    for number in range(500):
        say(f"line {number}")
    wait_for(panel, qtbot, 500)
    assert batches == [500]


def test_level(panel, qtbot):
    say("all is well")
    say("careful", logging.WARNING)
    wait_for(panel, qtbot, 2)
    panel.levels.setCurrentText("Warning")
    assert messages(panel) == ["careful"]
    panel.levels.setCurrentText("Detail")
    say("by the way", logging.DEBUG)
    wait_for(panel, qtbot, 3)
    panel.levels.setCurrentText("Error")
    assert messages(panel) == []
    assert panel._nothing.text() == "No line passes the filter."
    logging.getLogger("nepi").setLevel(logging.INFO)


def test_words_and_the_selected_resource(panel, window, qtbot):
    say("one thing", guid=1)
    say("another thing", guid=2)
    say("a third")
    wait_for(panel, qtbot, 3)
    qtbot.keyClicks(panel.words, "THING node2")
    assert messages(panel) == ["another thing"]
    panel.words.clear()
    qtbot.mouseClick(panel.selected, Qt.MouseButton.LeftButton)
    window.editor.selection.set([1])
    assert messages(panel) == ["one thing"]
    window.editor.selection.clear()
    assert messages(panel) == []


def test_name_of_the_resource_reveals_it(panel, window, qtbot):
    say("here", guid=2)
    wait_for(panel, qtbot, 1)
    for column, selected in ((3, []), (2, [2])):
        window.editor.selection.clear()
        place = panel.table.visualRect(panel.model.index(0, column)).center()
        qtbot.mouseMove(panel.table.viewport(), place)
        qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert window.editor.selection.guids == selected
    window.editor.selection.clear()
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    assert window.editor.selection.guids == [2]


def test_copy_the_chosen_lines_or_all_with_their_tracebacks(panel, qtbot, expect_log):
    expect_log("it broke")
    say("fine", guid=1)
    try:
        raise ValueError("deep inside")
    except ValueError:
        logger.exception("it broke")
    wait_for(panel, qtbot, 2)
    assert messages(panel)[1] == "it broke"
    qtbot.mouseClick(panel.copying, Qt.MouseButton.LeftButton)
    text = QGuiApplication.clipboard().text()
    assert "Info  node1  fine" in text
    assert "ValueError: deep inside" in text
    panel.table.selectRow(0)
    qtbot.keyClick(panel.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().count("\n") == 1


def test_follows_until_the_user_looks_back(panel, qtbot):
    for number in range(200):
        say(f"line {number}")
    wait_for(panel, qtbot, 200)
    bar = panel.table.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    panel.table.selectRow(199)
    qtbot.keyClick(panel.table, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    assert not panel.follow.isChecked()
    say("one more")
    wait_for(panel, qtbot, 201)
    assert bar.value() == 0
    qtbot.mouseClick(panel.follow, Qt.MouseButton.LeftButton)
    assert bar.value() == bar.maximum()


def test_hidden_it_waits(panel, window, qtbot):
    window.docks["log"].hide()
    say("meanwhile")
    qtbot.waitUntil(lambda: not panel.bridge._timer.isActive())
    assert panel.model.kept == 0
    window.show_panel("log")
    assert messages(panel) == ["meanwhile"]


def test_message_that_does_not_fit_its_arguments_harms_nobody(panel, qtbot, monkeypatch):
    monkeypatch.setattr(logging, "raiseExceptions", False)
    logger.info("%d", "no number")
    say("after that")
    wait_for(panel, qtbot, 1)


def test_listening_ends_with_the_window(application):
    before = list(logging.getLogger("nepi").handlers)
    window = application.open_window()
    assert len(logging.getLogger("nepi").handlers) == len(before) + 1
    window.close()
    assert logging.getLogger("nepi").handlers == before


def test_the_oldest_lines_go(qapp, monkeypatch):
    monkeypatch.setattr(log_model, "MOST_LINES", 10)
    model = LogModel(lambda guid: "", Appearance("light"), qapp)
    lines = [
        LogLine(number, (logging.INFO, logging.ERROR)[number % 2], 0, "x", f"line {number}") for number in range(60)
    ]
    model.set_filter(LogFilter(logging.ERROR))
    for first in range(0, 30, 3):
        model.take(lines[first : first + 3])
        shown = [model.line(row) for row in range(model.rowCount())]
        assert shown == [each for each in lines[max(0, first - 7) : first + 3] if each.level == logging.ERROR]
    model.take(lines[30:])
    assert model.kept == 10
    assert model.line(0) == lines[51]
    model.deleteLater()


def test_ctrl_a_chooses_the_lines_and_not_the_canvas(application, qtbot):
    window = application.open_window()
    panel = shown_in(window, qtbot)
    for text in ("one", "two"):
        say(text)
    wait_for(panel, qtbot, 2)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.editor.selection.clear()
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert not window.editor.selection
    assert len(panel.table.selectionModel().selectedRows()) == 2


def test_details_that_are_not_wanted_any_more_push_nothing_out(panel, qtbot):
    panel.levels.setCurrentIndex(0)
    say("a detail", logging.DEBUG)
    wait_for(panel, qtbot, 1)
    panel.levels.setCurrentIndex(1)
    say("another detail", logging.DEBUG)
    say("an event")
    wait_for(panel, qtbot, 1)
    assert panel.model.kept == 2
