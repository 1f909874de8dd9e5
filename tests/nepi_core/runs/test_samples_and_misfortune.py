"""Samples in run stores whose programs were killed, whose disks were full, and whose blocks are damaged."""

from __future__ import annotations

import random
import signal
import sqlite3
import struct
import subprocess
import zlib
from contextlib import closing, suppress
from pathlib import Path

import pytest

from nepi_core.errors import RunStoreError
from nepi_core.runs.database import FILE_NAME, Rows, RunDatabase, Table
from nepi_core.runs.reader import RunReader
from tests.nepi_core.runs.stored_runs import KEY, python, write

ENDLESS_SAMPLES = """
import sys
from pathlib import Path
from nepi_core.runs import block_writer
from nepi_core.runs.store import RunStore
from nepi_core.series import Sample

block_writer._FULL, block_writer._WORTHWHILE = 100, 20
store = RunStore(Path(sys.argv[1]))
number = 0
while True:
    for number in range(number + 1, number + 61):
        store.samples([Sample(float(number), 1, "stdout", "rtt", number / 10)])
        store.samples([Sample(float(number), 1, "stdout", "other", -number)] * (number % 3))
    store.flush()
    print(number, flush=True)
"""


class TestEnds:
    def test_a_killed_program_loses_nothing_that_was_flushed_and_repeats_nothing(self, tmp_path: Path) -> None:
        for attempt in range(8):
            folder = tmp_path / str(attempt)
            command = python(ENDLESS_SAMPLES, folder)
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
                assert program.stdout
                for _ in range(random.randint(1, 40)):
                    flushed = int(program.stdout.readline())
                program.send_signal(signal.SIGKILL)
            with RunReader(folder) as reader:
                times, values = reader.samples(*KEY)
                assert times == [float(number) for number in range(1, len(times) + 1)]
                assert values == [number / 10 for number in range(1, len(times) + 1)]
                assert len(times) >= flushed
                others = reader.samples(1, "stdout", "other")[1]
                given = [-float(number) for number in range(1, len(times) + 2) for _ in range(number % 3)]
                assert others == given[: len(others)]
                assert len(others) >= sum(number % 3 for number in range(flushed + 1))
                columns = reader.run_samples().series(*KEY).columns()
                assert (columns.times.tolist(), columns.values.tolist()) == (times, values)

    @pytest.mark.parametrize("refused", ["log", "blocks", "readings"])
    def test_what_could_not_be_written_is_not_half_there_after_the_end(
        self, refused: str, database: RunDatabase, tmp_path: Path
    ) -> None:
        write(database, *((float(number), *KEY, number) for number in range(60)))
        with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as connection:
            connection.execute(
                f"CREATE TRIGGER refuse BEFORE INSERT ON {refused} BEGIN SELECT RAISE(ABORT, 'no room'); END"
            )
        log = [(1.0, 20, None, "", "nepi", "a line")]
        written, more = 60, [(float(number), *KEY, number) for number in range(60, 160)]
        batch: dict[Table, Rows] = {Table.SAMPLES: [*more, (1.0, 2, "stdout", "other", 1.0)], Table.LOG: log}
        with suppress(RunStoreError):
            while written < 1000:
                database.write(batch, lambda: False)
                written += 100
        assert written < 1000
        with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as connection:
            connection.execute("DROP TRIGGER refuse")
        database.close()
        with RunReader(tmp_path) as reader:
            assert len(reader.samples(*KEY)[1]) == reader.run_samples().series(*KEY).count == written
            assert len(reader.samples(1, "stdout", "rtt")[0]) == sum(each.count for each in reader.series()[:1])


