"""What the time line shows of a run: kept along with it, each change looked at once."""

from __future__ import annotations

import math

from nepi_core.states import ResourceState
from nepi_gui.panels.run_timeline.cast import Cast
from nepi_gui.panels.run_timeline.rows import Grouping, Rows, make_rows
from nepi_gui.watching.watched_run import WatchedRun


class Story:
    """Follows a run.

    Attributes:
        run: the run.
        cast: who takes part in it.
        rows: what stands in which row.
        failed: the resources that have FAILED, and when.
        grouping, words, folded: how the rows are wanted; `arrange` is to be called after a change.
    """

    def __init__(self, run: WatchedRun, grouping: Grouping = Grouping.HOST, words: str = "") -> None:
        self.run = run
        self.grouping = grouping
        self.words = words
        self.folded: set[str] = set()
        self.cast = Cast(run)
        self.rows = Rows()
        self._forget()
        self.catch_up()
        self.arrange()

    def _forget(self) -> None:
        self._lives = self.run.lives
        self._seen = 0
        self._started: dict[int, float] = {}
        self._begun: dict[int, float] = {}
        self.failed: dict[int, float] = {}

    def catch_up(self) -> bool:
        """Look at what has happened since; tell whether the rows may be others now."""
        moves = self._lives is not self.run.lives
        if moves:
            self._forget()
        changes = self.run.lives.changes
        for change in changes[self._seen :]:
            guid = change.guid
            if guid not in self._begun:
                self._begun[guid] = change.time
                moves = True
            if change.new is ResourceState.STARTED and guid not in self._started:
                self._started[guid] = change.time
                moves = True
            elif change.new is ResourceState.FAILED:
                self.failed[guid] = change.time
        self._seen = len(changes)
        if not self.cast.knows(self._begun):
            self.cast = Cast(self.run)
            moves = True
        return moves or bool(self.words)

    def arrange(self) -> None:
        """Work out the rows."""
        self.rows = make_rows(self.cast, self._begin, self.grouping, self.folded, self._fits if self.words else None)

    def _begin(self, guid: int) -> tuple[float, float]:
        return self._started.get(guid, math.inf), self._begun.get(guid, math.inf)

    def first(self, guid: int) -> float | None:
        """Return when something happened to a resource first, None for never."""
        return self._begun.get(guid)

    def _fits(self, guid: int) -> bool:
        """Tell whether a resource has all words in its name, its type or its state."""
        text = f"{self.cast.names[guid]} {self.cast.rtypes[guid]} {self.run.state(guid).name}".casefold()
        return all(word in text for word in self.words.casefold().split())
