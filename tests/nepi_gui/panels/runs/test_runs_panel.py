"""The list of runs: what it shows, how it keeps up, and what the keys do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from nepi_core.runs.store import RunStore
from nepi_gui.panels.runs.panel import RunsPanel
from nepi_gui.panels.runs.runs_model import Column
from nepi_gui.panels.runs.words import SIGNS
from nepi_gui.runs.listing import Outcome
from nepi_gui.runs.notes import read_note, write_note
from tests.nepi_gui.panels.lone import Lone
from tests.nepi_gui.runs.recorded import BEGAN, described, record


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of an experiment with four runs."""
    monkeypatch.setenv("NEPI_LOCAL_DIR", str(tmp_path / "results"))
    runs = tmp_path / "results" / "tried"
    record(runs / "first", BEGAN, description=described(count=5))
    record(runs / "second", BEGAN + 100, "failed", described(count=5))
    record(runs / "third", BEGAN + 200, "running", described(count=7))
    record(runs / "fourth", BEGAN + 300, description=described(count=7))
    (runs / "fourth" / "experiment.xml").unlink()
    return runs


@pytest.fixture
def window(lone: Lone) -> Lone:
    """Return a window with nothing but the list of runs."""
    lone.put("runs", RunsPanel(lone.editor))
    return lone


@pytest.fixture
def panel(window: Lone, folder: Path, qtbot: QtBot) -> RunsPanel:
    """Return the panel with those runs."""
    window.show_panel("runs")
    panel = window.docks["runs"].widget()
    assert isinstance(panel, RunsPanel)
    panel.show_folder(folder)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 4, timeout=20_000)
    # Whoever reads a run makes and removes files beside its store, which rmtree in a test would stumble over.
    qtbot.waitUntil(lambda: "…" not in column(panel, Column.DIFFERENCE), timeout=20_000)
    return panel


def text(panel: RunsPanel, row: int, column: Column) -> str:
    return str(panel.model.index(row, column).data())


def column(panel: RunsPanel, column: Column) -> list[str]:
    return [text(panel, row, column) for row in range(panel.model.rowCount())]


def names(panel: RunsPanel) -> list[str]:
    return [panel.model.run(row).run_id for row in range(panel.model.rowCount())]


def test_runs_stand_in_order_with_outcome_and_duration(panel: RunsPanel) -> None:
    assert names(panel) == ["fourth", "third", "second", "first"]
    outcomes = column(panel, Column.OUTCOME)
    assert outcomes == ["✓ done", "⚠ cut short", "✕ failed", "✓ done"]
    assert column(panel, Column.DURATION)[2:] == ["10 s", "10 s"]
    assert len(set(SIGNS.values())) == len(Outcome)


def test_differences_come_by_themselves(panel: RunsPanel, qtbot: QtBot) -> None:
    told = ["its experiment is missing or damaged", "ping count 5 → 7", "the same", "the first run"]
    qtbot.waitUntil(lambda: column(panel, Column.DIFFERENCE) == told, timeout=20_000)


def test_all_differences_of_the_chosen_run(panel: RunsPanel, window: Lone, qtbot: QtBot) -> None:
    panel.expand.click()
    if not panel.details.isVisible():
        panel.expand.click()
    details = panel.details
    panel.table.selectRow(1)
    qtbot.waitUntil(lambda: details.model.rowCount() == 1, timeout=20_000)
    texts = [str(details.model.index(0, each).data()) for each in range(4)]
    assert texts == ["ping", "count", "5", "7"]
    details.other.setCurrentIndex(1)
    window.editor.document.replace(described(count=8, interval=0.5), None)
    qtbot.waitUntil(lambda: [details.model.index(0, each).data() for each in (2, 3)] == ["7", "8"], timeout=20_000)
    assert details.model.rowCount() == 2
    qtbot.mouseClick(
        details.table.viewport(),
        Qt.MouseButton.LeftButton,
        pos=details.table.visualRect(details.model.index(0, 0)).center(),
    )
    assert set(window.editor.selection.guids) == {2}
    panel.table.selectRow(0)
    qtbot.waitUntil(lambda: details.model.rowCount() == 0, timeout=20_000)


def test_run_that_comes_and_goes(panel: RunsPanel, folder: Path, qtbot: QtBot) -> None:
    panel.table.selectRow(1)
    store = RunStore(folder / "fifth")
    try:
        store.facts(began=BEGAN + 400, outcome="running")
        store.flush()
        qtbot.waitUntil(lambda: "fifth" in names(panel), timeout=20_000)
        assert names(panel)[0] == "fifth"
        assert text(panel, 0, Column.OUTCOME) == "▶ running"
        assert [run.run_id for run in panel.chosen()] == ["third"]
    finally:
        store.close()
    shutil.rmtree(folder / "second")
    qtbot.waitUntil(lambda: names(panel) == ["fifth", "fourth", "third", "first"], timeout=20_000)
    assert [run.run_id for run in panel.chosen()] == ["third"]


