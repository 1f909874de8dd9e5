"""Watching a run: what the run store takes and gives, and how smoothly the window shows it."""

from __future__ import annotations

import importlib
import importlib.util

from benchmarks.table import Table

COLUMNS = ("work", "reach", "here", "floor")

_PARTS = ("watch_store", "watch_memory", "watch_window")


def run(quick: bool) -> Table:
    """Measure everything and return the table; each part adds its rows with its ``measure(table, quick)``."""
    table = Table(COLUMNS)
    for name in _PARTS:
        if importlib.util.find_spec(f"benchmarks.{name}"):
            importlib.import_module(f"benchmarks.{name}").measure(table, quick)
    return table
