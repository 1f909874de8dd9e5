"""What can be done with runs from the window, with real events and files."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from nepi_core.runs.store import RunStore
from nepi_core.xml_format import write_xml
from nepi_gui.panels.runs.panel import RunsPanel
from nepi_gui.runs.exporting import export_run
from nepi_gui.runs.importing import import_run
from nepi_gui.runs.listing import Outcome, read_run
from nepi_gui.window.application import Application
from nepi_gui.window.main_window import MainWindow
from nepi_gui.window.run_archives import RunArchivesFeature
from nepi_gui.window.run_comparing import RunComparingFeature
from nepi_gui.window.running import RunningFeature
from nepi_gui.window.runs import RunsFeature
from nepi_gui.window.safekeeping import SafekeepingFeature
from tests.nepi_gui.runs.recorded import BEGAN, described, record
from tests.nepi_gui.runs_of_ours import described as experiment
from tests.nepi_gui.runs_of_ours import going_on


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the runs of an experiment."""
    monkeypatch.setenv("NEPI_LOCAL_DIR", str(tmp_path / "results"))
    folder = tmp_path / "results" / "tried"
    values = [float(number % 7) for number in range(200)]
    record(folder / "one", BEGAN, description=described(count=5), values=values)
    record(folder / "two", BEGAN + 100, description=described(count=7), values=[value + 5 for value in values])
    return folder


@pytest.fixture
def window(application: Application, folder: Path, tmp_path: Path, qtbot: QtBot) -> MainWindow:
    """Return a window with the experiment of the second run, whose runs are listed."""
    write_xml(described(count=7), tmp_path / "tried.xml")
    window = application.open_file(tmp_path / "tried.xml")
    window.show_panel("runs")
    qtbot.waitUntil(lambda: panel_of(window).model.rowCount() == 2, timeout=20_000)
    return window


def panel_of(window: MainWindow) -> RunsPanel:
    panel = window.docks["runs"].widget()
    assert isinstance(panel, RunsPanel)
    return panel


def notices(window: MainWindow) -> list[str]:
    bar = SafekeepingFeature.of(window).notices
    return [bar[name].text for name in bar.names()]


def choose(window: MainWindow, *rows: int) -> None:
    panel = panel_of(window)
    panel.table.choose([panel.model.run(row).folder for row in rows], panel.model.run(rows[0]).folder)
    window.commands.refresh()


# -- seeing ----------------------------------------------------------------------------------------


