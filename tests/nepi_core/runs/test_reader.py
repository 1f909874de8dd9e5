"""Reading run folders: damaged, unfinished, copied, and where nothing may be written."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nepi_core.runs.reader import RunReader
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
        assert len(changes) > 0 or reader.notices


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


def test_a_copied_run_is_read(store: RunStore, folder: Path, tmp_path: Path) -> None:
    store.state_changed(change(1))
    store.flush()
    shutil.copytree(folder, tmp_path / "a copy? #1 %20")
    with RunReader(tmp_path / "a copy? #1 %20") as reader:
        assert len(reader.state_changes()) == 1
