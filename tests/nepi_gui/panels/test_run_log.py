"""The log of a run in the log panel: live, long, filtered, at a moment, of one resource."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from nepi_core.lifecycle import StateChange
from nepi_core.runs.store import LogEntry, RunStore
from nepi_core.states import ResourceState
from nepi_gui.document import resources
from nepi_gui.panels import run_log
from nepi_gui.panels.log import LogPanel
from nepi_gui.panels.log_model import Column
from nepi_gui.watching.lives import Lives
from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window.application import Application
from nepi_gui.window.log_keeping import LogFeature
from nepi_gui.window.main_window import MainWindow
from tests.nepi_gui.panels.lone import Lone


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
def window(lone: Lone) -> Lone:
    """Return a window with nothing but the log."""
    lone.put("log", LogPanel(lone.editor))
    return lone


@pytest.fixture
def panel(window: Lone, store: RunStore, qtbot: QtBot) -> LogPanel:
    """Return the log panel, which shows that run."""
    return watching(window, store, qtbot)


def watching(window: Lone | MainWindow, store: RunStore, qtbot: QtBot) -> LogPanel:
    resources.add_resource(window.editor.document, "netns::Node", (0, 0))
    for number in range(10):
        say(store, 10.0 + number, f"line {number}", number % 3 or None, logging.INFO + 10 * (number == 7))
    store.flush()
    window.editor.watch(WatchedRun(store.folder))
    window.show_panel("log")
    panel = window.docks["log"].widget()
    assert isinstance(panel, LogPanel)
    qtbot.waitUntil(lambda: len(messages(panel)) == 10, timeout=20_000)
    return panel


def messages(panel: LogPanel) -> list[str]:
    return [panel.shown.line(row).text for row in range(panel.shown.rowCount())]


def test_run_is_shown_and_the_program_on_demand(panel: LogPanel, window: Lone) -> None:
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


def test_log_of_one_resource(application: Application, store: RunStore, qtbot: QtBot) -> None:
    window = application.open_window()
    panel = watching(window, store, qtbot)
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


def test_double_click_selects_the_resource(panel: LogPanel, window: Lone, qtbot: QtBot) -> None:
    window.editor.selection.clear()
    place = panel.table.visualRect(panel.shown.index(1, Column.TEXT)).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert not window.editor.selection.guids
    qtbot.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.editor.selection.guids == [1]


def test_lines_after_the_moment_are_dimmed(panel: LogPanel, window: Lone) -> None:
    run, theme = window.editor.run, window.editor.appearance.theme
    assert run is not None

    def dimmed() -> list[int]:
        colours = [panel.shown.index(row, Column.TEXT).data(Qt.ItemDataRole.ForegroundRole) for row in range(10)]
        return [row for row, colour in enumerate(colours) if colour is not None and colour.name() == theme.line]

    assert dimmed() == []
    run.look_at(14.5)
    assert dimmed() == [5, 6, 7, 8, 9]
    assert panel.shown.row_at(14.5) == 4
    run.look_at(None)
    assert dimmed() == []


def test_long_log_is_read_bit_by_bit_and_its_beginning_left_out(
    window: Lone, store: RunStore, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
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


def test_run_without_a_record_has_no_lines(window: Lone, tmp_path: Path, qtbot: QtBot) -> None:
    window.editor.watch(WatchedRun(tmp_path))
    window.show_panel("log")
    panel = window.docks["log"].widget()
    assert isinstance(panel, LogPanel)
    assert panel._nothing.text() == "The run has logged nothing so far."


def become(store: RunStore, time: float, guid: int, old: ResourceState, new: ResourceState) -> None:
    store.state_changed(StateChange(guid, old, new, time, ""))


@pytest.fixture
def lively(window: Lone, store: RunStore, qtbot: QtBot) -> LogPanel:
    """Return the log panel with a run in which resources have come to states between two lines of its log."""
    say(store, 10.0, "first", 1)
    say(store, 20.0, "last")
    become(store, 5.0, 1, ResourceState.NEW, ResourceState.READY)
    become(store, 15.0, 2, ResourceState.NEW, ResourceState.STARTED)
    become(store, 25.0, 2, ResourceState.STARTED, ResourceState.STOPPED)
    store.flush()
    window.editor.watch(WatchedRun(store.folder))
    window.show_panel("log")
    panel = window.docks["log"].widget()
    assert isinstance(panel, LogPanel)
    qtbot.waitUntil(lambda: len(messages(panel)) >= 5, timeout=20_000)
    return panel


def test_states_stand_between_the_lines_of_the_log(lively: LogPanel, qtbot: QtBot) -> None:
    assert messages(lively) == ["is READY", "first", "is STARTED", "last", "is STOPPED"]
    names = [lively.shown.index(row, Column.RESOURCE).data() for row in (0, 2)]
    assert names == ["h1", "Ping 2"]
    qtbot.keyClicks(lively.words, "ping started")
    assert messages(lively) == ["is STARTED"]
    lively.words.clear()
    lively.levels.setCurrentText("Warning")
    assert messages(lively) == []


def test_states_can_be_left_out(lively: LogPanel, window: Lone) -> None:
    assert lively.states.isVisible()
    lively.states.click()
    assert messages(lively) == ["first", "last"]
    lively.source.setCurrentText("Program")
    assert lively.states.isHidden()
    other = LogPanel(window.editor)
    assert not other.states.isChecked()
    other.close_log()


def test_line_that_is_written_late_stands_where_it_belongs(lively: LogPanel, store: RunStore, qtbot: QtBot) -> None:
    say(store, 22.0, "late")
    qtbot.waitUntil(lambda: len(messages(lively)) == 6, timeout=20_000)
    assert messages(lively)[3:] == ["last", "late", "is STOPPED"]
    assert lively.shown.row_at(23.0) == 4


def test_what_is_known_better_at_the_end_is_shown_anew(
    lively: LogPanel, window: Lone, store: RunStore, qtbot: QtBot
) -> None:
    run = window.editor.run
    assert run is not None
    again = Lives()
    again.add([StateChange(1, ResourceState.NEW, ResourceState.FAILED, 4.0, ""), *run.lives.changes])
    run.lives = again
    run.grew.emit()
    qtbot.waitUntil(lambda: len(messages(lively)) == 6, timeout=20_000)
    assert messages(lively) == ["is FAILED", "is READY", "first", "is STARTED", "last", "is STOPPED"]


def test_many_states_are_told_bit_by_bit_in_the_order_of_time(
    window: Lone, store: RunStore, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_log, "_AT_ONCE", 100)
    for number in range(400):
        become(store, 10.0 + number, 1, ResourceState.STARTED, ResourceState.STOPPED)
        if number % 3 == 0:
            say(store, 10.5 + number, "logged")
    store.flush()
    panel = window.docks["log"].widget()
    assert isinstance(panel, LogPanel)
    window.editor.watch(WatchedRun(store.folder))
    window.show_panel("log")
    qtbot.waitUntil(lambda: len(messages(panel)) == 534, timeout=20_000)
    times = [panel.shown.line(row).time for row in range(534)]
    assert times == sorted(times)
