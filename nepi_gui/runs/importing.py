"""Taking in the archive of a run, which comes from anywhere: nothing in it is trusted."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from itertools import count
from pathlib import Path

from nepi_core.errors import NepiError, RunStoreError
from nepi_core.runs.database import APPLICATION_ID
from nepi_core.runs.database import FILE_NAME as STORE_NAME
from nepi_core.xml_format import read_xml
from nepi_gui.runs.archive_format import Progress, contents, heed_not, read_manifest
from nepi_gui.runs.listing import EXPERIMENT_NAME

MOST_BYTES = 64 * 2**30
"""How large a run may be that is taken in; and it has to leave room on the disk."""

_SPARED = 256 * 2**20  # bytes of the disk that an import leaves free
_CHUNK = 1024 * 1024

# A page that somebody has prepared could do anything in a browser; it is written anew from the run when it is wanted.
# Beside a store, SQLite would take what stands there for the latest of it, unseen by who looks at the store alone.
_LEFT_OUT = ("report.html", *(f"{STORE_NAME}-{ending}" for ending in ("wal", "shm", "journal")))

_VIEWS = ("states", "samples", "recent_samples")  # of stores of all versions

_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


def import_run(path: Path, local_dir: Path, *, most_bytes: int = MOST_BYTES, progress: Progress = heed_not) -> Path:
    """Take in a run, and return its folder: ``<local_dir>/<exp_id>/<run_id>``, or another name when that is taken.

    Args:
        path: the archive.
        local_dir: folder for all experiments.
        most_bytes: how large it may be when it is unpacked.
        progress: is told of it, at last when only the run's folder is to be put in its place.

    Raises:
        RunStoreError: it cannot be read, is no archive of a run, is damaged, or holds what does not belong there; or it
            cannot be put there; nothing was taken in.
        FormatError: the experiment in it is none; nothing was taken in.
    """
    try:
        with _opened(path) as archive:
            manifest = read_manifest(archive, path)
            with (
                _made(local_dir / manifest.exp_id) as experiment,
                tempfile.TemporaryDirectory(prefix=".import-", dir=experiment) as place,
            ):
                folder = Path(place, "run")
                room = max(0, shutil.disk_usage(place).free - _SPARED)
                size = _unpack(archive, path, folder, min(most_bytes, room), progress)
                _refuse_what_is_no_run(folder, path)
                progress(size, size)
                return _put_in_place(folder, experiment, manifest.run_id)
    except OSError as error:
        if isinstance(error, NepiError):
            raise
        raise RunStoreError(f"The run in {path} cannot be taken in: {error.strerror or error}.") from error


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    if not path.is_file():
        raise RunStoreError(f"There is no file {path}.")
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except NepiError:
        raise
    except _FAULTS as error:
        raise RunStoreError(f"{path} is no archive of a run, or a damaged one: {error}.") from error


@contextmanager
def _made(experiment: Path) -> Iterator[Path]:
    """Make the folder of an experiment; it goes again when nothing comes to stand in it."""
    experiment.mkdir(parents=True, exist_ok=True)
    try:
        yield experiment
    except BaseException:
        with suppress(OSError):  # there are other runs in it
            experiment.rmdir()
        raise


def _unpack(archive: zipfile.ZipFile, path: Path, folder: Path, most_bytes: int, progress: Progress) -> int:
    """Unpack the run's files, and return how many bytes they have."""
    folder.mkdir()
    found = contents(archive, path, most_bytes)
    wanted = {entry: place for entry, place in found.items() if str(place) not in _LEFT_OUT}
    total, done = sum(entry.file_size for entry in wanted), 0
    for entry, place in wanted.items():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as source, target.open("xb") as sink:
            left = entry.file_size
            while left >= 0 and (chunk := source.read(_CHUNK)):
                left -= len(chunk)
                done += len(chunk)
                sink.write(chunk)
                progress(done, total)
            if left:
                raise RunStoreError(f"{path}: {entry.filename!r} has another size than the archive says.")
        os.utime(target, _times(entry))
    return total


def _times(entry: zipfile.ZipInfo) -> tuple[float, float]:
    try:
        moment = datetime(*entry.date_time).timestamp()
    except ValueError:  # no date at all
        moment = 0.0
    return moment, moment


def _refuse_what_is_no_run(folder: Path, path: Path) -> None:
    store, experiment = folder / STORE_NAME, folder / EXPERIMENT_NAME
    if experiment.exists():
        read_xml(experiment)
    if store.exists():
        _look_at_store(store, path, may_be_damaged=experiment.exists())
    elif not experiment.exists():
        raise RunStoreError(f"{path} holds no run: it has neither {STORE_NAME} nor {EXPERIMENT_NAME}.")


def _look_at_store(store: Path, path: Path, may_be_damaged: bool) -> None:
    """Refuse a store that is none, or in which reading a table would start what somebody has prepared."""
    odd = "type = 'trigger' OR sql LIKE 'CREATE VIRTUAL%' OR (type = 'view' AND name NOT IN (?, ?, ?))"
    try:
        with closing(sqlite3.connect(f"{store.absolute().as_uri()}?immutable=1", uri=True)) as database:
            ((application,),) = database.execute("PRAGMA application_id")
            prepared = database.execute(f"SELECT name FROM sqlite_master WHERE {odd}", _VIEWS).fetchone()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        if may_be_damaged:  # nobody can read it, and the rest of the run may be worth having
            return
        raise RunStoreError(f"{path}: its {STORE_NAME} cannot be read: {error}.") from error
    if application != APPLICATION_ID:
        raise RunStoreError(f"{path} holds no run: its {STORE_NAME} is no run store.")
    if prepared:
        raise RunStoreError(f"{path}: its {STORE_NAME} holds what no run store has: {prepared[0]!r}.")


def _put_in_place(folder: Path, experiment: Path, run_id: str) -> Path:
    """Move a folder to where runs are, under a name that no other has."""
    for number in count(1):
        place = experiment / (run_id if number == 1 else f"{run_id[:190]}-{number}")
        try:
            place.mkdir()
        except FileExistsError:
            continue
        folder.rename(place)  # over the empty folder, which keeps the name from being taken meanwhile
        return place
    raise AssertionError  # numbers do not end
