"""Which runs there are, and what is said of each, whatever has become of their folders."""

from __future__ import annotations

import math
import shutil
import sqlite3
from pathlib import Path

import pytest

from nepi_core.errors import RunStoreError
from nepi_core.runs.store import RunStore
from nepi_gui.runs.listing import Outcome, RunList, read_run, run_folders
from nepi_gui.runs.notes import LONGEST, read_note, write_note
from nepi_gui.runs.removing import remove_run
from tests.nepi_core.runs.stored_runs import crashed
from tests.nepi_gui.runs.recorded import BEGAN, record


def test_tells_outcome_times_and_note(tmp_path: Path) -> None:
    folder = record(tmp_path / "tried" / "one", outcome="failed", cause="No\nspace.")
    write_note(folder, "  first try \n")
    run = read_run(folder)
    assert (run.run_id, run.exp_id, run.outcome, run.cause) == ("one", "tried", Outcome.FAILED, "No space.")
    assert (run.began, run.duration(0), run.note, run.notices) == (BEGAN, 10.0, "first try", ())


def test_run_that_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "tried" / "one"
    store = RunStore(folder)
    try:
        store.facts(began=BEGAN, outcome="running")
        store.flush()
        run = read_run(folder)
        assert run.is_live
        assert run.duration(BEGAN + 3) == 3
        assert run.notices == ()
    finally:
        store.close()
    assert not read_run(folder).is_live


def test_run_cut_short_ends_with_the_last_it_recorded(tmp_path: Path) -> None:
    run = read_run(record(tmp_path / "tried" / "one", outcome="running"))
    assert run.outcome is Outcome.CUT_SHORT
    assert run.duration(BEGAN + 1e6) == 3
    assert "cut short" in run.notices[0]


def test_crashed_program(tmp_path: Path) -> None:
    folder = tmp_path / "tried" / "one"
    crashed(folder)
    run = read_run(folder)
    assert run.outcome is Outcome.CUT_SHORT
    assert any("experiment.xml" in notice for notice in run.notices)


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", b"SQLite format 3\0" + bytes(4000)])
def test_damaged_store(tmp_path: Path, content: bytes) -> None:
    folder = record(tmp_path / "tried" / "one")
    (folder / "run.sqlite").write_bytes(content)
    run = read_run(folder)
    assert run.outcome is Outcome.UNKNOWN
    assert math.isnan(run.duration(0))
    assert run.notices or not content


def test_facts_that_make_no_sense(tmp_path: Path) -> None:
    folder = record(tmp_path / "tried" / "one")
    with sqlite3.connect(folder / "run.sqlite") as database:
        for name, value in (("began", "yesterday"), ("ended", 1e300), ("outcome", b"\xff"), ("exp_id", None)):
            database.execute("INSERT OR REPLACE INTO run VALUES (?, ?)", (name, value))
        database.execute("INSERT OR REPLACE INTO environment VALUES ('process', '-1')")
    database.close()
    run = read_run(folder)
    assert run.outcome is Outcome.UNKNOWN
    assert math.isnan(run.began)
    assert math.isnan(run.ended)
    assert (run.exp_id, run.pid) == ("tried", 0)


def test_only_folders_that_hold_a_run_are_listed(tmp_path: Path) -> None:
    folder = tmp_path / "tried"
    one = record(folder / "one")
    (folder / "link").symlink_to(one)
    (folder / "empty").mkdir()
    (folder / "file").write_text("")
    shutil.copytree(one, folder / ".removed-1")
    assert run_folders(folder) == [one]
    assert run_folders(tmp_path / "none") == []
    assert run_folders(folder / "file") == []


def test_what_has_changed_is_read_again(tmp_path: Path) -> None:
    runs = RunList(tmp_path / "tried")
    assert list(runs.read()) == []
    one, two = record(runs.folder / "one"), record(runs.folder / "two")
    first = {run.folder: run for run in runs.read()}
    assert set(first) == {one, two}
    write_note(one, "news")
    second = {run.folder: run for run in runs.read()}
    assert second[one].note == "news"
    assert second[two] is first[two]
    shutil.rmtree(one)
    assert [run.folder for run in runs.read()] == [two]
    assert runs.look(one) is None


# -- notes -----------------------------------------------------------------------------------------


def test_note_is_kept_and_removed(tmp_path: Path) -> None:
    write_note(tmp_path, "größer\nand two lines")
    assert read_note(tmp_path) == "größer\nand two lines"
    write_note(tmp_path, "   ")
    assert read_note(tmp_path) == ""
    assert list(tmp_path.iterdir()) == []


def test_note_that_is_too_long(tmp_path: Path) -> None:
    write_note(tmp_path, "short")
    with pytest.raises(RunStoreError, match="too long"):
        write_note(tmp_path, "ä" * LONGEST)
    assert read_note(tmp_path) == "short"


def test_note_of_a_run_that_is_gone(tmp_path: Path) -> None:
    assert read_note(tmp_path / "gone") == ""
    with pytest.raises(RunStoreError, match=r"cannot be written.*No such file"):
        write_note(tmp_path / "gone", "too late")


def test_note_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    run = tmp_path / "run"
    run.mkdir()
    (run / "note.txt").symlink_to(secret)
    assert read_note(run) == ""
    write_note(run, "mine")
    assert (secret.read_text(), read_note(run)) == ("secret", "mine")


# -- removing --------------------------------------------------------------------------------------


def test_removes_a_run_and_nothing_its_links_lead_to(tmp_path: Path) -> None:
    experiment, treasure = tmp_path / "tried", tmp_path / "treasure"
    treasure.mkdir()
    (treasure / "gold").write_text("")
    one, two = record(experiment / "one"), record(experiment / "two")
    (one / "work").symlink_to(treasure)
    remove_run(one, experiment)
    assert list(experiment.iterdir()) == [two]
    assert (treasure / "gold").exists()


def test_what_is_not_removed(tmp_path: Path) -> None:
    experiment = tmp_path / "tried"
    one = record(experiment / "one")
    (experiment / "link").symlink_to(one)
    (experiment / "empty").mkdir()
    (experiment / "file").write_text("")
    wrong = ("link", "no folder"), ("empty", "not hold a run"), ("file", "no folder"), ("gone", "no folder")
    for name, reason in (*wrong, ("one/..", "does not stand"), ("one/traces", "does not stand")):
        with pytest.raises(RunStoreError, match=reason):
            remove_run(experiment / name, experiment)
    with pytest.raises(RunStoreError, match="does not stand"):
        remove_run(one, tmp_path)
    assert one.is_dir()


def test_run_that_goes_on_is_not_removed(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "tried" / "one")
    try:
        with pytest.raises(RunStoreError, match="goes on"):
            remove_run(store.folder, store.folder.parent)
    finally:
        store.close()
    assert store.folder.is_dir()