class TestDamage:
    def damaged(self, database: RunDatabase, folder: Path, statement: str, *values: object) -> RunReader:
        write(database, *((float(number), *KEY, number + 0.5) for number in range(300)))
        database.close()
        with closing(sqlite3.connect(folder / FILE_NAME, isolation_level=None)) as connection:
            connection.execute(statement, values)
        return RunReader(folder)

    def test_a_damaged_block_is_told_and_the_others_are_read(self, database: RunDatabase, tmp_path: Path) -> None:
        with self.damaged(database, tmp_path, "UPDATE columns SET place = place + 3 WHERE id = 2") as reader:
            assert reader.samples(*KEY)[0] == [*map(float, range(100, 300))]
            assert "some samples are missing" in reader.notices[0]
            assert len(reader.notices) == 1
            series = reader.run_samples().series(*KEY)
            assert series.columns().times.tolist() == [*range(100, 300)]
            assert series.count == 300
            assert series.envelope(buckets=1).maxima.tolist() == [299.5]

    @pytest.mark.parametrize("what", ["chunks", "columns"])
    def test_blocks_without_their_columns_are_told(self, what: str, database: RunDatabase, tmp_path: Path) -> None:
        with self.damaged(database, tmp_path, f"DELETE FROM {what}") as reader:
            assert reader.samples(*KEY) == ([], [])
            assert "it is not there" in reader.notices[0]
            assert reader.series()[0].count == 300

    def test_what_came_and_is_damaged_is_no_news(self, database: RunDatabase, tmp_path: Path) -> None:
        with RunReader(tmp_path) as live:
            samples = live.run_samples()
            with self.damaged(database, tmp_path, "DELETE FROM columns"):
                assert samples.news() == {}
                assert samples.series(*KEY).count == 300

    @pytest.mark.parametrize("change", ["parts = x'00'", "parts = NULL", "start = 'x'", "times = NULL"])
    def test_rows_that_make_no_sense_are_told(self, change: str, database: RunDatabase, tmp_path: Path) -> None:
        with self.damaged(database, tmp_path, f"UPDATE blocks SET {change} WHERE start = 100") as reader:
            assert set(reader.samples(*KEY)[0]) == {*map(float, range(100)), *map(float, range(200, 300))}
            assert "make no sense" in reader.notices[0] or change.startswith("start")

    def test_a_block_of_a_later_version_is_told(self, database: RunDatabase, tmp_path: Path) -> None:
        content = b"\x07later"
        content += struct.pack("<I", zlib.crc32(content))
        statement = "UPDATE columns SET place = 0, size = ?, chunk = (SELECT max(id) + 1 FROM chunks) WHERE id = 2"
        with self.damaged(database, tmp_path, statement, len(content)) as reader:
            with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as connection:
                connection.execute("INSERT INTO chunks (content) VALUES (?)", (content,))
            assert reader.samples(*KEY)[0] == [*map(float, range(100, 300))]
            assert "written by a later version of the program" in reader.notices[0]

    def test_rows_that_hold_no_numbers_are_told_or_left_out(self, database: RunDatabase, tmp_path: Path) -> None:
        statement = "INSERT INTO readings (series, time, value) VALUES (1, 'x', 'y'), (1, 400.0, 'z'), (99, 1, 1)"
        with self.damaged(database, tmp_path, statement) as reader:
            assert len(reader.samples(*KEY)[0]) == 300
            assert "make no sense" in reader.notices[0]
            assert reader.run_samples().series(*KEY).columns(350, 450).times.tolist() == [400.0]

    @pytest.mark.parametrize("series", ["NULL", "'x'", "9e999", "-1", "x'ff'"])
    def test_rows_of_no_series_are_left_out(self, series: str, database: RunDatabase, tmp_path: Path) -> None:
        statement = f"INSERT INTO readings (series, time, value) VALUES ({series}, 1, 1), (1, 400.0, 2.0)"
        with self.damaged(database, tmp_path, statement) as reader:
            assert reader.run_samples().series(*KEY).columns().times.tolist() == [*range(300), 400]

    @pytest.mark.parametrize("start", ["9e999", "'x'", "x'ff'"])
    def test_blocks_that_begin_nowhere_are_left_out(self, start: str, database: RunDatabase, tmp_path: Path) -> None:
        statement = f"INSERT INTO blocks (series, start, count) VALUES (1, {start}, 1)"
        with self.damaged(database, tmp_path, statement) as reader:
            assert reader.samples(*KEY)[0][:300] in ([], [*range(300)])
            assert reader.run_samples().series(*KEY).columns().times.tolist() in ([], [*range(300)])
            assert reader.series()
