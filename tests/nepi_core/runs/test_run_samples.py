"""Samples on their way from rows to blocks: whoever looks at whatever moment sees all of them, once, in their order."""

from __future__ import annotations

import math
import random
import sqlite3
import struct
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nepi_core.runs import block_writer, series_reader
from nepi_core.runs.database import FILE_NAME, RunDatabase
from nepi_core.runs.reader import RunReader
from nepi_core.runs.store import RunStore
from nepi_core.series import Sample
from tests.nepi_core.runs.stored_runs import KEY, count_of, write

SCHEMA_1 = """
CREATE TABLE run (name TEXT PRIMARY KEY, value);
CREATE TABLE environment (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE resources (guid INTEGER PRIMARY KEY, rtype TEXT, label TEXT);
CREATE TABLE state_changes (time REAL, guid INTEGER, old INTEGER, new INTEGER, cause TEXT);
CREATE TABLE series (
    id INTEGER PRIMARY KEY, guid INTEGER, trace TEXT, series TEXT, unit TEXT DEFAULT '', help TEXT DEFAULT '',
    UNIQUE (guid, trace, series)
);
CREATE TABLE readings (time REAL, series INTEGER, value REAL);
CREATE TABLE log (time REAL, level INTEGER, guid INTEGER, rtype TEXT, logger TEXT, message TEXT);
INSERT INTO series VALUES (1, 1, 'stdout', 'rtt', 'ms', ''), (2, 1, 'stdout', 'loss', '%', '');
INSERT INTO readings VALUES (1.0, 1, 5.0), (1.0, 2, 0.0), (2.0, 1, NULL), (3.0, 1, 7.0);
PRAGMA application_id = 0x4E455049;
PRAGMA user_version = 1;
"""


def bits(numbers: list[float]) -> list[bytes]:
    """Return what tells numbers apart in a run store: SQLite keeps one NaN, and no sign of zero."""
    return [struct.pack("d", math.nan if math.isnan(number) else number + 0.0) for number in numbers]


