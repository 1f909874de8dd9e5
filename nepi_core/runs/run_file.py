"""Reading ``run.sqlite``, and telling what is wrong with it."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from nepi_core.runs.database import FILE_NAME, SCHEMA_VERSION

_FIRST_WITH_BLOCKS = 2
_AT_ONCE = 50_000

_Row = TypeVar("_Row")

# SQLite's message about a damaged file may quote the damage, which Python then cannot decode.
_DAMAGED = (sqlite3.Error, UnicodeDecodeError)

# What comes of making something of values that a foreign or damaged file holds.
_NONSENSE = (ValueError, TypeError, KeyError, OverflowError, RecursionError)


class RunFile:
    """A ``run.sqlite`` that is open for reading, if it is there and can be read.

    Nothing here raises because of what it holds. For one thread at a time; to be closed.

    Args:
        folder: the run's folder.

    Attributes:
        notices: what is missing or damaged, in sentences for the user.
        has_blocks: whether older samples may be in blocks, which they are since schema 2.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notices: list[str] = []
        self.has_blocks = False
        self._copy: tempfile.TemporaryDirectory[str] | None = None
        self._database = self._open()

    def close(self) -> None:
        """Close it; calling it twice is harmless."""
        if self._database:
            self._database.close()
            self._database = None
        if self._copy:
            self._copy.cleanup()
            self._copy = None

    def note(self, notice: str) -> None:
        """Tell that something is missing or damaged."""
        if notice not in self.notices:
            self.notices.append(notice)

    def note_damage(self, error: Exception) -> None:
        """Tell that the file is damaged."""
        self.note(f"{FILE_NAME} is damaged, and some of what it held is missing: {error}.")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Have all that is read inside be of the same moment, though the run goes on."""
        for _ in self.parts("BEGIN"):
            pass
        try:
            yield
        finally:
            if self._database and self._database.in_transaction:
                self._database.rollback()

    def rows(self, make: Callable[..., _Row], query: str, *parameters: object) -> list[_Row]:
        """Return what is made of the rows of a query, as many as can be read.

        Args:
            make: takes the values of a row; it may fail for values that make no sense, which is noted.
        """
        return [made for part in self.parts(query, *parameters) for made in self._made(make, part)]

    def parts(self, query: str, *parameters: object) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of a query as they are, many at a time, as far as they can be read."""
        try:
            cursor = self._database.execute(query, parameters) if self._database else None
            while cursor and (part := cursor.fetchmany(_AT_ONCE)):
                yield part
        except _DAMAGED as error:
            self.note_damage(error)

    def _made(self, make: Callable[..., _Row], part: list[tuple[Any, ...]]) -> list[_Row]:
        try:
            return [make(*row) for row in part]
        except _NONSENSE as error:
            if len(part) > 1:
                return [made for row in part for made in self._made(make, [row])]
            self.note(f"{FILE_NAME} is damaged, and some of its rows make no sense: {error}.")
            return []

    def _open(self) -> sqlite3.Connection | None:
        path = self.folder / FILE_NAME
        if not path.is_file():
            self.note(f"There is no {FILE_NAME}: states, values and log of this run are missing.")
            return None
        try:
            database = self._connect(path)
            ((version,),) = database.execute("PRAGMA user_version")
        except (*_DAMAGED, OSError) as error:
            self.note(f"{FILE_NAME} cannot be read: {error}. States, values and log of this run are missing.")
            return None
        self.has_blocks = version >= _FIRST_WITH_BLOCKS
        if version not in (0, 1, SCHEMA_VERSION):
            self.note(f"{FILE_NAME} is of schema {version}, and {SCHEMA_VERSION} is expected: parts may be missing.")
        return database

    def _connect(self, path: Path) -> sqlite3.Connection:
        """Open the file so that what is still in the write-ahead log is seen too.

        SQLite needs to write for that, beside the log; so on a medium that cannot be written, a copy is read.
        """
        try:
            return _connect(path, "mode=rw")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:  # a copy would never grow
                raise
            log = path.with_name(f"{FILE_NAME}-wal")
            if not log.is_file() or log.stat().st_size == 0:
                return _connect(path, "immutable=1")
        self._copy = tempfile.TemporaryDirectory(prefix="nepi-run-")
        for each in (path, log):
            shutil.copyfile(each, Path(self._copy.name, each.name))
        return _connect(Path(self._copy.name, path.name), "mode=rw")


def _connect(path: Path, how: str) -> sqlite3.Connection:
    database = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, check_same_thread=False)
    database.text_factory = lambda text: text.decode("utf-8", "replace")
    try:
        database.execute("PRAGMA query_only = ON")
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        database.close()
        raise
    return database
