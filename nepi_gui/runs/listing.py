"""The runs of an experiment: which there are, when, how they ended, and what of them is missing."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from nepi_core.runs.database import FILE_NAME as STORE_NAME
from nepi_core.runs.reader import RunReader, is_running
from nepi_gui.runs.notes import FILE_NAME as NOTE_NAME
from nepi_gui.runs.notes import read_note

EXPERIMENT_NAME = "experiment.xml"


class Outcome(StrEnum):
    """What came of a run, as far as it is known."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    CUT_SHORT = "cut short"
    """Its program or its machine died."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A run as its folder tells of it; times in seconds since 1970, NaN where they are not known.

    Attributes:
        run_id: name of its folder; that of a run which was brought here may differ from what the run called itself.
        ended: of a run that was cut short, the last that is known of it.
        placed: where it stands among others: when it began, or as long as that is not known, when its folder changed.
        cause: why it failed when no resource did; "" when that is not known.
        pid: of the program that writes it, 0 when that is not known; of interest only as long as it is running.
        notices: what is missing or damaged, in sentences.
    """

    folder: Path
    run_id: str
    exp_id: str
    outcome: Outcome
    began: float
    ended: float
    placed: float
    cause: str
    note: str
    pid: int
    notices: tuple[str, ...]

    @property
    def is_live(self) -> bool:
        """Whether it goes on."""
        return self.outcome is Outcome.RUNNING

    @property
    def may_begin(self) -> bool:
        """Whether nothing is known of it but its experiment: its program may just be about to start."""
        return self.outcome is Outcome.UNKNOWN and math.isnan(self.began)

    def duration(self, now: float) -> float:
        """Return how long it took in seconds, until now when it goes on; NaN when that is not known."""
        return max((now if self.is_live else self.ended) - self.began, 0.0)


class RunList:
    """Reads the runs in the folder of an experiment, each again only when its files have changed; for one thread.

    Args:
        folder: of the experiment, in which each run has a folder; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[Path, tuple[object, ListedRun]] = {}

    def read(self) -> Iterator[ListedRun]:
        """Yield all runs, the newest folder first; what has vanished meanwhile is left out."""
        folders = run_folders(self.folder)
        present = set(folders)
        for gone in self._known.keys() - present:
            del self._known[gone]
        for folder in folders:
            run = self.look(folder)
            if run is not None:
                yield run

    def look(self, folder: Path) -> ListedRun | None:
        """Return one run; None when it has vanished."""
        signature = _signature(folder)
        if signature is None:
            return None
        known = self._known.get(folder)
        if known is None or known[0] != signature:
            run = read_run(folder)
            known = self._known[folder] = (signature, run)
        return known[1]


def run_folders(folder: Path) -> list[Path]:
    """Return the folders of an experiment's folder that hold a run, the newest first; links are not followed."""
    try:
        with os.scandir(folder) as entries:
            found = [(_changed(entry), entry.name) for entry in entries if _is_run(entry)]
    except OSError:  # there is no such folder yet, or it may not be read
        return []
    return [folder / name for _, name in sorted(found, reverse=True)]


def is_run(folder: Path) -> bool:
    """Tell whether a folder holds a run, or what is left of one."""
    return any((folder / name).is_file() for name in (STORE_NAME, EXPERIMENT_NAME))


def _is_run(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith(".") or not entry.is_dir(follow_symlinks=False):
        return False
    return is_run(Path(entry.path)) or is_running(Path(entry.path))  # it has just begun, and has no file yet


def _changed(entry: os.DirEntry[str]) -> float:
    try:
        return entry.stat(follow_symlinks=False).st_mtime
    except OSError:
        return 0.0


def _signature(folder: Path) -> object | None:
    """Return what differs when a run is to be read again; None when it is gone."""
    if not folder.is_dir():
        return None
    names = (STORE_NAME, f"{STORE_NAME}-wal", EXPERIMENT_NAME, NOTE_NAME)
    return (is_running(folder), *(_stamp(folder / name) for name in names))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    if path.name.endswith("-wal") and not status.st_size:
        return None  # which readers leave and remove as they come and go
    return status.st_mtime_ns, status.st_size, status.st_ino


def read_run(folder: Path) -> ListedRun:
    """Return what a folder tells of its run."""
    with RunReader(folder) as reader:
        is_live = reader.running()
        facts, environment = reader.facts(), reader.environment()
        outcome, began = _outcome(facts.get("outcome"), is_live), _time(facts.get("began"))
        return ListedRun(
            folder=folder,
            run_id=folder.name,
            exp_id=str(facts.get("exp_id") or folder.parent.name),
            outcome=outcome,
            began=began,
            ended=_last(reader) if outcome is Outcome.CUT_SHORT else _time(facts.get("ended")),
            placed=_folder_time(folder) if math.isnan(began) else began,
            cause=" ".join(str(facts.get("cause") or "").split()),
            note=read_note(folder),
            pid=_number(environment.get("process")),
            notices=() if is_live else tuple(reader.notices),  # at its start, much is still to be written
        )


def _outcome(recorded: Any, is_live: bool) -> Outcome:
    if is_live:
        return Outcome.RUNNING  # also while what came of it is written already: its program has still to end
    if recorded == Outcome.RUNNING:
        return Outcome.CUT_SHORT
    return Outcome(recorded) if recorded in set(Outcome) else Outcome.UNKNOWN


def _time(value: Any) -> float:
    try:
        time = float(value)
    except (TypeError, ValueError):
        return math.nan
    return time if 0 <= time < 1e11 else math.nan  # what dates can be told of


def _folder_time(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:  # it has just vanished
        return 0.0


def _number(value: Any) -> int:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _last(reader: RunReader) -> float:
    """Return the last moment that a run has recorded; the times of its files tell when somebody has looked at them."""
    changes, lines = reader.state_changes(), [line for _, line in reader.log_after(reader.log_length() - 1, 1)]
    return max((each[-1].time for each in (changes, lines) if each), default=math.nan)


def digest_of(folder: Path) -> str:
    """Return the SHA-256 of a run's experiment; "" when it cannot be read."""
    try:
        with (folder / EXPERIMENT_NAME).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
