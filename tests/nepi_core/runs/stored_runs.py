"""Runs that were written by programs that come to a bad end, for the tests of the run store and its reader."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from nepi_core.lifecycle import StateChange
from nepi_core.runs.database import FILE_NAME, RunDatabase, Table
from nepi_core.runs.reader import RunReader
from nepi_core.states import ResourceState
from nepi_core.times import now

KEY = (1, "stdout", "rtt")
"""A series."""

ENDLESS_WRITER = """
import sys
from pathlib import Path
from nepi_core.lifecycle import StateChange
from nepi_core.runs.store import RunStore
from nepi_core.states import ResourceState

store = RunStore(Path(sys.argv[1]))
store.facts(outcome="running")
number = 0
while True:
    for number in range(number + 1, number + 2001):
        store.state_changed(StateChange(number, ResourceState.NEW, ResourceState.READY, 0.5, "because"))
    store.flush()
    print(number, flush=True)
"""


def change(guid: int, cause: str = "") -> StateChange:
    return StateChange(guid, ResourceState.NEW, ResourceState.READY, now(), cause)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def python(script: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", script, *map(str, arguments)]


def crashed(folder: Path) -> int:
    """Have a program write a run store, kill it at a random moment, and return how much it had flushed at least."""
    with subprocess.Popen(python(ENDLESS_WRITER, folder), stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        flushed = 0
        for _ in range(random.randint(1, 6)):
            flushed = int(program.stdout.readline())
        program.send_signal(signal.SIGKILL)
    return flushed


def write(database: RunDatabase, *samples: tuple[float, int, str, str, object]) -> None:
    database.write({Table.SAMPLES: samples}, lambda: False)


def count_of(reader: RunReader, table: str) -> int:
    with closing(sqlite3.connect(reader.folder / FILE_NAME)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
