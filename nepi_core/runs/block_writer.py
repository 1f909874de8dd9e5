"""Moving samples out of the rows of a run store into blocks, which take a tenth of the room.

Rows are written at once, so that a crash loses nothing; they take some 24 bytes a sample. When a series has a block
full of them, its samples are encoded from memory, some milliseconds after each transaction of the writer, and then one
transaction writes the blocks and deletes the rows.
"""

from __future__ import annotations

import math
import sqlite3
import time
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from nepi_core.runs.sample_blocks import Column

# More samples in a block make it smaller by little, and all that shows a part of one has to read it.
_FULL = 2048
# What goes along when some other series has a full block: moving all at once leaves no rows between those that go.
_WORTHWHILE = _FULL // 4
# What is worth a block at the end of a run, or when there are many rows: with fewer samples its own costs show.
_FEWEST = 256
# Rows of all series together, some 2 s of a look at a run that has just been opened for a million.
_MOST_ROWS = 1 << 18
# How long a turn of encoding takes, and how many samples it encodes at least for each that has come since the last one.
# What comes meanwhile is written after it, so it is short, but samples must not pile up.
_TURN_SECONDS = 0.01
_CATCH_UP = 2

# Columns are stored together, since the file has pages of 4 kB, which single ones would leave half empty.
_CHUNK = 32 * 1024

_INSERT_COLUMN = "INSERT INTO columns (chunk, place, size) VALUES (?, ?, ?)"
_INSERT_BLOCK = """
INSERT INTO blocks (series, start, count, earliest, latest, numbers, minimum, maximum, total, final, parts, times, data)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


@dataclass(slots=True)
class _Recent:
    """The samples of a series that are rows.

    Attributes:
        start: how many samples of the series came before them.
        row: id of the first of the rows.
    """

    start: int = 0
    row: int = 0
    times: array[float] = field(default_factory=lambda: array("d"))
    values: array[float] = field(default_factory=lambda: array("d"))


class _Block(NamedTuple):
    """A block that is ready to be written.

    Attributes:
        start: how many samples of the series came before it.
        summary: what its row says from ``earliest`` to ``parts``.
        times, data: encoded columns.
    """

    series: int
    start: int
    samples: int
    summary: tuple[object, ...]
    times: bytes
    data: bytes


@dataclass(slots=True)
class _Move:
    """Samples on their way from rows to blocks.

    Attributes:
        first, last: ids of the rows; samples of other series may lie between them.
        whole: whether there are none of these.
    """

    series: list[int]
    first: int
    last: int
    whole: bool
    work: Iterator[_Block]
    blocks: list[_Block] = field(default_factory=list)
    encoded: bool = False


class BlockWriter:
    """Follows the samples that are written as rows, and makes blocks of them.

    Args:
        connection: to the database; what it holds already is taken into account.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._recent: dict[int, _Recent] = {}
        self._starts: dict[int, int] = {}
        self._rows = 0
        self._new = 0
        self._next_row = 1
        self._full = False
        self._most_rows = _MOST_ROWS
        self._move: _Move | None = None
        self._take_up()

    def add(self, samples: Iterable[tuple[int, float, float]]) -> None:
        """Take in samples (series, time, value) that have been written as rows, in this order."""
        recent = self._recent
        row = self._next_row
        for series, at, value in samples:
            mine = recent.get(series)
            if mine is None:
                mine = recent[series] = _Recent(self._starts.get(series, 0), row)
            mine.times.append(at)
            mine.values.append(value)
            row += 1
            if len(mine.times) == _FULL:
                self._full = True
        self._rows += row - self._next_row
        self._new += row - self._next_row
        self._next_row = row

    def work(self) -> None:
        """Begin to move what is to be moved, or encode some of it.

        That takes some ten milliseconds, unless more comes in than can be encoded in that time.
        """
        if self._move is None and (self._full or self._rows >= self._most_rows):
            self._begin(_WORTHWHILE if self._full else _FEWEST)
        if self._move is not None:
            self._encode(self._move, _CATCH_UP * self._new, time.perf_counter() + _TURN_SECONDS)
        self._new = 0

    def write(self) -> None:
        """Write the blocks that are ready and delete their rows, inside a transaction that the caller has begun."""
        move = self._move
        if move is None or not move.encoded:
            return
        columns = self._insert_columns(move.blocks)
        for block in move.blocks:
            row = (block.series, block.start, block.samples, *block.summary, columns[block.times], columns[block.data])
            self._connection.execute(_INSERT_BLOCK, row)
        self._delete(move)
        self._move = None

    def finish(self) -> bool:
        """Encode what is worth a block; return whether there is something to `write`, after which there may be more."""
        if self._move is None:
            self._begin(_FEWEST)
        if self._move is not None:
            self._encode(self._move, math.inf, 0.0)
        return self._move is not None

    def _take_up(self) -> None:
        """Take in what an earlier writer has left in rows."""
        for series, start in self._connection.execute("SELECT series, max(start + count) FROM blocks GROUP BY series"):
            self._starts[series] = start
        for row, series, at, value in self._connection.execute("SELECT id, series, time, value FROM readings"):
            self._next_row = row
            self.add([(series, *(math.nan if each is None else each for each in (at, value)))])
        ((last,),) = self._connection.execute("SELECT ifnull(max(seq), 0) FROM sqlite_sequence WHERE name = 'readings'")
        self._next_row = last + 1

    def _begin(self, fewest: int) -> None:
        """Take the samples that are to be moved out of the recent ones."""
        chosen = {series: mine for series, mine in self._recent.items() if len(mine.times) >= fewest}
        self._full = False
        if chosen:
            count = sum(len(mine.times) for mine in chosen.values())
            first, last = min(mine.row for mine in chosen.values()), self._next_row - 1
            whole = count == last - first + 1
            self._move = _Move(list(chosen), first, last, whole, _blocks(chosen))
            self._rows -= count
            for series, mine in chosen.items():
                self._starts[series] = mine.start + len(mine.times)
                del self._recent[series]
        self._most_rows = _MOST_ROWS + self._rows  # what is left may be many series with few samples each

    def _encode(self, move: _Move, fewest: float, until: float) -> None:
        """Encode so many samples at least, and more until a time of the performance counter."""
        count = 0
        while count < fewest or time.perf_counter() < until:
            block = next(move.work, None)
            if block is None:
                move.encoded = True
                return
            move.blocks.append(block)
            count += block.samples

    def _insert_columns(self, blocks: list[_Block]) -> dict[bytes, int]:
        """Write the columns of blocks, those that are the same once, and return their ids."""
        known: dict[bytes, int] = {}
        pile: list[bytes] = []
        for content in dict.fromkeys(column for block in blocks for column in (block.times, block.data)):
            pile.append(content)
            if sum(map(len, pile)) >= _CHUNK:
                known |= self._insert_chunk(pile)
                pile = []
        return known | self._insert_chunk(pile) if pile else known

    def _insert_chunk(self, pile: list[bytes]) -> dict[bytes, int]:
        known: dict[bytes, int] = {}
        chunk = self._connection.execute("INSERT INTO chunks (content) VALUES (?)", (b"".join(pile),)).lastrowid
        place = 0
        for content in pile:
            cursor = self._connection.execute(_INSERT_COLUMN, (chunk, place, len(content)))
            known[content] = int(cursor.lastrowid or 0)
            place += len(content)
        return known

    def _delete(self, move: _Move) -> None:
        query = "DELETE FROM readings WHERE id BETWEEN ? AND ?"
        parameters: list[int] = [move.first, move.last]
        if not move.whole:
            self._connection.execute("CREATE TEMP TABLE IF NOT EXISTS moved (series INTEGER PRIMARY KEY)")
            self._connection.execute("DELETE FROM moved")
            self._connection.executemany("INSERT INTO moved VALUES (?)", [(series,) for series in move.series])
            query += " AND series IN moved"
        self._connection.execute(query, parameters)


