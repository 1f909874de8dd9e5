"""The log of a run in the log panel: live, long, filtered, at a moment, of one resource."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from nepi_core.runs.store import LogEntry, RunStore
from nepi_gui.document import resources
from nepi_gui.panels import run_log
from nepi_gui.panels.log import LogPanel
from nepi_gui.panels.log_model import Column
from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window.log_keeping import LogFeature
from nepi_gui.window.main_window import MainWindow


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    """Return the record of a run that goes on."""
    store = RunStore(tmp_path / "run1")
    store.facts(began=1.0, outcome="running")
    store.resource(1, "netns::Node", "h1")
    store.resource(2, "linux::Ping", "")
    store.flush()
    yield store
    store.close()


def say(store: RunStore, time: float, text: str, guid: int | None = None, level: int = logging.INFO) -> None:
    store.log(LogEntry(time, level, guid, "", "nepi.engine", text))


@pytest.fixture
def panel(window: MainWindow, store: RunStore, qtbot: QtBot) -> LogPanel:
    """Return the log panel, which shows that run."""
    resources.add_resource(window.editor.document, "netns::Node", (0, 0))
    for number in range(10):
        say(store, 10.0 + number, f"line {number}", number % 3 or None, logging.INFO + 10 * (number == 7))
    store.flush()
    window.editor.watch(WatchedRun(store.folder))
    window.show_panel("log")
    panel = window.docks["log"].widget()
    assert isinstance(panel, LogPanel)
    qtbot.waitUntil(lambda: len(messages(panel)) == 10)
    return panel


def messages(panel: LogPanel) -> list[str]:
    return [panel.shown.line(row).text for row in range(panel.shown.rowCount())]


def test_run_is_shown_and_the_program_on_demand(panel: LogPanel, window: MainWindow) -> None:
    names = [panel.table.model().index(row, Column.RESOURCE).data() for row in range(3)]
    assert names == ["engine", "h1", "Ping 2"]
    panel.source.setCurrentText("Program")
    assert "line 0" not in messages(panel)
    panel.source.setCurrentText("Run")
    assert messages(panel)[0] == "line 0"
    window.editor.watch(None)
    assert panel.source.isHidden()
    assert panel.table.model() is panel.model


def test_lines_of_a_live_run_come_and_are_followed(panel: LogPanel, store: RunStore, qtbot: QtBot) -> None:
    for number in range(500):
        say(store, 30.0, f"news {number}")
    qtbot.waitUntil(lambda: messages(panel)[-1] == "news 499", timeout=20_000)
    bar = panel.table.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    assert len(messages(panel)) == 510


def test_filters(panel: LogPanel, qtbot: QtBot) -> None:
    panel.levels.setCurrentText("Warning")
    assert messages(panel) == ["line 7"]
    panel.levels.setCurrentText("Info")
    qtbot.keyClicks(panel.words, "PING line")
    assert messages(panel) == ["line 2", "line 5", "line 8"]


def test_log_of_one_resource(panel: LogPanel, window: MainWindow, qtbot: QtBot) -> None:
    window.docks["log"].hide()
    panel.words.setText("nothing has this")
    LogFeature.of(window).show_log_of(1)
    assert panel.isVisible()
    assert messages(panel) == ["line 1", "line 4", "line 7"]
    assert panel.only.text() == "h1"
    qtbot.mouseClick(panel.only, Qt.MouseButton.LeftButton)
    assert len(messages(panel)) == 10
    assert panel.only.isHidden()
    window.editor.selection.set([1])
    window.commands.refresh()
    window.commands["log.show"].trigger()
    assert len(messages(panel)) == 3


def test_double_click_selects_the_resource(panel: LogPanel, window: MainWindow, qtbot: QtBot) -> None:
    window.editor.selection.clear()
    place = panel.table.visualRect(panel.shown.index(1, Column.TEXT)).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert not window.editor.selection.guids
    qtbot.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.editor.selection.guids == [1]


def test_lines_after_the_moment_are_dimmed(panel: LogPanel, window: MainWindow) -> None:
    run, theme = window.editor.run, window.editor.appearance.theme
    assert run is not None

    def dimmed() -> list[int]:
        colours = [panel.shown.index(row, Column.TEXT).data(Qt.ItemDataRole.ForegroundRole) for row in range(10)]
        return [row for row, colour in enumerate(colours) if colour is not None and colour.name() == theme.border]

    assert dimmed() == []
    run.look_at(14.5)
    assert dimmed() == [5, 6, 7, 8, 9]
    assert panel.shown.row_at(14.5) == 4
    run.look_at(None)
    assert dimmed() == []


def test_long_log_is_read_bit_by_bit_and_its_beginning_left_out(
    window: MainWindow, store: RunStore, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_log, "_AT_ONCE", 100)
    window.docks["log"].hide()
    panel = window.docks["log"].widget()
    assert isinstance(panel, LogPanel)
    monkeypatch.setattr(panel.run_log.model, "_most", 1_000)
    monkeypatch.setattr(run_log, "MOST_LINES", 1_000)
    for number in range(2_500):
        say(store, 10.0, f"line {number}")
    store.flush()
    batches: list[int] = []
    panel.run_log.model.rowsInserted.connect(lambda _, first, last: batches.append(last - first + 1))
    window.editor.watch(WatchedRun(store.folder))
    window.show_panel("log")
    qtbot.waitUntil(lambda: messages(panel)[-1:] == ["line 2499"], timeout=20_000)
    assert messages(panel)[0] == "line 1500"
    assert batches == [100] * 10


def test_run_without_a_record_has_no_lines(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    window.editor.watch(WatchedRun(tmp_path))
    window.show_panel("log")
    panel = window.docks["log"].widget()
    assert isinstance(panel, LogPanel)
    assert panel._nothing.text() == "The run has logged nothing so far."
