"""The list of runs while one of them begins, is changed by hand, and ends."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

from pytestqt.qtbot import QtBot

from nepi_core.runs.store import LogEntry, RunStore
from nepi_gui.panels.runs.panel import RunsPanel
from nepi_gui.panels.runs.runs_model import Column
from tests.nepi_gui.panels.lone import Lone
from tests.nepi_gui.runs.recorded import BEGAN, record
from tests.nepi_gui.runs_of_ours import described, going_on


def lines(panel: RunsPanel, *columns: Column) -> list[list[str]]:
    model = panel.model
    return [[str(model.index(row, each).data()) for each in columns] for row in range(model.rowCount())]


def test_run_that_begins_after_its_folder_was_listed(lone: Lone, tmp_path: Path, qtbot: QtBot) -> None:
    panel = RunsPanel(lone.editor)
    lone.put("runs", panel)
    experiment = described()
    path = experiment.write(tmp_path)
    folder = tmp_path / "runs" / "watched"
    record(folder / "early", BEGAN, description=experiment.description)
    (folder / "late").mkdir()
    shutil.copy(path, folder / "late" / "experiment.xml")  # as the window does, before the program of the run starts
    lone.show_panel("runs")
    panel.show_folder(folder)
    told = ["? unknown", "✓ done"]
    qtbot.waitUntil(lambda: [each for (each,) in lines(panel, Column.OUTCOME)] == told, timeout=20_000)
    columns = Column.OUTCOME, Column.DIFFERENCE
    with going_on(path, tmp_path, "late", "--hold") as run:
        going = [["▶ running", "the same"], ["✓ done", "the first run"]]
        qtbot.waitUntil(lambda: lines(panel, *columns) == going, timeout=20_000)
        began, duration = (lines(panel, each)[0][0] for each in (Column.BEGAN, Column.DURATION))
        assert began.startswith("today")
        qtbot.waitUntil(lambda: lines(panel, Column.DURATION)[0][0] not in ("-", duration), timeout=20_000)
    with closing(RunStore(run.folder)) as store:  # as the program of the run does when somebody sets an attribute
        message = "attribute 'interval' is now 0.1, set by hand"
        store.log(LogEntry(BEGAN, 20, 2, "linux::Ping", "nepi.changes", message))
    panel.look_again()
    ended = "changed while it ran: endless interval 0.05 → 0.1"
    qtbot.waitUntil(lambda: lines(panel, Column.DIFFERENCE)[0] == [ended], timeout=10_000)
