"""Reading run folders: damaged, unfinished, copied, and where nothing may be written."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from nepi_core.runs import reader as reader_module
from nepi_core.runs import run_file
from nepi_core.runs.reader import RunReader, is_running
from nepi_core.runs.store import LogEntry, RunStore
from nepi_core.series import Sample
from tests.nepi_core.runs.stored_runs import change, crashed, names, python


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run folder with its description."""
    folder = tmp_path / "experiment" / "run"
    folder.mkdir(parents=True)
    (folder / "experiment.xml").write_text("<experiment/>")
    return folder


@pytest.fixture
def store(folder: Path) -> Iterator[RunStore]:
    store = RunStore(folder)
    yield store
    store.close()


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with RunReader(tmp_path / "nothing") as reader:
        assert reader.facts() == reader.environment() == {}
        assert not any((reader.resources(), reader.state_changes(), reader.series(), reader.log()))
        assert reader.samples(1, "a", "b") == ([], [])
        assert reader.traces() == []
        assert not reader.running()
        assert [notice.split(":")[0] for notice in reader.notices] == [
            "There is no run.sqlite",
            "There is no experiment.xml",
        ]


def test_traces_are_listed(folder: Path) -> None:
    for name in ("traces/2/stdout", "traces/1/stderr"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text("")
    with RunReader(folder) as reader:
        assert reader.traces() == [folder / "traces/1/stderr", folder / "traces/2/stdout"]


@pytest.mark.parametrize("seed", [*range(12), 142, 145, 196, 211])
def test_a_damaged_file_gives_what_it_still_has(seed: int, store: RunStore, folder: Path) -> None:
    for guid in range(1, 3000):
        store.state_changed(change(guid, "some cause"))
        store.log(LogEntry(1.0, 20, guid, "linux::Node", "nepi", "some message"))
        store.samples([Sample(1.0, 1, "stdout", "rtt", guid)])
    store.facts(outcome="done")
    store.close()
    chance = random.Random(seed)
    path = folder / "run.sqlite"
    content = bytearray(path.read_bytes())
    for _ in range(chance.choice((1, 20, 400))):
        place = chance.randrange(100, len(content))
        content[place : place + 8] = chance.randbytes(8)
    if seed % 3 == 0:
        del content[chance.randrange(len(content)) :]
    path.write_bytes(content)
    with RunReader(folder) as reader:
        reader.facts(), reader.environment(), reader.resources(), reader.series(), reader.log()
        changes = reader.state_changes()
        times, values = reader.samples(1, "stdout", "rtt")
        assert len(times) == len(values)
        series = reader.run_samples().series(1, "stdout", "rtt")
        series.summary(), series.columns(), series.envelope(), list(series.pieces())
        assert len(changes) > 0 or reader.notices


NONSENSE = {
    "state_changes": "('x', NULL, 1, 2, NULL)",
    "log": "('x', 'y', NULL, NULL, 7, x'ff')",
    "resources": "(2, NULL, NULL)",
    "hosts": f"(2, NULL, '{'[' * 100_000}')",
    "environment": "(x'ff', NULL)",
    "run": "(x'ff', NULL)",
    "series": "(2, 'x', NULL, NULL, NULL, NULL)",
}


@pytest.mark.parametrize("table", NONSENSE)
def test_rows_of_other_kinds_are_read_as_what_they_should_be_or_left_out(
    table: str, store: RunStore, folder: Path
) -> None:
    store.state_changed(change(1))
    store.log(LogEntry(1.0, 20, 1, "linux::Node", "nepi", "some message"))
    store.resource(1, "linux::Node")
    store.host(1, "h1", [])
    store.samples([Sample(1.0, 1, "stdout", "rtt", 1.0)])
    store.close()
    with closing(sqlite3.connect(folder / "run.sqlite", isolation_level=None)) as database:
        database.execute(f"INSERT INTO {table} VALUES {NONSENSE[table]}")
    with RunReader(folder) as reader:
        assert all(type(each.time) is float and type(each.cause) is str for each in reader.state_changes())
        for _, entry in reader.log_after(0, 10):
            assert list(map(type, entry)) == [float, int, int, str, str, str]
        assert reader.log() == [entry for _, entry in reader.log_after(0, 10)]
        assert all(type(each.rtype) is type(each.label) is str for each in reader.resources())
        assert all(type(each.name) is str for each in reader.hosts())
        texts = [*reader.environment(), *reader.environment().values(), *reader.facts()]
        assert all(type(each) is str for each in texts)
        assert [each.series for each in reader.series()] == ["rtt"]
        assert reader.state_changes(1)
        assert reader.log(guid=1)


@pytest.mark.parametrize("content", [b"", b"no database at all" * 1000])
def test_a_file_that_is_no_database_is_told(content: bytes, folder: Path) -> None:
    (folder / "run.sqlite").write_bytes(content)
    with RunReader(folder) as reader:
        assert reader.state_changes() == []
        assert "run.sqlite" in reader.notices[0]


def test_a_later_schema_is_told(store: RunStore, folder: Path) -> None:
    store.resource(1, "linux::Node")
    store.close()
    with sqlite3.connect(folder / "run.sqlite") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with RunReader(folder) as reader:
        assert len(reader.resources()) == 1
        assert "schema 99" in reader.notices[0]


def test_a_file_of_an_earlier_version_has_no_hosts(store: RunStore, folder: Path) -> None:
    store.host(1, "h1", [])
    store.close()
    with sqlite3.connect(folder / "run.sqlite") as database:
        database.execute("DROP TABLE hosts")
    database.close()
    with RunReader(folder) as reader:
        assert reader.hosts() == []
        assert reader.notices == []


@pytest.mark.parametrize("shell", ["", "{", "3", "null"])
def test_a_host_that_makes_no_sense_is_told(store: RunStore, folder: Path, shell: str) -> None:
    store.host(1, "h1", [])
    store.host(2, "h2", [])
    store.close()
    with sqlite3.connect(folder / "run.sqlite") as database:
        database.execute("UPDATE hosts SET shell = ? WHERE guid = 1", [shell])
    database.close()
    with RunReader(folder) as reader:
        assert [each.name for each in reader.hosts()] == ["h2"]
        assert "rows make no sense" in reader.notices[0]


@pytest.mark.parametrize("missing", ["", "run.sqlite-shm", "run.sqlite-wal"])
def test_a_crashed_run_is_read_from_a_folder_that_cannot_be_written(missing: str, folder: Path) -> None:
    script = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE: root, too, gets no more than it may
os.execv(sys.executable, [sys.executable, "-c", '''
import sys
from pathlib import Path
from nepi_core.runs.reader import RunReader
with RunReader(Path(sys.argv[1])) as reader:
    print(len(reader.state_changes()), reader.notices)
''', *sys.argv[1:]])
"""
    flushed = crashed(folder)
    if missing == "run.sqlite-wal":
        RunReader(folder).close()  # the log is folded in, and gone
    elif missing:
        (folder / missing).unlink()
    folder.chmod(0o555)
    try:
        result = subprocess.run(python(script, folder), check=True, stdout=subprocess.PIPE, text=True).stdout
    finally:
        folder.chmod(0o755)
    assert int(result.split()[0]) >= flushed
    assert "cannot" not in result
    left = {"run.sqlite", "run.sqlite-shm", "run.sqlite-wal"} if not missing else {"run.sqlite", "run.sqlite-wal"}
    assert set(names(folder)) - {"experiment.xml"} == (left if missing != "run.sqlite-wal" else {"run.sqlite"})


def test_who_looks_at_the_same_time_is_no_sign_of_life(folder: Path) -> None:
    found: list[bool] = []

    def look() -> None:
        found.extend(is_running(folder) for _ in range(3000))

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not any(found)


def test_a_run_that_ends_while_it_is_opened_was_not_cut_short(
    store: RunStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.facts(outcome="running")
    store.flush()
    look = reader_module.is_running

    def end_just_before(folder: Path) -> bool:
        store.facts(outcome="done")
        store.close()
        return look(folder)

    monkeypatch.setattr(reader_module, "is_running", end_just_before)
    with RunReader(folder) as reader:
        assert reader.notices == []


def test_a_file_that_stays_locked_is_not_read_from_a_copy_that_never_grows(
    store: RunStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.flush()

    def refuse(path: Path, how: str) -> sqlite3.Connection:
        error = sqlite3.OperationalError("database is locked")
        error.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise error

    monkeypatch.setattr(run_file, "_connect", refuse)
    with RunReader(folder) as reader:
        assert "cannot be read: database is locked" in reader.notices[0]


def test_a_copied_run_is_read(store: RunStore, folder: Path, tmp_path: Path) -> None:
    store.state_changed(change(1))
    store.flush()
    shutil.copytree(folder, tmp_path / "a copy? #1 %20")
    with RunReader(tmp_path / "a copy? #1 %20") as reader:
        assert len(reader.state_changes()) == 1


@pytest.mark.parametrize("time", [1e308, -1e18, b"blob", "yesterday"])
def test_times_that_no_run_can_have_are_left_out(store: RunStore, folder: Path, time: object) -> None:
    store.facts(exp_id="tried", began=1.0)
    store.close()
    with sqlite3.connect(folder / "run.sqlite") as database:
        database.execute("UPDATE run SET value = ? WHERE name = 'began'", [time])
    database.close()
    with RunReader(folder) as reader:
        assert reader.facts() == {"exp_id": "tried"}
        assert "rows make no sense" in " ".join(reader.notices)
