"""The list of runs while one of them begins, is changed by hand, and ends."""

from __future__ import annotations

import shutil
from pathlib import Path

from pytestqt.qtbot import QtBot

from nepi_gui.control.protocol import connect as connect_to
from nepi_gui.control.protocol import encode
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
        with connect_to(run.folder) as connection:
            connection.sendall(encode({"id": 1, "do": "set", "guid": 2, "name": "interval", "value": 0.1}))
            connection.settimeout(20)
            while b'"id":1' not in (told := connection.recv(65536).replace(b" ", b"")):
                assert told
    ended = "changed while it ran: endless interval 0.05 → 0.1"
    qtbot.waitUntil(lambda: lines(panel, Column.DIFFERENCE)[0] == [ended], timeout=20_000)