def _blocks(chosen: dict[int, _Recent]) -> Iterator[_Block]:
    """Yield the blocks of some series; a column of times that several series have in common is encoded once."""
    import numpy as np

    from nepi_core.runs.sample_blocks import encode

    times_of: dict[bytes, bytes] = {}
    while chosen:
        series = next(iter(chosen))
        recent = chosen.pop(series)
        size = _even_size(len(recent.times))
        for place in range(0, len(recent.times), size):
            raw = recent.times[place : place + size].tobytes()
            times, values = np.frombuffer(raw), np.frombuffer(recent.values[place : place + size].tobytes())
            if raw not in times_of:
                times_of[raw] = encode(times)
            start, summary = recent.start + place, _summary(times, values)
            yield _Block(series, start, len(times), summary, times_of[raw], encode(values))


def _even_size(samples: int) -> int:
    """Return how many samples each block of a series gets, so that none has very few."""
    return -(-samples // max(1, round(samples / _FULL)))


def _summary(times: Column, values: Column) -> tuple[object, ...]:
    """Return what a block says about its samples: times, smallest, largest, sum, last value, and its parts."""
    import numpy as np

    from nepi_core.runs import envelope

    parts = envelope.of_stretches(times, values)
    numbers = int(parts.numbers.sum())
    with np.errstate(invalid="ignore"):
        columns = np.fmin.reduce(times), np.fmax.reduce(times), np.fmin.reduce(values), np.fmax.reduce(values)
        earliest, latest, minimum, maximum = map(float, columns)
        total = float(parts.totals.sum())
    return earliest, latest, numbers, minimum, maximum, total, float(values[-1]), envelope.to_bytes(parts)
