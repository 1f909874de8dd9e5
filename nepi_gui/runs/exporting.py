"""Writing a run into one file that another machine opens, also while the run goes on."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from nepi_core.errors import RunStoreError
from nepi_core.runs.database import FILE_NAME as STORE_NAME
from nepi_core.runs.reader import is_running
from nepi_gui.runs.archive_format import FOLDER, MANIFEST, SUFFIX, Manifest, Progress, heed_not
from nepi_gui.runs.listing import is_run, read_run
from nepi_gui.runs.reporting import write_report_apart

WORK = "work"
"""Folder of what programs left where they ran; left out unless it is asked for."""

_CHUNK = 1024 * 1024
_EXPORTED_LIVE = "It was exported while it went on."

logger = logging.getLogger("nepi.gui")


def archive_name(folder: Path) -> str:
    """Return what the archive of a run is called when nobody says otherwise."""
    return f"{folder.parent.name}-{folder.name}{SUFFIX}"


def export_run(folder: Path, output: Path, *, with_work: bool = False, progress: Progress = heed_not) -> None:
    """Write a run into an archive, which is there when it is complete.

    The run store is copied as it is at one moment. Of files that grow, what is there at the beginning is taken; links,
    sockets and the like are left out. A run that is over gets its report, if it has none.

    Args:
        folder: of the run.
        output: the file; one that is there is replaced.
        with_work: take the folder ``work`` as well.

    Raises:
        RunStoreError: there is no run in that folder, or the archive cannot be written; nothing is left of it.
    """
    if not is_run(folder):
        raise RunStoreError(f"{folder} does not hold a run: it has neither {STORE_NAME} nor experiment.xml.")
    if output.exists() and not output.is_file():
        raise RunStoreError(f"{output} is no file, and is not replaced by one.")
    run = read_run(folder)
    if not run.is_live:
        _add_report(folder)
    try:
        with tempfile.TemporaryDirectory(prefix=".nepi-export-", dir=output.absolute().parent) as place:
            fresh = Path(place, "archive")
            _Export(folder, Path(place), with_work, progress).write(fresh, Manifest.of(run.exp_id, run.run_id))
            fresh.replace(output)
    except OSError as error:
        raise RunStoreError(f"The archive {output} cannot be written: {error.strerror or error}.") from error


def _add_report(folder: Path) -> None:
    if (folder / "report.html").exists():
        return
    try:
        write_report_apart(folder)
    except RunStoreError as error:  # as in a folder that may only be read
        logger.info("%s is exported without a report: %s", folder, error)


class _Export:
    """One export."""

    def __init__(self, folder: Path, place: Path, with_work: bool, progress: Progress) -> None:
        self._folder = folder
        self._place = place
        self._with_work = with_work
        self._progress = progress
        self._done = 0
        self._total = 0

    def write(self, target: Path, manifest: Manifest) -> None:
        store = self._copy_store()
        files = sorted(self._files())
        self._total = sum(size for _, size in files) + (store.stat().st_size if store else 0)
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr(MANIFEST, manifest.encode(), zipfile.ZIP_STORED)
            if store:
                self._add(archive, store, STORE_NAME, store.stat().st_size)
            for path, size in files:
                self._add(archive, path, path.relative_to(self._folder).as_posix(), size)
        with target.open("rb") as file:
            os.fsync(file.fileno())
        self._progress(self._total, self._total)

    def _files(self) -> Iterator[tuple[Path, int]]:
        """Yield the plain files of the run but its store, each with its size."""
        own = self._place.name  # which is in the run's folder when the archive is to be
        for folder, names, files in os.walk(self._folder):  # which does not follow links
            here = Path(folder)
            if here == self._folder:
                names[:] = [name for name in names if name != own and (name != WORK or self._with_work)]
            for name in files:
                path = here / name
                if _is_left_out(path.relative_to(self._folder)):
                    continue
                with suppress(FileNotFoundError):
                    status = path.lstat()
                    if stat.S_ISREG(status.st_mode):
                        yield path, status.st_size

    def _copy_store(self) -> Path | None:
        """Return a copy of the run store as it is at this moment; as it stands when it is damaged."""
        path, copied = self._folder / STORE_NAME, self._place / STORE_NAME
        if not path.is_file():
            return None
        try:
            self._back_up(path, copied)
        except sqlite3.Error:
            copied.unlink(missing_ok=True)
            shutil.copyfile(path, copied)
        return copied

    def _back_up(self, path: Path, copied: Path) -> None:
        with (
            closing(sqlite3.connect(f"{self._openable(path).absolute().as_uri()}?mode=rw", uri=True)) as source,
            closing(sqlite3.connect(copied)) as target,
        ):
            source.backup(target)
            if is_running(self._folder):
                told = ("cause", _EXPORTED_LIVE)
                target.execute("INSERT OR REPLACE INTO run (name, value) VALUES (?, ?)", told)
                target.commit()
            target.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _openable(self, path: Path) -> Path:
        """Return a store that SQLite may write beside, as it has to in order to read: the run's own, or a raw copy."""
        if os.access(path.parent, os.W_OK) and os.access(path, os.W_OK):
            return path
        raw = self._place / "raw.sqlite"
        for ending in ("", "-wal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{path}{ending}", f"{raw}{ending}")
        return raw

    def _add(self, archive: zipfile.ZipFile, path: Path, name: str, size: int) -> None:
        """Add the first bytes of a file, as many as it had."""
        try:
            source = path.open("rb")
        except FileNotFoundError:  # removed meanwhile
            return
        with source:
            entry = zipfile.ZipInfo(FOLDER + name, _date(os.fstat(source.fileno()).st_mtime))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            with archive.open(entry, "w", force_zip64=size > 2**31 - _CHUNK) as sink:
                left = size
                while left > 0 and (chunk := source.read(min(left, _CHUNK))):
                    sink.write(chunk)
                    left -= len(chunk)
                    self._done += len(chunk)
                    self._progress(self._done, self._total)


def _is_left_out(place: Path) -> bool:
    """Tell whether a file is the store, which is copied by itself, or half written, or has a name no archive takes."""
    is_store = str(place).startswith(STORE_NAME)
    is_unfinished = place.name.startswith(".") and place.suffix == ".tmp"
    return is_store or is_unfinished or not str(place).isprintable()


def _date(moment: float) -> tuple[int, int, int, int, int, int]:
    """Return a date as archives hold it, which know the years from 1980 to 2107 only."""
    date = datetime.fromtimestamp(min(max(moment, 3.2e8), 4.3e9))
    return date.year, date.month, date.day, date.hour, date.minute, date.second
