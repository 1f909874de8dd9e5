"""The run store: everything that was given is there, whatever happens to its program, its disk or its file."""

from __future__ import annotations

import logging
import signal
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from nepi_core.errors import RunStoreError
from nepi_core.lifecycle import StateChange
from nepi_core.runs import store as store_module
from nepi_core.runs.reader import RecordedHost, RecordedResource, RecordedSeries, RunReader
from nepi_core.runs.store import LogEntry, RunStore, StoreHandler
from nepi_core.series import Sample, Series
from nepi_core.states import ResourceState
from nepi_core.times import now
from tests.nepi_core.runs.stored_runs import ENDLESS_WRITER, change, crashed, names, python

ExpectLog = Callable[[str], None]


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


class TestWriting:
    def test_everything_given_is_read_again(self, store: RunStore, folder: Path) -> None:
        changes = [
            change(1),
            change(2, "it was time"),
            StateChange(1, ResourceState.READY, ResourceState.FAILED, now(), "no route"),
        ]
        entries = [
            LogEntry(1.5, logging.INFO, 1, "linux::Ping", "nepi.ping", "begins"),
            LogEntry(2.5, logging.ERROR, None, "", "nepi", "ends"),
        ]
        store.facts(exp_id="e", run_id="r", began=1.25, outcome="running", cause=None)
        store.environment({"python": "3"})
        store.environment(lambda: {"kernel": "6"})
        store.resource(1, "linux::Ping", "client")
        store.resource(2, "linux::Node")
        store.host(2, "lab's \udcff", ["ssh", "a b", ""])
        store.series(1, "stdout", [Series("rtt", "ms", "Round trip"), Series("loss", "%")])
        for each in changes:
            store.state_changed(each)
        for entry in entries:
            store.log(entry)
        store.samples([Sample(1.0, 1, "stdout", "rtt", 5.0), Sample(2.0, 1, "stdout", "rtt", 2.5)])
        store.samples(Sample(3.0, 2, "table", "x", value) for value in (float("nan"), 7.0))
        store.facts(outcome="done", ended=9.5)
        store.close()
        with RunReader(folder) as reader:
            facts = {"exp_id": "e", "run_id": "r", "began": 1.25, "outcome": "done", "cause": None, "ended": 9.5}
            assert reader.facts() == facts
            assert reader.environment() == {"python": "3", "kernel": "6"}
            assert reader.resources() == [
                RecordedResource(1, "linux::Ping", "client"),
                RecordedResource(2, "linux::Node", ""),
            ]
            assert reader.hosts() == [RecordedHost(2, "lab's \\udcff", ("ssh", "a b", ""))]
            assert reader.state_changes() == changes
            assert reader.state_changes(guid=1) == [changes[0], changes[2]]
            assert reader.log() == entries
            assert reader.log(level=logging.WARNING) == entries[1:]
            assert reader.log(guid=1) == entries[:1]
            rtt, loss, x = reader.series()
            assert rtt == RecordedSeries(1, "stdout", "rtt", "ms", "Round trip", 2, 2.5, 5.0, 2.5, 3.75)
            assert (loss.unit, loss.count) == ("%", 0)
            assert (x.unit, x.count, x.minimum, x.last) == ("", 2, 7.0, 7.0)
            assert reader.samples(1, "stdout", "rtt") == ([1.0, 2.0], [5.0, 2.5])
            assert str(reader.samples(2, "table", "x")) == "([3.0, 3.0], [nan, 7.0])"
            assert reader.samples(3, "stdout", "rtt") == ([], [])
            assert reader.notices == []

    def test_the_documented_views_work(self, store: RunStore, folder: Path) -> None:
        store.state_changed(change(4))
        store.samples([Sample(1.0, 4, "stdout", "rtt", 5.0)])
        store.close()
        with sqlite3.connect(folder / "run.sqlite") as database:
            samples = database.execute("SELECT time, guid, trace, series, value FROM recent_samples").fetchall()
            names = database.execute("SELECT guid, name FROM state_changes JOIN states ON number = new").fetchall()
        database.close()
        assert samples == [(1.0, 4, "stdout", "rtt", 5.0)]
        assert names == [(4, "READY")]

    def test_flush_makes_it_visible_to_a_reader(self, store: RunStore, folder: Path) -> None:
        assert store.flush(timeout=20)
        with RunReader(folder) as reader:
            assert reader.running()
            for count in range(1, 6):
                store.state_changed(change(count))
                assert store.flush(timeout=20)
                assert len(reader.state_changes()) == count

    def test_close_leaves_one_file_and_drops_what_comes_later(self, store: RunStore, folder: Path) -> None:
        store.state_changed(change(1))
        store.close()
        store.close()
        store.state_changed(change(2))
        store.samples([Sample(1.0, 1, "a", "b", 1.0)])
        store.facts(outcome="done")
        assert store.flush(timeout=20)
        assert names(folder) == ["experiment.xml", "run.sqlite"]
        with RunReader(folder) as reader:
            assert [each.guid for each in reader.state_changes()] == [1]
            assert not reader.running()

    def test_threads_may_give_at_once(self, store: RunStore, folder: Path) -> None:
        def give(first: int) -> None:
            for guid in range(first, first + 5000):
                store.state_changed(change(guid))
                if guid % 500 == 0:
                    store.flush()

        threads = [threading.Thread(target=give, args=(first,)) for first in range(1, 40_000, 5000)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        store.close()
        with RunReader(folder) as reader:
            guids = [each.guid for each in reader.state_changes()]
        assert sorted(guids) == list(range(1, 40_001))
        for first in range(1, 40_000, 5000):
            assert [guid for guid in guids if first <= guid < first + 5000] == list(range(first, first + 5000))

    def test_what_no_database_takes_is_written_as_text(self, store: RunStore, folder: Path) -> None:
        store.state_changed(change(1, "file \udcff is missing"))
        store.facts(pid=2**70, path=folder)
        store.samples([Sample(1.0, 1, "\udc80", "x", 1.0)])
        store.close()
        with RunReader(folder) as reader:
            assert reader.state_changes()[0].cause == "file \\udcff is missing"
            assert reader.facts() == {"pid": str(2**70), "path": str(folder)}
            assert reader.series()[0].trace == "\\udc80"

    def test_a_second_store_goes_on_where_the_first_ended(self, folder: Path) -> None:
        for number in (1, 2):
            store = RunStore(folder)
            store.samples([Sample(1.0, 1, "stdout", "rtt", number)])
            store.close()
        with RunReader(folder) as reader:
            assert reader.samples(1, "stdout", "rtt") == ([1.0, 1.0], [1.0, 2.0])

    def test_a_collector_that_fails_is_logged(self, store: RunStore, expect_log: ExpectLog) -> None:
        expect_log("What the results depend on could not be recorded")
        store.environment(lambda: {"x": str(1 // 0)})
        assert store.flush(timeout=20)

    def test_a_file_that_is_locked_for_a_while_is_waited_for(self, store: RunStore, folder: Path) -> None:
        store.flush()
        other = sqlite3.connect(folder / "run.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        store.state_changed(change(1))
        assert not store.flush(timeout=1.3)
        other.execute("ROLLBACK")
        other.close()
        assert store.flush(timeout=20)
        with RunReader(folder) as reader:
            assert len(reader.state_changes()) == 1

    def test_who_gives_too_much_waits_until_it_can_be_written(
        self, store: RunStore, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(store_module, "_MOST_WAITING", 100)
        monkeypatch.setattr(store_module, "_MOST_AT_ONCE", 30)
        monkeypatch.setattr(store_module, "_PATIENCE_SECONDS", 60.0)
        most, lines = 0, range(20)

        def give(guid: int) -> None:
            nonlocal most
            for line in lines:
                store.samples([Sample(float(line), guid, "stdout", "rtt", number) for number in range(50)])
                most = max(most, len(store._samples))

        threads = [threading.Thread(target=give, args=(guid,)) for guid in (1, 2, 3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        store.close()
        assert most <= 100 + 3 * 50
        with RunReader(folder) as reader:
            for guid in (1, 2, 3):
                assert reader.samples(guid, "stdout", "rtt")[1] == [*map(float, range(50))] * len(lines)

    def test_what_cannot_wait_any_longer_is_dropped_and_that_is_told_once(
        self, store: RunStore, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(store_module, "_MOST_WAITING", 10)
        monkeypatch.setattr(store_module, "_PATIENCE_SECONDS", 0.01)
        store.flush()
        with closing(sqlite3.connect(folder / "run.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for number in range(60):
                store.samples([Sample(1.0, 1, "stdout", "rtt", number)])
            other.execute("ROLLBACK")
        store.flush()
        store.samples([Sample(2.0, 1, "stdout", "rtt", 7.0)])
        store.close()
        assert [record.getMessage() for record in caplog.records if "some samples are lost" in record.getMessage()] == [
            f"The run store {folder / 'run.sqlite'} cannot keep up, and some samples are lost."
        ]
        with RunReader(folder) as reader:
            values = reader.samples(1, "stdout", "rtt")[1]
        *before, last = values
        assert last == 7
        assert before == sorted(set(before))
        assert 10 <= len(before) < 60

    def test_a_folder_has_one_store_at_a_time(self, store: RunStore, folder: Path) -> None:
        with pytest.raises(RunStoreError, match="holds a run that another program is writing"):
            RunStore(folder)
        store.close()
        RunStore(folder).close()

    def test_a_store_that_was_not_closed_is_complete_at_the_end_of_the_program(self, folder: Path) -> None:
        script = ENDLESS_WRITER.partition("number = 0")[0] + "store.resource(1, 'linux::Node')"
        subprocess.run(python(script, folder), check=True)
        assert names(folder) == ["experiment.xml", "run.sqlite"]
        with RunReader(folder) as reader:
            assert reader.facts() == {"outcome": "running"}
            assert len(reader.resources()) == 1


class TestFailure:
    def test_a_folder_that_cannot_be_made_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(RunStoreError, match=r"folder .*file/run cannot be made"):
            RunStore(tmp_path / "file" / "run")

    @pytest.mark.parametrize("what", ["text", "folder", "foreign database"])
    def test_a_file_that_is_no_store_is_left_and_logged(self, what: str, folder: Path, expect_log: ExpectLog) -> None:
        path = folder / "run.sqlite"
        if what == "text":
            path.write_text("something that matters to somebody " * 100)
        elif what == "folder":
            path.mkdir()
        else:
            with sqlite3.connect(path) as database:
                database.execute("PRAGMA application_id = 7")
            database.close()
        expect_log("run.sqlite.* The run goes on without a record of it")
        before = path.read_bytes() if path.is_file() else b""
        store = RunStore(folder)
        store.state_changed(change(1))
        assert store.flush(timeout=20)
        store.close()
        assert (path.read_bytes() if path.is_file() else b"") == before

    def test_a_full_disk_ends_the_record_and_nothing_else(self, folder: Path) -> None:
        script = """
import logging, resource, sys
from pathlib import Path
from nepi_core.lifecycle import StateChange
from nepi_core.runs.store import RunStore, StoreHandler
from nepi_core.states import ResourceState

resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
logging.basicConfig(format="%(levelname)s %(message)s", stream=sys.stdout)
store = RunStore(Path(sys.argv[1]))
logging.getLogger("nepi").addHandler(StoreHandler(store, "r"))
for guid in range(1, 40_001):
    store.state_changed(StateChange(guid, ResourceState.NEW, ResourceState.READY, 0.5, "x" * 20))
    if guid % 1000 == 0:
        store.flush()
store.close()
print("the experiment goes on")
"""
        output = subprocess.run(python(script, folder), check=True, stdout=subprocess.PIPE, text=True).stdout
        *complaints, last = output.splitlines()
        assert last == "the experiment goes on"
        assert [line for line in complaints if "without a record" in line] == complaints[:1]
        with RunReader(folder) as reader:
            guids = [each.guid for each in reader.state_changes()]
        assert guids == list(range(1, len(guids) + 1))
        assert 1000 <= len(guids) < 40_000

    def test_a_killed_program_loses_only_its_last_moments(self, folder: Path) -> None:
        for attempt in range(10):
            run = folder / str(attempt)
            flushed = crashed(run)
            with RunReader(run) as reader:
                changes = reader.state_changes()
                assert [each.guid for each in changes] == list(range(1, len(changes) + 1))
                assert len(changes) >= flushed
                assert not reader.running()
                assert any("cut short" in notice for notice in reader.notices)
            assert names(run) == ["run.sqlite"]

    def test_a_reader_sees_a_growing_run_of_another_program(self, folder: Path) -> None:
        with subprocess.Popen(python(ENDLESS_WRITER, folder), stdout=subprocess.PIPE, text=True) as program:
            assert program.stdout
            program.stdout.readline()
            with RunReader(folder) as reader:
                for _ in range(5):
                    flushed = int(program.stdout.readline())
                    guids = [each.guid for each in reader.state_changes()]
                    assert guids == list(range(1, len(guids) + 1))
                    assert len(guids) >= flushed
                assert reader.running()
                assert reader.notices == []
                program.send_signal(signal.SIGKILL)


class TestStoreHandler:
    @pytest.fixture
    def logger(self, store: RunStore) -> Iterator[logging.Logger]:
        logger = logging.getLogger("nepi.some.part")
        logger.setLevel(logging.INFO)
        handler = StoreHandler(store, "r1")
        logger.addHandler(handler)
        yield logger
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)

    def test_records_are_kept_with_their_resource(
        self, logger: logging.Logger, store: RunStore, folder: Path, expect_log: ExpectLog
    ) -> None:
        expect_log("it broke")
        logger.info("%s is here", "ping", extra={"guid": 3, "rtype": "linux::Ping", "run_id": "r1"})
        logger.warning("another run", extra={"run_id": "r2"})
        try:
            raise ValueError("deep inside")
        except ValueError:
            logger.exception("it broke")
        store.flush()
        with RunReader(folder) as reader:
            first, second = reader.log()
        assert first[1:] == (logging.INFO, 3, "linux::Ping", "nepi.some.part", "ping is here")
        assert second[1:5] == (logging.ERROR, None, "", "nepi.some.part")
        assert second.message.startswith("it broke\nTraceback")
        assert second.message.endswith("ValueError: deep inside")
        assert abs(first.time - now()) < 600
