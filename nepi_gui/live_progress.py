"""A run in the terminal while it goes on: states by type, running commands, last values. Imports rich."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from nepi_core.states import ResourceState
from nepi_gui.number_text import number_with_unit
from nepi_gui.progress import Progress
from nepi_gui.run_watch import RunWatch
from nepi_gui.terminal import Terminal, label_of, printable, short_name

if TYPE_CHECKING:
    from nepi_core.controller import ExperimentController

_Item = TypeVar("_Item")

_SHORTEST = 0.1
"""Seconds between two pictures at least; bursts of changes are folded into one."""

_LONGEST = 0.5
"""Seconds between two pictures at most, for the clock and for values."""

_ASKED = 300
"""Resources that are asked what they do just now; it would take too long with very many."""

_STYLES = {
    ResourceState.NEW: "dim",
    ResourceState.DISCOVERED: "cyan",
    ResourceState.PROVISIONED: "cyan",
    ResourceState.READY: "blue",
    ResourceState.STARTED: "green",
    ResourceState.STOPPED: "default",
    ResourceState.FAILED: "bold red",
    ResourceState.RELEASED: "dim",
}


class LiveProgress(Progress):
    """Draws the state of a run at the bottom of the terminal, over and over, and lines above it.

    It is drawn by the main thread alone, when something has changed and on each tick of its clock.
    """

    def __init__(self, ec: ExperimentController, watch: RunWatch, terminal: Terminal) -> None:
        self._ec = ec
        self._watch = watch
        self._terminal = terminal
        self._plain_sink = terminal.sink
        self._console = Console(stderr=True, markup=False, emoji=False, highlight=False)
        self._live = Live(
            console=self._console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
        )
        self._begun = time.monotonic()
        self._drawn_at = 0.0
        self._open = False

    def begin(self) -> None:
        """Draw the first picture."""
        with suppress(OSError):
            self._live.start()
            self._open = True
            self._terminal.sink = self._print
            self.refresh()

    def refresh(self) -> float | None:
        """Draw a picture, unless the last one is too fresh."""
        wait = self._drawn_at + _SHORTEST - time.monotonic()
        if not self._open:
            return None
        if wait > 0:
            return wait
        self._drawn_at = time.monotonic()
        try:
            self._live.update(self._picture(), refresh=True)
        except OSError:  # the terminal is gone; the run goes on
            self.close()
        return _LONGEST

    def close(self) -> None:
        """Take the picture away and give the cursor back."""
        if self._open:
            self._open = False
            self._terminal.sink = self._plain_sink
            with suppress(OSError):
                self._live.stop()

    def _print(self, line: str) -> None:
        self._console.print(Text(line), soft_wrap=True)

    # -- the picture ------------------------------------------------------------------------------------------------

    def _picture(self) -> RenderableType:
        """Return what to draw: at most as many lines as the terminal has, the three parts sharing them."""
        lines = max(6, self._console.height - 6)
        types = min(len(self._watch.counts), lines // 3)
        each = (lines - types) // 2
        parts = (self._head(), self._states(types), self._commands(each), self._values(each))
        return Group(*(part for part in parts if part is not None))

    def _head(self) -> RenderableType:
        head = Table.grid(expand=True, padding=(0, 1))
        head.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        head.add_column(no_wrap=True, justify="right")
        seconds = int(time.monotonic() - self._begun)
        clock = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        title = Text(printable(self._ec.exp_id), style="bold", no_wrap=True, overflow="ellipsis")
        head.add_row(title.append(f"  {self._ec.run_id}", style="dim"), Text(clock, no_wrap=True))
        return head

    def _states(self, lines: int) -> RenderableType:
        shown, more = _first(sorted(self._watch.counts.items()), lines)
        rows = [(short_name(rtype, "", 0, self._name_width), counts) for rtype, counts in shown]
        digits = max((len(str(sum(counts))) for _, counts in rows), default=0)
        table = self._table(name for name, _ in rows)
        for name, counts in rows:
            table.add_row(f"  {name}", Text(f"{sum(counts):{digits}}  ").append(_state_words(counts)))
        if more:
            table.add_row(Text(f"  and {more} more types", style="dim"))
        return table

    def _commands(self, lines: int) -> RenderableType | None:
        managers = map(self._ec.get_resource, islice(list(self._watch.alive), _ASKED))
        running = [(each.guid, Text(_one_line(words))) for each in managers if (words := each.activity())]
        return self._part("Running", running, lines)

    def _values(self, lines: int) -> RenderableType | None:
        values = [
            (guid, Text(f"{printable(series)} ", style="dim").append(self._value_words(guid, series, value)))
            for (guid, series), value in islice(list(self._ec.run.last_values.items()), _ASKED)
        ]
        return self._part("Last values", values, lines)

    def _value_words(self, guid: int, series: str, value: float) -> Text:
        return Text(number_with_unit(value, unit_of(self._ec, guid, series)), style="default not dim")

    def _part(self, title: str, rows: list[tuple[int, Text]], lines: int) -> RenderableType | None:
        if not rows:
            return None
        shown, more = _first(rows, lines - 1)
        named = [(self._name(guid), text) for guid, text in shown]
        table = self._table(name for name, _ in named)
        for name, text in named:
            table.add_row(f"  {name}", text)
        if more:
            table.add_row(Text(f"  and {more} more", style="dim"))
        return Group(Text(title, style="dim"), table)

    @property
    def _name_width(self) -> int:
        return max(16, self._console.width * 2 // 5)

    def _name(self, guid: int) -> str:
        manager = self._ec.get_resource(guid)
        return short_name(manager.name, label_of(manager), guid, self._name_width)

    def _table(self, names: Iterable[str]) -> Table:
        """Return a table for names and texts; the names have been cut to fit, so that all room left is the texts'."""
        width = max(map(len, names), default=0) + 2
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
        table.add_column(no_wrap=True, min_width=width)
        table.add_column(no_wrap=True, overflow="ellipsis", max_width=max(8, self._console.width - width - 4))
        return table


def unit_of(ec: ExperimentController, guid: int, series: str) -> str:
    """Return the unit of a series, "" when none was declared."""
    declared = (each for trace in ec.get_traces(guid) for each in trace.series)
    return next((each.unit for each in declared if each.name == series), "")


def _state_words(counts: list[int]) -> Text:
    words = Text(no_wrap=True, overflow="ellipsis")
    for state in ResourceState:
        if counts[state]:
            words.append(f"{counts[state]} {state.name}  ", style=_STYLES[state])
    return words


def _one_line(text: str) -> str:
    return printable(" ".join(text.split()))


def _first(items: list[_Item], number: int) -> tuple[list[_Item], int]:
    """Return the first items, and how many more there are; a single one more takes the line that would say so."""
    if len(items) == number + 1:
        number += 1
    return items[:number], len(items[number:])