def test_enter_shows_the_run(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    choose(window, 0)
    panel_of(window).table.setFocus()
    qtbot.keyClick(panel_of(window).table, Qt.Key.Key_Return)
    assert window.editor.run is not None
    assert window.editor.run.folder == folder / "two"
    feature = RunsFeature.of(window)
    qtbot.waitUntil(lambda: not feature._comparing.is_busy, timeout=20_000)
    assert notices(window) == []


def test_run_of_another_version_can_be_opened_as_it_was(
    window: MainWindow, application: Application, folder: Path, qtbot: QtBot
) -> None:
    choose(window, 1)
    window.commands["runs.open"].trigger()
    qtbot.waitUntil(lambda: bool(notices(window)), timeout=20_000)
    (told,) = notices(window)
    assert "another version" in told
    assert "ping count 5 → 7" in told
    SafekeepingFeature.of(window).notices["other-experiment"].buttons[0].click()
    other = application.windows[-1]
    assert other is not window
    assert other.editor.document.description.resources[2].attributes["count"] == 5
    assert other.editor.run is not None
    assert other.editor.run.folder == folder / "one"
    assert panel_of(other).folder == folder


def test_damaged_run_says_what_is_missing(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    (folder / "one" / "experiment.xml").unlink()
    panel_of(window).look_again()
    qtbot.waitUntil(lambda: bool(panel_of(window).model.run(1).notices), timeout=20_000)
    choose(window, 1)
    window.commands["runs.open"].trigger()
    assert any("description of this run is missing" in told for told in notices(window))
    with qtbot.waitSignal(window.editor.told, timeout=20_000):
        RunsFeature.of(window).open_as_it_was(folder / "one")


def test_run_again(window: MainWindow, application: Application, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    started: list[RunningFeature] = []
    monkeypatch.setattr(RunningFeature, "run", lambda feature: started.append(feature))
    choose(window, 0)
    window.commands["runs.again"].trigger()
    qtbot.waitUntil(lambda: len(started) == 1, timeout=20_000)
    assert started[0].window is window
    choose(window, 1)
    window.commands["runs.again"].trigger()
    qtbot.waitUntil(lambda: len(started) == 2, timeout=20_000)
    assert started[1].window is application.windows[-1] is not window
    assert started[1].document.description.resources[2].attributes["count"] == 5


def test_report_is_written_and_shown(
    window: MainWindow, folder: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    shown: list[Path] = []

    def show(path: Path) -> bool:
        shown.append(path)
        return True

    monkeypatch.setattr(RunsFeature.of(window), "show_in_browser", show)
    choose(window, 0)
    window.commands["runs.report"].trigger()
    qtbot.waitUntil(lambda: bool(shown), timeout=20_000)
    assert shown == [folder / "two" / "report.html"]
    assert shown[0].is_file()


def test_another_name_of_the_experiment_has_other_runs(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    with window.editor.document.edit("Name") as edit:
        edit.set_part("exp_id", "other")
    assert panel_of(window).folder == folder.parent / "other"
    qtbot.waitUntil(lambda: panel_of(window).model.rowCount() == 0, timeout=20_000)
    window.editor.document.history.undo()
    qtbot.waitUntil(lambda: panel_of(window).model.rowCount() == 2, timeout=20_000)


# -- comparing -------------------------------------------------------------------------------------


def test_comparison_as_a_table_and_a_file(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    feature = RunComparingFeature.of(window)
    monkeypatch.setattr(feature, "ask_where", lambda suggested: tmp_path / "out.csv")
    choose(window, 0, 1)
    dialog = feature.compare()
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 2, timeout=20_000)
    first, second = dialog.model.rows
    assert (first.run, second.run) == ("one", "two")
    assert second.difference is not None
    assert second.difference.value == pytest.approx(5)
    dialog.csv_button.click()
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
    assert [row["run"] for row in rows] == ["one", "two"]
    dialog.words.setText("nothing")
    assert dialog.model.rowCount() == 0
    dialog.reject()


def test_series_of_the_comparison_is_plotted(window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    drawn: list[tuple[object, ...]] = []
    monkeypatch.setattr(window.docks["plots"].widget(), "overlay", lambda *given: drawn.append(given))
    choose(window, 0, 1)
    dialog = RunComparingFeature.of(window).compare()
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 2, timeout=20_000)
    assert not dialog.plot_button.isEnabled()
    dialog.table.selectRow(1)
    dialog.plot_button.click()
    assert [key for _, key, _ in drawn] == [dialog.model.rows[0].key] * 2
    assert dialog.isVisible()
    window.close()
    assert not dialog.isVisible()


def test_window_that_closes_takes_the_comparison_with_it(window: MainWindow) -> None:
    choose(window, 0, 1)
    feature = RunComparingFeature.of(window)
    dialogs = [feature.compare(), feature.choose_series()]
    window.close()
    assert not any(dialog is not None and dialog._background.is_busy for dialog in dialogs)


def test_one_run_cannot_be_compared(window: MainWindow) -> None:
    choose(window, 0)
    assert not window.commands["runs.compare"].isEnabled()
    assert RunComparingFeature.of(window).compare() is None


def test_series_of_several_runs_on_a_plot(window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    plots = window.docks["plots"].widget()
    drawn: list[tuple[object, ...]] = []
    monkeypatch.setattr(plots, "overlay", lambda *given: drawn.append(given))
    monkeypatch.setattr(plots, "overlay_mean", lambda *given: drawn.append(given))
    choose(window, 0, 1)
    dialog = RunComparingFeature.of(window).choose_series()
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.list.count() == 1, timeout=20_000)
    assert dialog.list.item(0).text() == "ping rtt"
    dialog.mean.setChecked(True)
    dialog.show_button.click()
    assert len(drawn) == 3
    assert window.docks["plots"].isVisible()


# -- files -----------------------------------------------------------------------------------------


def test_export_and_import(
    window: MainWindow, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    feature = RunArchivesFeature.of(window)
    (folder / "two" / "report.html").write_text("")
    monkeypatch.setattr(feature, "ask_where", lambda suggested: tmp_path / suggested.name)
    monkeypatch.setattr(feature, "ask_what_to_import", lambda: tmp_path / "tried-two.nepirun")
    choose(window, 0)
    with qtbot.waitSignal(window.editor.told, timeout=20_000):
        window.commands["runs.export"].trigger()
    assert (tmp_path / "tried-two.nepirun").is_file()
    assert notices(window) == []
    window.commands["runs.import"].trigger()
    qtbot.waitUntil(lambda: [run.run_id for run in panel_of(window).chosen()] == ["two-2"], timeout=20_000)
    assert (folder / "two-2" / "run.sqlite").is_file()


def test_import_that_is_cancelled_brings_no_run(window: MainWindow, archive: Path, folder: Path, qtbot: QtBot) -> None:
    feature, bar = RunArchivesFeature.of(window), SafekeepingFeature.of(window).notices
    taken_in: list[object] = []
    feature.taken_in.connect(taken_in.append)
    for _ in range(10):  # whenever it comes: the run is there and that is told, or neither
        feature.take_in(archive)
        bar["archive"].buttons[0].click()
        qtbot.waitUntil(lambda: not feature._background.is_busy, timeout=20_000)
    there = list((folder.parent / "other").glob("*"))
    assert len(there) == len(taken_in) < 10
    assert notices(window) == []


def test_several_runs_are_exported_to_a_folder(
    window: MainWindow, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    feature = RunArchivesFeature.of(window)
    for name in ("one", "two"):
        (folder / name / "report.html").write_text("")
    (tmp_path / "out").mkdir()
    monkeypatch.setattr(feature, "ask_folder", lambda: tmp_path / "out")
    choose(window, 0, 1)
    with qtbot.waitSignal(window.editor.told, timeout=20_000) as told:
        window.commands["runs.export"].trigger()
    assert "2 archives" in str(told.args)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["tried-one.nepirun", "tried-two.nepirun"]


def test_archive_that_is_none_is_told(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "bad.nepirun").write_text("no")
    window.application.show_file(tmp_path / "bad.nepirun", over=window)
    qtbot.waitUntil(lambda: any("no archive of a run" in told for told in notices(window)), timeout=20_000)


@pytest.fixture
def archive(folder: Path, tmp_path: Path) -> Path:
    """Return the archive of a run of another experiment."""
    made = record(tmp_path / "else" / "other" / "one", description=described(count=9))
    (made / "report.html").write_text("")
    export_run(made, tmp_path / "other.nepirun")
    return tmp_path / "other.nepirun"


def test_dropped_archive_is_opened_as_it_was(
    window: MainWindow, archive: Path, application: Application, folder: Path, qtbot: QtBot
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(archive))])
    place = window.view.viewport().rect().center()
    event = QDropEvent(
        QPointF(place), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.view.dropEvent(event)
    qtbot.waitUntil(lambda: len(application.windows) == 2, timeout=20_000)
    other = application.windows[-1]
    assert other.editor.document.description.resources[2].attributes["count"] == 9
    assert other.editor.run is not None
    assert other.editor.run.folder == folder.parent / "other" / "one"


def test_archive_on_the_command_line(application: Application, archive: Path, folder: Path) -> None:
    application.start([archive])
    (window,) = application.windows
    assert window.editor.run is not None
    assert window.editor.run.folder == folder.parent / "other" / "one"


# -- removing --------------------------------------------------------------------------------------


def test_delete_asks_and_removes(
    window: MainWindow, folder: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    feature = RunsFeature.of(window)
    answers = [False, True]
    monkeypatch.setattr(feature, "ask_to_remove", lambda runs: answers.pop(0))
    choose(window, 1)
    window.commands["runs.open"].trigger()
    qtbot.waitUntil(lambda: bool(notices(window)), timeout=20_000)
    table = panel_of(window).table
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert (folder / "one").is_dir()
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: panel_of(window).model.rowCount() == 1, timeout=20_000)
    assert [path.name for path in folder.iterdir()] == ["two"]
    assert window.editor.run is None
    assert notices(window) == []


def test_run_that_goes_on_is_not_removed(
    window: MainWindow, folder: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(RunsFeature.of(window), "ask_to_remove", lambda runs: pytest.fail("it was asked"))
    store = RunStore(folder / "live")
    try:
        store.facts(began=BEGAN + 500, outcome="running")
        store.flush()
        qtbot.waitUntil(lambda: panel_of(window).model.rowCount() == 3, timeout=20_000)
        choose(window, 0)
        with qtbot.waitSignal(window.editor.told, timeout=20_000) as told:
            window.commands["runs.remove"].trigger()
        assert "goes on" in str(told.args)
    finally:
        store.close()
    assert (folder / "live").is_dir()


# -- a real run ------------------------------------------------------------------------------------


def test_list_follows_a_real_run(
    application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    path = Path(experiment().write(tmp_path))
    monkeypatch.setenv("NEPI_LOCAL_DIR", str(tmp_path / "runs"))
    window = application.open_file(path)
    window.show_panel("runs")
    panel = panel_of(window)
    with going_on(str(path), tmp_path, "real", "--hold", "--no-report") as run:
        qtbot.waitUntil(lambda: panel.model.rowCount() == 1, timeout=20_000)
        qtbot.waitUntil(lambda: panel.model.run(0).pid == run.process.pid, timeout=20_000)
        assert panel.model.run(0).is_live
        export_run(run.folder, tmp_path / "live.nepirun")
        run.end()
        qtbot.waitUntil(lambda: panel.model.run(0).outcome is Outcome.INTERRUPTED, timeout=20_000)
    taken_in = import_run(tmp_path / "live.nepirun", tmp_path / "there")
    assert read_run(taken_in).outcome is Outcome.CUT_SHORT


def test_killed_run_is_told_as_cut_short(
    application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    path = Path(experiment().write(tmp_path))
    monkeypatch.setenv("NEPI_LOCAL_DIR", str(tmp_path / "runs"))
    window = application.open_file(path)
    window.show_panel("runs")
    panel = panel_of(window)
    with going_on(str(path), tmp_path, "real", "--hold") as run:
        qtbot.waitUntil(lambda: panel.model.rowCount() == 1 and panel.model.run(0).pid > 0, timeout=20_000)
        run.process.kill()
        qtbot.waitUntil(lambda: panel.model.run(0).outcome is Outcome.CUT_SHORT, timeout=20_000)
