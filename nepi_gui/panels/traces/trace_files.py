"""Which files the traces of a run are in."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from nepi_gui.file_window import open_regular

_NAME = re.compile(r"(\d{1,18})\.(.+)", re.DOTALL)
_CAPTURE = re.compile(r"\.p?cap(ng)?\d*$", re.IGNORECASE)
_SETTLED = 1_000_000_000  # ns after which a further change has another time, on any file system
_MAGICS = {bytes.fromhex(each) for each in ("d4c3b2a1", "a1b2c3d4", "4d3cb2a1", "a1b23c4d", "0a0d0d0a")}


@dataclass(frozen=True, slots=True)
class TraceFile:
    """A file of a trace.

    Attributes:
        guid: the resource that wrote it; 0 when its name does not tell.
        name: of the trace, with the ending of the file.
    """

    guid: int
    name: str
    path: Path


class TraceFolder:
    """The traces in a run's folder; it is gone through again only when files have come or gone.

    Args:
        folder: the run's.
    """

    def __init__(self, folder: Path) -> None:
        self._top = folder / "traces"
        self._found: dict[int, list[TraceFile]] = {}
        self._changed = 0  # when it had changed last, in ns since 1970; 0 for not known

    def traces(self) -> dict[int, list[TraceFile]]:
        """Return the traces by the resources that wrote them; the same ones as before, if none has come or gone."""
        try:
            changed = self._top.stat().st_mtime_ns
        except OSError:
            return {}
        if changed != self._changed:
            self._found = find_traces(self._top)
            self._changed = changed if time.time_ns() - changed > _SETTLED else 0
        return self._found


def find_traces(top: Path) -> dict[int, list[TraceFile]]:
    """Return the traces in a folder, by the resources that wrote them."""
    found: dict[int, list[TraceFile]] = {}
    for place, folders, files in os.walk(top):
        folders.sort()
        below = os.path.relpath(place, top)
        for file in sorted(files):
            inside = file if below == os.curdir else f"{below}/{file}"
            matched = _NAME.fullmatch(inside)
            guid, name = (int(matched[1]), matched[2]) if matched else (0, inside)
            found.setdefault(guid, []).append(TraceFile(guid, name, top / inside))
    return dict(sorted(found.items(), key=lambda each: each[0] or 2**63))


def size_of(path: Path) -> int:
    """Return the size of a file in bytes; 0 when there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def is_capture(path: Path) -> bool:
    """Tell whether a file holds packets, by what it begins with; by its name when it is empty."""
    try:
        with open_regular(path) as descriptor:
            beginning = os.read(descriptor.number, 4)
    except OSError:
        return False
    return beginning in _MAGICS if beginning else bool(_CAPTURE.search(path.name))
