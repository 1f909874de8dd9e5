"""Runs as files: what comes out is what went in, and nothing that others put in does harm."""

from __future__ import annotations

import os
import socket
import sqlite3
import stat
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nepi_core.errors import NepiError, RunStoreError
from nepi_core.runs.reader import RunReader
from nepi_core.runs.store import LogEntry, RunStore
from nepi_gui.runs.archive_format import MANIFEST, Manifest, is_archive
from nepi_gui.runs.exporting import archive_name, export_run
from nepi_gui.runs.importing import import_run
from nepi_gui.runs.listing import Outcome, read_run
from nepi_gui.runs.notes import write_note
from tests.nepi_core.runs.stored_runs import names
from tests.nepi_gui.runs.recorded import BEGAN, record


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return a run with all that a folder of a run may hold."""
    folder = record(tmp_path / "here" / "tried" / "one", values=range(2000))
    write_note(folder, "a note")
    (folder / "report.html").write_text("<html>")
    (folder / "work" / "2").mkdir(parents=True)
    (folder / "work" / "2" / "core").write_bytes(b"\0" * 1000)
    (folder / "traces" / "link").symlink_to("/etc/passwd")
    (folder / ".1234.tmp").write_text("half")
    return folder


@pytest.fixture
def archive(run: Path, tmp_path: Path) -> Path:
    """Return that run in an archive."""
    path = tmp_path / "one.nepirun"
    export_run(run, path)
    return path


def test_what_comes_out_is_what_went_in(run: Path, archive: Path, tmp_path: Path) -> None:
    folder = import_run(archive, tmp_path / "there")
    assert folder == tmp_path / "there" / "tried" / "one"
    assert names(folder) == ["experiment.xml", "note.txt", "run.sqlite", "traces"]
    for name in ("experiment.xml", "note.txt", "traces/2.stdout"):
        assert (folder / name).read_bytes() == (run / name).read_bytes()
    with RunReader(run) as one, RunReader(folder) as other:
        assert other.notices == []
        assert one.facts() == other.facts()
        assert one.state_changes() == other.state_changes()
        assert one.samples(2, "stdout", "rtt") == other.samples(2, "stdout", "rtt")
        assert one.log() == other.log()
    assert names(tmp_path / "there" / "tried") == ["one"]


def test_archive_holds_neither_links_nor_work(archive: Path, run: Path, tmp_path: Path) -> None:
    kept = ["experiment.xml", "note.txt", "report.html", "run.sqlite", "traces/2.stdout"]
    with zipfile.ZipFile(archive) as opened:
        assert opened.namelist()[0] == MANIFEST
        assert sorted(opened.namelist()[1:]) == [f"run/{name}" for name in kept]
    export_run(run, tmp_path / "all.nepirun", with_work=True)
    with zipfile.ZipFile(tmp_path / "all.nepirun") as opened:
        assert "run/work/2/core" in opened.namelist()


def test_name_that_is_taken_gets_a_number(archive: Path, tmp_path: Path) -> None:
    folders = [import_run(archive, tmp_path / "there").name for _ in range(3)]
    assert folders == ["one", "one-2", "one-3"]
    assert read_run(tmp_path / "there" / "tried" / "one-3").outcome is Outcome.DONE


def test_run_that_goes_on_is_copied_as_it_is_at_one_moment(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "here" / "tried" / "live")
    listening = socket.socket(socket.AF_UNIX)
    before = Path.cwd()
    try:
        os.chdir(store.folder)  # the address may be too long otherwise
        listening.bind("control")
        os.mkfifo("pipe")
        store.facts(exp_id="tried", run_id="live", began=BEGAN, outcome="running")
        store.log(LogEntry(BEGAN, 20, None, "", "nepi", "before"))
        store.flush()
        export_run(store.folder, tmp_path / "live.nepirun")
        store.log(LogEntry(BEGAN, 20, None, "", "nepi", "after"))
        store.flush()
    finally:
        os.chdir(before)
        listening.close()
        store.close()
    folder = import_run(tmp_path / "live.nepirun", tmp_path / "there")
    assert names(folder) == ["run.sqlite"]
    with RunReader(folder) as reader:
        assert [each.message for each in reader.log()] == ["before"]
    imported = read_run(folder)
    assert imported.outcome is Outcome.CUT_SHORT
    assert imported.cause == "It was exported while it went on."


def test_damaged_run_is_exported_with_what_there_is(run: Path, tmp_path: Path) -> None:
    (run / "run.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    export_run(run, tmp_path / "damaged.nepirun")
    folder = import_run(tmp_path / "damaged.nepirun", tmp_path / "there")
    assert (folder / "run.sqlite").read_bytes() == (run / "run.sqlite").read_bytes()
    assert (folder / "traces" / "2.stdout").is_file()


def test_run_without_store(run: Path, tmp_path: Path) -> None:
    (run / "run.sqlite").unlink()
    export_run(run, tmp_path / "one.nepirun")
    assert (import_run(tmp_path / "one.nepirun", tmp_path / "there") / "experiment.xml").is_file()


def test_missing_report_is_written(tmp_path: Path) -> None:
    folder = record(tmp_path / "tried" / "one", values=[1, 2, 3])
    export_run(folder, tmp_path / "one.nepirun")
    with zipfile.ZipFile(tmp_path / "one.nepirun") as opened:
        assert "run/report.html" in opened.namelist()


def test_names_that_no_folder_can_have_are_mended(tmp_path: Path) -> None:
    assert Manifest.of("../../x", "\n") == Manifest("_.._.._x", "__")
    assert Manifest.of("tried", "2026 (a)") == Manifest("tried", "_2026 _a_")


def test_what_cannot_be_exported(run: Path, tmp_path: Path) -> None:
    with pytest.raises(RunStoreError, match="does not hold a run"):
        export_run(tmp_path / "here", tmp_path / "x")
    with pytest.raises(RunStoreError, match="is no file"):
        export_run(run, tmp_path / "here")
    with pytest.raises(RunStoreError, match="cannot be written: No such file"):
        export_run(run, tmp_path / "nowhere" / "x")


def test_export_that_is_given_up_leaves_nothing(run: Path, tmp_path: Path) -> None:
    def give_up(done: int, total: int) -> None:
        assert 0 < done <= total
        raise InterruptedError

    present = names(tmp_path)
    with pytest.raises(RunStoreError):
        export_run(run, tmp_path / "one.nepirun", progress=give_up)
    assert names(tmp_path) == present


@pytest.mark.parametrize("place", [1, -1])
def test_import_that_is_given_up_leaves_nothing(archive: Path, tmp_path: Path, place: int) -> None:
    told: list[tuple[int, int]] = []
    whole = import_run(archive, tmp_path / "whole", progress=lambda *given: told.append(given))
    assert whole.is_dir()
    assert told[-1][0] == told[-1][1] > 0
    left = len(told) if place < 0 else place

    def give_up(done: int, total: int) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise InterruptedError

    with pytest.raises(RunStoreError):
        import_run(archive, tmp_path / "there", progress=give_up)
    assert list((tmp_path / "there").iterdir()) == []


def test_archive_that_is_written_into_the_run_does_not_hold_itself(run: Path) -> None:
    export_run(run, run / "one.nepirun")
    with zipfile.ZipFile(run / "one.nepirun") as opened:
        assert not [name for name in opened.namelist() if "nepi-export" in name]


def test_archives_are_known_by_name_or_content(archive: Path, tmp_path: Path) -> None:
    assert is_archive(archive)
    renamed = archive.rename(tmp_path / "one.zip")
    assert is_archive(renamed)
    (tmp_path / "two.zip").write_bytes(b"PK\x03\x04" + bytes(100))
    assert not is_archive(tmp_path / "two.zip")
    assert not is_archive(tmp_path / "none")
    assert not is_archive(tmp_path / "one\0")
    os.mkfifo(tmp_path / "pipe")
    assert not is_archive(tmp_path / "pipe")
    assert archive_name(tmp_path / "tried" / "one") == "tried-one.nepirun"


# -- what others may send ------------------------------------------------------------------------------


def forged(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        if MANIFEST not in files:
            archive.writestr(MANIFEST, Manifest("tried", "one").encode())
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def refused(path: Path, local_dir: Path, reason: str) -> None:
    """See to it that an archive is refused, and that nothing is left of it."""
    with pytest.raises(NepiError, match=reason):
        import_run(path, local_dir, most_bytes=1_000_000)
    assert not local_dir.exists() or list(local_dir.iterdir()) == []


EXPERIMENT = b'<experiment exp_id="tried"></experiment>'


@pytest.mark.parametrize(
    "name",
    [
        *("run/../../evil", "../evil", "/etc/evil", "run//evil", "run/./evil", "run/", "run/a/../../../evil"),
        *("run/..", "evil", "run/a\nb", "run/" + "x" * 300, "run/" + "x/" * 700 + "x", "runner/x"),
    ],
)
def test_names_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    archive = forged(tmp_path / "x", {"run/run.sqlite": b"", name: b"evil"})
    if name == "run/":  # a folder, which holds nothing
        refused(archive, tmp_path / "there", "cannot be read|no run")
    else:
        refused(archive, tmp_path / "there", "names no file in the folder")
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_what_is_no_plain_file(tmp_path: Path, kind: int) -> None:
    entry = zipfile.ZipInfo("run/traces/link")
    entry.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "x", "w") as archive:
        archive.writestr(MANIFEST, Manifest("tried", "one").encode())
        archive.writestr(entry, "/etc/passwd")
    refused(tmp_path / "x", tmp_path / "there", "no plain file")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_files_that_stand_in_each_others_way(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x", "w") as archive:
        archive.writestr(MANIFEST, Manifest("tried", "one").encode())
        for _ in range(2):
            archive.writestr("run/experiment.xml", EXPERIMENT)
    refused(tmp_path / "x", tmp_path / "there", "twice")
    refused(forged(tmp_path / "y", {"run/a": b"", "run/a/b": b""}), tmp_path / "there", "as a file and as a folder")


def test_bomb(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, Manifest("tried", "one").encode())
        archive.writestr("run/experiment.xml", bytes(2_000_000))
    assert (tmp_path / "x").stat().st_size < 10_000
    refused(tmp_path / "x", tmp_path / "there", "2,000,000 bytes; at most 1,000,000")


@pytest.mark.parametrize("size", [10, 1_999_000])
def test_entry_of_another_size_than_it_says(tmp_path: Path, size: int) -> None:
    forged(tmp_path / "x", {"run/experiment.xml": bytes(1_000)})
    data = (tmp_path / "x").read_bytes().replace((1000).to_bytes(4, "little"), size.to_bytes(4, "little"))
    (tmp_path / "x").write_bytes(data)
    refused(tmp_path / "x", tmp_path / "there", "damaged|at most")


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"[]", b"{}", b'{"format": "nepi-run"}', b'{"format": "nepi-run", "version": 2}', b"\xff\xfe"),
        *(b'{"format": "nepi-run", "version": 1}', b"[" * 10_000, b'{"a": "' + b" " * 100_000 + b'"}'),
        b'{"format": "nepi-run", "version": 1, "exp_id": "..", "run_id": "one"}',
        b'{"format": "nepi-run", "version": 1, "exp_id": "tried", "run_id": "a/b"}',
        b'{"format": "nepi-run", "version": 1, "exp_id": "tried", "run_id": ".hidden"}',
    ],
)
def test_manifest_that_is_none(tmp_path: Path, content: bytes) -> None:
    forged(tmp_path / "x", {MANIFEST: content, "run/experiment.xml": EXPERIMENT})
    refused(tmp_path / "x", tmp_path / "there", "no archive of a run|archive of version|names no folder")


@pytest.mark.parametrize("files", [{}, {"run/traces/1.stdout": b"x"}, {"run/experiment.xml": b"<no"}])
def test_what_holds_no_run(tmp_path: Path, files: dict[str, bytes]) -> None:
    refused(forged(tmp_path / "x", files), tmp_path / "there", "holds no run|XML|xml")


def _trigger(database: sqlite3.Connection) -> None:
    database.execute("CREATE TRIGGER evil AFTER INSERT ON run BEGIN DELETE FROM run; END")


def _view(database: sqlite3.Connection) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS name, x AS value FROM n"
    database.execute("DROP TABLE run")
    database.execute(f"CREATE VIEW run AS {endless}")


def _stranger(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA application_id = 1")


@pytest.mark.parametrize("prepare", [_trigger, _view, _stranger])
def test_prepared_store(run: Path, tmp_path: Path, prepare: Callable[[sqlite3.Connection], None]) -> None:
    with closing(sqlite3.connect(run / "run.sqlite", isolation_level=None)) as database:
        prepare(database)
    forged(tmp_path / "x", {"run/run.sqlite": (run / "run.sqlite").read_bytes(), "run/experiment.xml": EXPERIMENT})
    refused(tmp_path / "x", tmp_path / "there", "no run store")


def test_report_of_somebody_else_is_not_taken_in(tmp_path: Path) -> None:
    files = {"run/experiment.xml": EXPERIMENT, "run/report.html": b"<script>evil()</script>"}
    folder = import_run(forged(tmp_path / "x", files), tmp_path / "there")
    assert names(folder) == ["experiment.xml"]


def test_what_stands_beside_a_store_is_not_taken_in(run: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(run / "run.sqlite", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        _trigger(database)
        log = (run / "run.sqlite-wal").read_bytes()
        assert log
        store = (run / "run.sqlite").read_bytes()
    files = {"run/experiment.xml": EXPERIMENT, "run/run.sqlite": store, "run/run.sqlite-wal": log}
    folder = import_run(forged(tmp_path / "x", files), tmp_path / "there")
    assert names(folder) == ["experiment.xml", "run.sqlite"]


def test_file_that_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("no archive")
    refused(tmp_path / "x", tmp_path / "there", "no archive of a run")
    refused(tmp_path / "none", tmp_path / "there", "There is no file")


def test_other_runs_stay_when_one_is_refused(tmp_path: Path) -> None:
    present = record(tmp_path / "there" / "tried" / "present")
    with pytest.raises(NepiError):
        import_run(forged(tmp_path / "x", {}), tmp_path / "there")
    assert list((tmp_path / "there" / "tried").iterdir()) == [present]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), value=st.integers(0, 255), length=st.integers(0, 3))
def test_damaged_archive_is_refused_or_taken_in_whole(
    archive: Path, tmp_path: Path, place: float, value: int, length: int
) -> None:
    data = bytearray(archive.read_bytes())
    start = int(place * len(data))
    data[start : start + length] = bytes([value])
    damaged, there = tmp_path / "damaged", tmp_path / "there"
    damaged.write_bytes(data)
    try:
        folder = import_run(damaged, there)
    except NepiError:
        assert not any(name.startswith(".") for each in there.glob("*") for name in names(each))
    else:
        assert folder.is_relative_to(there)