def test_folder_that_is_made_later(window: Lone, tmp_path: Path, qtbot: QtBot) -> None:
    window.show_panel("runs")
    panel = window.docks["runs"].widget()
    assert isinstance(panel, RunsPanel)
    panel.show_folder(tmp_path / "later" / "tried")
    qtbot.waitUntil(lambda: not panel._reading.is_busy, timeout=20_000)
    record(tmp_path / "later" / "tried" / "one")
    qtbot.waitUntil(lambda: names(panel) == ["one"], timeout=20_000)


def test_filter_and_order(panel: RunsPanel, folder: Path, qtbot: QtBot) -> None:
    panel.words.setText("FAILED")
    assert names(panel) == ["second"]
    panel.words.setText("nothing like that")
    assert names(panel) == []
    panel.words.clear()
    panel.table.sortByColumn(Column.BEGAN, Qt.SortOrder.AscendingOrder)
    assert names(panel) == ["first", "second", "third", "fourth"]
    panel.table.sortByColumn(Column.DURATION, Qt.SortOrder.AscendingOrder)
    assert names(panel)[0] == "third"


# -- notes and keys ------------------------------------------------------------------------------------


def test_note_is_written_with_f2(panel: RunsPanel, folder: Path, qtbot: QtBot) -> None:
    panel.table.selectRow(2)
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_F2)
    (editor,) = panel.table.findChildren(QLineEdit)
    editor.setText("why did it fail?")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: read_note(folder / "second") == "why did it fail?", timeout=20_000)
    qtbot.waitUntil(lambda: text(panel, 2, Column.NOTE) == "why did it fail?", timeout=20_000)
    assert [run.run_id for run in panel.chosen()] == ["second"]


def test_note_that_is_being_written_stays(panel: RunsPanel, folder: Path, qtbot: QtBot) -> None:
    panel.table.selectRow(2)
    qtbot.keyClick(panel.table, Qt.Key.Key_F2)
    (editor,) = panel.table.findChildren(QLineEdit)
    editor.setText("half of")
    shutil.rmtree(folder / "fourth")
    store = RunStore(folder / "fifth")
    try:
        store.facts(began=BEGAN + 500, outcome="running")
        store.flush()
        qtbot.waitUntil(lambda: names(panel) == ["fifth", "third", "second", "first"], timeout=20_000)
        panel.model.tick()
        assert editor.text() == "half of"
        qtbot.keyClick(editor, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: read_note(folder / "second") == "half of", timeout=20_000)
    finally:
        store.close()


def test_note_that_cannot_be_written_is_told(panel: RunsPanel, window: Lone, folder: Path, qtbot: QtBot) -> None:
    shutil.rmtree(folder / "first")
    with qtbot.waitSignal(window.editor.told, timeout=20_000) as told:
        panel.model.noted.emit(folder / "first", "too late")
    assert "cannot be written" in str(told.args)


@pytest.mark.parametrize(("key", "signal"), [(Qt.Key.Key_Return, "opened"), (Qt.Key.Key_Delete, "removal_wanted")])
def test_keys(panel: RunsPanel, qtbot: QtBot, key: Qt.Key, signal: str) -> None:
    panel.table.selectRow(0)
    panel.table.setFocus()
    with qtbot.waitSignal(getattr(panel, signal), timeout=20_000):
        qtbot.keyClick(panel.table, key)


# -- many, none, hidden --------------------------------------------------------------------------------


def test_no_runs(window: Lone, tmp_path: Path, qtbot: QtBot) -> None:
    window.show_panel("runs")
    panel = window.docks["runs"].widget()
    assert isinstance(panel, RunsPanel)
    panel.show_folder(tmp_path / "none")
    qtbot.waitUntil(lambda: panel._nothing.text() == "No runs yet: press Run.", timeout=20_000)


def test_nothing_is_read_while_it_is_hidden(panel: RunsPanel, window: Lone, folder: Path, qtbot: QtBot) -> None:
    window.docks["runs"].hide()
    record(folder / "fifth", BEGAN + 400)
    panel.look_again()
    assert not panel._reading.is_busy
    window.show_panel("runs")
    qtbot.waitUntil(lambda: len(names(panel)) == 5, timeout=20_000)


def test_many_runs(window: Lone, tmp_path: Path, qtbot: QtBot) -> None:
    one = record(tmp_path / "some" / "tried" / "one")
    for number in range(250):
        made = one.with_name(f"run{number}")
        made.mkdir()
        for name in ("run.sqlite", "experiment.xml"):
            (made / name).hardlink_to(one / name)
    write_note(one.with_name("run7"), "the seventh")
    window.show_panel("runs")
    panel = window.docks["runs"].widget()
    assert isinstance(panel, RunsPanel)
    panel.show_folder(one.parent)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 251, timeout=20_000)
    panel.words.setText("seventh")
    assert names(panel) == ["run7"]
