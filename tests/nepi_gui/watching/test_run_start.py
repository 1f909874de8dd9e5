"""Starting a run in a process of its own, and all that can come in between."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from pytestqt.qtbot import QtBot

from nepi_core.description import ExperimentDescription
from nepi_core.runs.reader import is_running
from nepi_gui.watching import run_start
from nepi_gui.watching.run_folders import find_live, folder_name, local_dir_of
from nepi_gui.watching.run_start import RunStart
from tests.nepi_gui.runs_of_ours import described, end_runs_below

_LONG = 20_000  # ms


@pytest.fixture
def parent(qapp: QObject, tmp_path: Path) -> Iterator[QObject]:
    made = QObject()
    yield made
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    end_runs_below(tmp_path)


def _start(folder: Path, parent: QObject, *options: str, exp_id: str = "tried") -> RunStart:
    description = described().description
    return RunStart(description, folder, exp_id, None, options or ("--hold", "--no-report"), parent)


def test_a_run_goes_live(parent: QObject, tmp_path: Path, qtbot: QtBot) -> None:
    start = _start(tmp_path, parent)
    with qtbot.waitSignal(start.live, timeout=_LONG):
        pass
    assert is_running(start.folder)
    assert find_live(start.folder.parent) == start.folder


def test_odd_names_are_taken_as_they_are(parent: QObject, tmp_path: Path, qtbot: QtBot) -> None:
    exp_id = "=a b, ünïcödé 実験@+"
    folder = tmp_path / "with 'quotes' & $(spaces) ü"
    start = _start(folder, parent, exp_id=exp_id)
    with qtbot.waitSignal(start.live, timeout=_LONG):
        pass
    assert start.folder.parent == folder / exp_id


def test_a_folder_that_cannot_be_made_is_told(parent: QObject, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "file").write_text("")
    start = _start(tmp_path / "file", parent)
    with qtbot.waitSignal(start.refused, timeout=_LONG) as told:
        pass
    assert "cannot be written" in (told.args or [""])[0]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_told_and_leaves_nothing(
    parent: QObject, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(path: Path, data: bytes) -> None:
        Path("/dev/full").write_bytes(data)

    monkeypatch.setattr(run_start, "write_atomically", write)
    start = _start(tmp_path, parent)
    with qtbot.waitSignal(start.refused, timeout=_LONG) as told:
        pass
    assert "No space left" in (told.args or [""])[0]
    assert not start.folder.exists()


def test_what_the_process_says_is_told_when_it_does_not_run(parent: QObject, tmp_path: Path, qtbot: QtBot) -> None:
    start = RunStart(ExperimentDescription(), tmp_path, "empty", None, ("--duration", "no time"), parent)
    with qtbot.waitSignal(start.refused, timeout=_LONG) as told:
        pass
    assert "no time" in (told.args or [""])[0]
    assert not start.folder.exists()


def test_a_run_can_be_given_up_before_it_is_live(parent: QObject, tmp_path: Path, qtbot: QtBot) -> None:
    start = _start(tmp_path, parent)
    with qtbot.waitSignal(start.refused, timeout=_LONG):
        start.abandon()  # while the file is being written
    assert not start.folder.exists()
    start = _start(tmp_path, parent)
    qtbot.waitUntil(lambda: (start.folder / run_start.LOG_NAME).exists(), timeout=_LONG)
    with qtbot.waitSignal(start.refused, timeout=_LONG):
        start.abandon()  # while the process starts
    assert not start.folder.exists()
    start.abandon()


def test_nobody_is_told_after_it_was_cancelled(parent: QObject, tmp_path: Path, qtbot: QtBot) -> None:
    start = _start(tmp_path, parent)
    told: list[str] = []
    start.refused.connect(told.append)
    start.cancel()
    assert not start.folder.exists()
    start.cancel()
    again = _start(tmp_path, parent)
    with qtbot.waitSignal(again.live, timeout=_LONG):
        pass
    assert told == []


def test_files_where_the_window_was_started_are_no_modules(
    parent: QObject, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sqlite3.py").write_text("raise SystemExit('this is not sqlite3')")
    monkeypatch.chdir(tmp_path)
    start = _start(tmp_path / "runs", parent)
    with qtbot.waitSignal(start.live, timeout=_LONG):
        pass


def test_a_folder_that_has_gone_meanwhile_is_no_obstacle(
    parent: QObject, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    start = _start(tmp_path / "runs", parent)
    with qtbot.waitSignal(start.live, timeout=_LONG):
        pass


def test_a_run_without_a_socket_is_live_by_its_record(
    parent: QObject, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_start, "SOCKET_NAME", "none-such")
    monkeypatch.setattr(run_start, "_WITHOUT_SOCKET", 100)
    start = _start(tmp_path, parent)
    with qtbot.waitSignal(start.live, timeout=_LONG):
        pass
    assert is_running(start.folder)
    qtbot.waitUntil(lambda: (start.folder / "control").exists(), timeout=_LONG)


@pytest.mark.parametrize(
    ("exp_id", "path", "name"),
    [
        ("", None, "untitled"),
        ("", Path("/x/My lab.xml"), "My lab"),
        ("../up", None, "_up"),
        (".hidden", None, "_hidden"),
        ("-x", None, "_x"),
        ("a/b\nc", None, "a_b_c"),
        ("   ", None, "_"),
    ],
)
def test_folder_names(exp_id: str, path: Path | None, name: str) -> None:
    assert folder_name(exp_id, path) == name


def test_a_long_name_fits_into_a_folder(tmp_path: Path) -> None:
    name = folder_name("実験" * 300, None)
    (tmp_path / name).mkdir()
    assert len(os.fsencode(name)) <= 200


def test_the_home_of_nobody_is_a_name_like_any_other() -> None:
    assert local_dir_of("~no-such-account/x") == Path.cwd() / "~no-such-account/x"
    assert local_dir_of("~/x") == Path.home() / "x"
