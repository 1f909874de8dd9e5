"""The experiments of runs, and what differs between them: each content is read once, however many runs have it."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from nepi_core.description import ExperimentDescription
from nepi_core.errors import NepiError
from nepi_core.xml_format import read_xml
from nepi_gui.runs.differences import Difference, differences
from nepi_gui.runs.listing import EXPERIMENT_NAME, digest_of

_MOST_DESCRIPTIONS = 12
_MOST_COMPARED = 2000

Compared = tuple[Difference, ...]


class Descriptions:
    """Reads and compares; for one thread at a time."""

    def __init__(self) -> None:
        self._digests: dict[Path, tuple[tuple[int, int], str]] = {}
        self._read: OrderedDict[str, ExperimentDescription] = OrderedDict()
        self._compared: OrderedDict[tuple[str, str], Compared] = OrderedDict()

    def of(self, folder: Path) -> ExperimentDescription | None:
        """Return the experiment of a run; None when it is missing or damaged."""
        digest = self._digest(folder)
        if not digest:
            return None
        if digest not in self._read:
            try:
                self._read[digest] = read_xml(folder / EXPERIMENT_NAME)
            except NepiError:
                return None
        self._read.move_to_end(digest)
        while len(self._read) > _MOST_DESCRIPTIONS:
            self._read.popitem(last=False)
        return self._read[digest]

    def between(self, then: Path, now: Path) -> Compared | None:
        """Return what differs between the experiments of two runs; None when one is missing or damaged."""
        key = self._digest(then), self._digest(now)
        if key in self._compared:
            self._compared.move_to_end(key)
            return self._compared[key]
        if key[0] == key[1] and key[0]:
            return ()
        before, after = self.of(then), self.of(now)
        if before is None or after is None:
            return None
        found = self._compared[key] = differences(before, after)
        while len(self._compared) > _MOST_COMPARED:
            self._compared.popitem(last=False)
        return found

    def against(self, then: Path, now: ExperimentDescription) -> Compared | None:
        """Return what differs between the experiment of a run and another; None when it is missing or damaged."""
        before = self.of(then)
        return differences(before, now) if before is not None else None

    def _digest(self, folder: Path) -> str:
        """Return the digest of a run's experiment, which is worked out again only when the file has changed."""
        try:
            status = (folder / EXPERIMENT_NAME).stat()
        except OSError:
            return ""
        stamp = status.st_mtime_ns, status.st_size
        known = self._digests.get(folder)
        if known is None or known[0] != stamp:
            known = self._digests[folder] = stamp, digest_of(folder)
        return known[1]
