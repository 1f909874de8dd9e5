"""Columns of numbers from the run store, decoded; those that were used last are kept."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from nepi_core.runs.database import FILE_NAME
from nepi_core.runs.sample_blocks import UnknownVersionError, decode

if TYPE_CHECKING:
    from nepi_core.runs.run_file import RunFile
    from nepi_core.runs.sample_blocks import Column

_CONTENT = """
SELECT substr(content, place + 1, size) FROM columns JOIN chunks ON chunks.id = chunk WHERE columns.id = ?
"""


class ColumnCache:
    """Reads columns of a run.

    Args:
        file: the run's file; what is damaged is noted there.
        most: bytes that the columns which are kept may take.
    """

    def __init__(self, file: RunFile, most: int) -> None:
        self._file = file
        self._most = most
        self._columns: OrderedDict[int, Column | None] = OrderedDict()
        self._bytes = 0

    def column(self, number: int) -> Column | None:
        """Return a column by its id, or None when it is damaged."""
        if number in self._columns:
            self._columns.move_to_end(number)
            return self._columns[number]
        column = self._read(number)
        self._columns[number] = column
        self._bytes += column.nbytes if column is not None else 0
        while self._bytes > self._most:
            _, oldest = self._columns.popitem(last=False)
            self._bytes -= oldest.nbytes if oldest is not None else 0
        return column

    def _read(self, number: int) -> Column | None:
        found = self._file.rows(bytes, _CONTENT, number)
        try:
            if not found:
                raise ValueError("it is not there")
            return decode(found[0])
        except UnknownVersionError as error:
            self._file.note(f"Some samples in {FILE_NAME} were written by a later version of the program: {error}.")
        except ValueError as error:
            self._file.note(f"{FILE_NAME} is damaged, and some samples are missing: {error}.")
        return None