class TestMoving:
    def test_whoever_looks_at_any_moment_sees_all(self, database: RunDatabase, tmp_path: Path) -> None:
        chance = random.Random(1)
        given: dict[int, tuple[list[float], list[float]]] = {guid: ([], []) for guid in range(1, 6)}
        with RunReader(tmp_path) as reader:
            samples = reader.run_samples()
            told: dict[int, list[float]] = {guid: [] for guid in given}
            for turn in range(150):
                batch = []
                for guid, (times, values) in given.items():
                    for _ in range(chance.randrange(guid * 4) + 350 * (chance.random() < 0.02)):
                        times.append(chance.random() * 10 + turn)
                        values.append(round(chance.random(), 2))
                        batch.append((times[-1], guid, "stdout", "rtt", values[-1]))
                write(database, *batch)
                if chance.random() < 0.2:
                    for key, (_, values_told) in samples.news().items():
                        told[key[0]] += values_told.tolist()
                    for guid, expected in given.items():
                        assert told[guid] == expected[1]
                        columns = samples.series(guid, "stdout", "rtt").columns()
                        assert (columns.times.tolist(), columns.values.tolist()) == expected
                        assert reader.samples(guid, "stdout", "rtt") == expected
            assert count_of(reader, "blocks") > 20
            assert reader.notices == []

    def test_series_of_the_same_lines_share_their_times(self, database: RunDatabase, tmp_path: Path) -> None:
        names = [f"column{number}" for number in range(10)]
        write(database, *((float(line), 1, "stdout", name, line + 0.5) for line in range(100) for name in names))
        database.close()
        with RunReader(tmp_path) as reader:
            assert count_of(reader, "blocks") == 10
            assert count_of(reader, "columns") == 2  # their values are the same too
            assert reader.run_samples().series(1, "stdout", "column9").columns().values[-1] == 99.5

    def test_few_samples_stay_in_rows(self, database: RunDatabase, tmp_path: Path) -> None:
        write(database, *((float(number), 1, "stdout", "rtt", number) for number in range(9)))
        database.close()
        with RunReader(tmp_path) as reader:
            assert (count_of(reader, "readings"), count_of(reader, "blocks")) == (9, 0)

    def test_no_room_is_left_behind(self, database: RunDatabase, tmp_path: Path) -> None:
        write(database, *((float(number), 1, "stdout", "rtt", number) for number in range(60_000)))
        database.close()
        with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
            assert connection.execute("PRAGMA freelist_count").fetchone() == (0,)
        assert (tmp_path / FILE_NAME).stat().st_size < 400_000

    @pytest.mark.usefixtures("small_blocks")
    def test_many_series_with_few_samples_each_do_not_pile_up(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(block_writer, "_MOST_ROWS", 1000)
        database = RunDatabase(tmp_path / FILE_NAME)
        for line in range(30):
            write(database, *((float(line), guid, "stdout", "rtt", line) for guid in range(200)))
        with RunReader(tmp_path) as reader:
            assert count_of(reader, "readings") < 4000
            expected = [float(line) for line in range(30)]
            assert all(reader.samples(guid, "stdout", "rtt") == (expected, expected) for guid in range(200))
        database.close()

    def test_a_second_writer_goes_on_where_the_first_ended(self, database: RunDatabase, tmp_path: Path) -> None:
        database.close()
        count = 0
        for more in (130, 5, 300, 7, 90):
            database = RunDatabase(tmp_path / FILE_NAME)
            write(database, *((1.0, 1, "stdout", "rtt", number) for number in range(count, count + more)))
            count += more
            database.close()
        with RunReader(tmp_path) as reader:
            assert reader.samples(*KEY)[1] == [float(number) for number in range(count)]
            assert reader.run_samples().series(*KEY).columns().values.tolist() == [*range(count)]
            assert reader.run_samples().series(*KEY).count == count

    @settings(max_examples=40, deadline=None)
    @given(
        st.lists(
            st.tuples(st.floats(allow_nan=False), st.integers(1, 3), st.one_of(st.floats(), st.integers())),
            max_size=300,
        ),
        st.integers(1, 50),
    )
    def test_every_number_comes_back(
        self, tmp_path_factory: pytest.TempPathFactory, samples: list[tuple[float, int, float]], at_once: int
    ) -> None:
        folder = tmp_path_factory.mktemp("run")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(block_writer, "_FULL", 20)
            patch.setattr(block_writer, "_WORTHWHILE", 5)
            patch.setattr(block_writer, "_FEWEST", 3)
            database = RunDatabase(folder / FILE_NAME)
            for place in range(0, len(samples), at_once):
                some = samples[place : place + at_once]
                write(database, *((time, guid, "stdout", "rtt", value) for time, guid, value in some))
            database.close()
        with RunReader(folder) as reader:
            run_samples = reader.run_samples()
            for guid in (1, 2, 3):
                times = [time for time, owner, _ in samples if owner == guid]
                values = [float(value) for _, owner, value in samples if owner == guid]
                found = reader.samples(guid, "stdout", "rtt")
                assert (bits(found[0]), bits(found[1])) == (bits(times), bits(values))
                series = run_samples.series(guid, "stdout", "rtt")
                columns = series.columns()
                assert bits(columns.times.tolist()) == bits(times)
                assert bits(columns.values.tolist()) == bits(values)
                pieces = [piece.values for piece in series.pieces()]
                assert bits(np.concatenate(pieces).tolist()) == bits(values)

    def test_what_is_no_number_is_told_by_nan(self, database: RunDatabase, tmp_path: Path) -> None:
        write(database, (1.0, 1, "stdout", "rtt", "nonsense"), (2.0, 1, "stdout", "rtt", 10**400))
        write(database, (3.0, 1, "stdout", "rtt", -(10**400)), (4.0, 1, "stdout", "rtt", None))
        with RunReader(tmp_path) as reader:
            assert str(reader.samples(*KEY)[1]) == "[nan, inf, -inf, nan]"


class TestReading:
    def test_summaries_agree(self, database: RunDatabase, tmp_path: Path) -> None:
        values = [math.nan, *(float(number % 77) for number in range(250)), math.nan, 5.0]
        write(database, *((float(place), 1, "stdout", "rtt", value) for place, value in enumerate(values[:230])))
        write(database)
        write(database, *((230.0 + place, 1, "stdout", "rtt", value) for place, value in enumerate(values[230:])))
        mean = np.nanmean(values)
        with RunReader(tmp_path) as reader:
            assert count_of(reader, "readings") == len(values) - 230
            (recorded,) = reader.series()
            summary = reader.run_samples().series(*KEY).summary()
            assert (recorded.count, recorded.minimum, recorded.maximum, recorded.last) == (len(values), 0, 76, 5)
            assert recorded.mean == pytest.approx(mean)
            assert (summary.count, summary.minimum, summary.maximum, summary.final) == (len(values), 0, 76, 5)
            assert (summary.first, summary.last) == (0, len(values) - 1)
            assert summary.mean == pytest.approx(mean)
        database.close()
        with RunReader(tmp_path) as reader:
            assert count_of(reader, "readings") == 0
            (after,) = reader.series()
            assert (after.count, after.last) == (len(values), 5)
            assert after.mean == pytest.approx(mean)

    def test_a_series_that_is_not_there_yet_is_empty_until_it_comes(
        self, database: RunDatabase, tmp_path: Path
    ) -> None:
        with RunReader(tmp_path) as reader:
            samples = reader.run_samples()
            series = samples.series(*KEY)
            assert (series.count, series.columns().times.tolist(), samples.keys()) == (0, [], [])
            assert math.isnan(series.summary().mean)
            assert series.envelope().times.tolist() == []
            write(database, (1.0, *KEY, 4.0))
            assert samples.refresh() == {KEY}
            assert samples.refresh() == set()
            assert series.columns().values.tolist() == [4.0]
            assert samples.keys() == [KEY]

    @pytest.mark.usefixtures("small_blocks")
    def test_news_while_a_thread_writes_tell_each_sample_once(self, tmp_path: Path) -> None:
        store, numbers = RunStore(tmp_path), range(30_000)
        store.flush()

        def give() -> None:
            for number in numbers:
                guids = (1, 2) if number % 7 else (1, 2, 3)
                store.samples([Sample(float(number), guid, "stdout", "rtt", number) for guid in guids])
            store.close()

        told: dict[int, list[float]] = {1: [], 2: [], 3: []}
        with RunReader(tmp_path) as reader:
            samples = reader.run_samples()
            writer = threading.Thread(target=give)
            writer.start()
            ended = False
            while not ended:
                ended = not writer.is_alive()  # before the last look
                for key, (times, values) in samples.news().items():
                    assert times.tolist() == values.tolist()
                    told[key[0]] += values.tolist()
            writer.join()
            assert count_of(reader, "blocks") > 100
            assert reader.notices[1:] == []  # but that there is no experiment.xml
        assert told == {1: [*numbers], 2: [*numbers], 3: [*range(0, len(numbers), 7)]}

    def test_readers_do_not_keep_the_log_from_being_folded_in(self, database: RunDatabase, tmp_path: Path) -> None:
        write(database, *((float(number), *KEY, number) for number in range(250)))
        with RunReader(tmp_path) as reader:
            samples = reader.run_samples()
            write(database, *((float(number), *KEY, number) for number in range(250, 500)))
            samples.news()
            samples.series(*KEY).envelope()
            next(samples.series(*KEY).pieces())
            reader.series(), reader.samples(*KEY), reader.state_changes(), reader.log_after(0, 1), reader.facts()
            with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None, timeout=0)) as connection:
                assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)

    def test_a_look_stays_as_it_is_until_the_next(self, database: RunDatabase, tmp_path: Path) -> None:
        def put(first: int, last: int) -> None:
            write(database, *((float(number), *KEY, number) for number in range(first, last)))

        put(0, 60)
        with RunReader(tmp_path) as reader:
            samples = reader.run_samples()
            series = samples.series(*KEY)
            before = series.columns()
            put(60, 150)
            put(150, 400)
            write(database)
            assert series.columns().values.tolist() == [*range(60)]
            assert samples.news()[KEY].values.tolist() == [*range(60, 400)]
            assert series.columns().values.tolist() == [*range(400)]
            assert series.since(390).values.tolist() == [*range(390, 400)]
            assert before.values.tolist() == [*range(60)]

    def test_a_range_has_what_lies_in_it(self, database: RunDatabase, tmp_path: Path) -> None:
        chance = random.Random(3)
        times = [chance.random() * 1000 for _ in range(950)]
        write(database, *((time, *KEY, place) for place, time in enumerate(times)))
        with RunReader(tmp_path) as reader:
            for series in (reader.run_samples().series(*KEY),):
                for _ in range(20):
                    begin, end = sorted((chance.random() * 1000, chance.random() * 1000))
                    expected = [place for place, time in enumerate(times) if begin <= time <= end]
                    assert series.columns(begin, end).values.tolist() == expected
                assert series.columns(begin=2000).values.tolist() == []

    @pytest.mark.parametrize("decoded", [1 << 19, 0])
    def test_what_is_seen_from_afar_has_all_extremes(
        self, decoded: int, database: RunDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(series_reader, "_MOST_DECODED", decoded)
        values = [float(number % 91) for number in range(5000)]
        values[2718] = 1e6
        write(database, *((float(place), *KEY, value) for place, value in enumerate(values)))
        database.close()
        with RunReader(tmp_path) as reader:
            series = reader.run_samples().series(*KEY)
            for begin, end in ((-math.inf, math.inf), (0, 5000), (2700, 2720), (2718, 2718), (1000, 4000)):
                seen = series.envelope(begin, end, 40)
                assert seen.maxima.max() == 1e6
                assert len(seen.times) <= 40
            assert series.envelope(0, 2000, 40).maxima.max() == 90

    def test_a_run_of_schema_1_is_read_as_before(self, tmp_path: Path) -> None:
        with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
            connection.executescript(SCHEMA_1)
        (tmp_path / "experiment.xml").write_text("<experiment/>")
        with RunReader(tmp_path) as reader:
            assert str(reader.samples(*KEY)) == "([1.0, 2.0, 3.0], [5.0, nan, 7.0])"
            loss, rtt = sorted(reader.series(), key=lambda each: each.series)
            assert (rtt.unit, rtt.count, rtt.minimum, rtt.maximum, rtt.mean, rtt.last) == ("ms", 3, 5, 7, 6, 7)
            assert (loss.count, loss.last) == (1, 0)
            samples = reader.run_samples()
            assert samples.series(*KEY).columns().times.tolist() == [1, 2, 3]
            assert samples.series(*KEY).envelope(buckets=1).means.tolist() == [6]
            assert reader.notices == []

    def test_a_run_of_schema_1_is_not_gone_on_with(self, tmp_path: Path, expect_log: object) -> None:
        with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
            connection.executescript(SCHEMA_1)
        assert callable(expect_log)
        expect_log("is no run store of schema 2.* The run goes on without a record of it")
        store = RunStore(tmp_path)
        store.samples([Sample(4.0, *KEY, 9.0)])
        store.close()
        with RunReader(tmp_path) as reader:
            assert reader.samples(*KEY)[0] == [1, 2, 3]
