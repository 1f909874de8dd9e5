"""What the resources of a run are called, by its record: the document may have changed since."""

from __future__ import annotations

from nepi_core.structure import short_type
from nepi_gui.watching.watched_run import WatchedRun


class RunNames:
    """Names of a run's resources.

    Args:
        run: whose; None for none, which has no names.
    """

    def __init__(self, run: WatchedRun | None) -> None:
        self._run = run
        self._names: dict[int, str] = {}
        self._is_current = False

    def expect_news(self) -> None:
        """Look again for the next name that is not known: the run has grown."""
        self._is_current = False

    def __call__(self, guid: int) -> str:
        """Return what a resource is called, "" when there is none."""
        if guid > 0 and guid not in self._names and not self._is_current and self._run is not None:
            recorded = self._run.reader.resources()
            self._names = {each.guid: each.label or f"{short_type(each.rtype)} {each.guid}" for each in recorded}
            self._is_current = True
        return self._names.get(guid, "")
