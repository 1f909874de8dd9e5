"""What the archive of a run looks like: a ZIP file that says first what it is, and holds the run's folder."""

from __future__ import annotations

import json
import re
import stat
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from nepi_core.errors import RunStoreError

SUFFIX = ".nepirun"
MANIFEST = "nepi-run.json"
"""The first entry: ``{"format": "nepi-run", "version": 1, "exp_id": ..., "run_id": ...}``."""

FOLDER = "run/"
"""Where the run's files are in the archive."""

Progress = Callable[[int, int], None]
"""Is told bytes so far and bytes in all, now and then, at last when nothing but the last step is left; what it raises
ends the work, of which nothing stays."""

_FORMAT, _VERSION = "nepi-run", 1
_MOST_MANIFEST = 16 * 1024
_MOST_ENTRIES = 200_000
_LONGEST_NAME = 1024
_NAME = re.compile(r"[\w+=,@][\w+=,@. -]{0,199}")  # what an experiment and a run can be called


def heed_not(done: int, total: int) -> None:
    """Take no note of progress."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself."""

    exp_id: str
    run_id: str

    @classmethod
    def of(cls, exp_id: str, run_id: str) -> Manifest:
        """Return what an archive is to say, with names that folders can have everywhere."""
        return cls(_mended(exp_id), _mended(run_id))

    def encode(self) -> bytes:
        """Return it as it is written."""
        told = {"format": _FORMAT, "version": _VERSION, "exp_id": self.exp_id, "run_id": self.run_id}
        return json.dumps(told, indent=1).encode() + b"\n"


def _mended(name: str) -> str:
    return name if _NAME.fullmatch(name) else "_" + re.sub(r"[^\w+=,@. -]", "_", name)[:199]


def is_archive(path: Path) -> bool:
    """Tell whether a file says that it is the archive of a run, by its name or by its content."""
    if path.suffix.lower() == SUFFIX:
        return True
    try:
        if not path.is_file():  # a pipe would be waited for
            return False
        with path.open("rb") as file:
            head = file.read(30 + len(MANIFEST))
    except (OSError, ValueError):  # ValueError: the name holds a NUL
        return False
    return head.startswith(b"PK\x03\x04") and head.endswith(MANIFEST.encode())


def read_manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    """Return what an archive says of itself.

    Raises:
        RunStoreError: it is no archive of a run, or one of a later version.
    """
    try:
        entry = archive.getinfo(MANIFEST)
        told = json.loads(archive.read(entry)) if entry.file_size <= _MOST_MANIFEST else None
    except (KeyError, ValueError, RecursionError, RuntimeError, NotImplementedError, zipfile.BadZipFile, OSError):
        told = None
    if not isinstance(told, dict) or told.get("format") != _FORMAT:
        raise RunStoreError(f"{path} is no archive of a run: it has no {MANIFEST} that says so.")
    if told.get("version") != _VERSION:
        raise RunStoreError(
            f"{path} is an archive of version {told.get('version')!r}; this program reads version {_VERSION}."
        )
    return Manifest(_folder_name(told, "exp_id", path), _folder_name(told, "run_id", path))


def _folder_name(told: dict[str, Any], what: str, path: Path) -> str:
    name = told.get(what)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise RunStoreError(f"{path}: its {what} cannot be {name!r}, which names no folder.")
    return name


def contents(archive: zipfile.ZipFile, path: Path, most_bytes: int) -> dict[zipfile.ZipInfo, PurePosixPath]:
    """Return the run's files in an archive, each with its place in the run's folder.

    Raises:
        RunStoreError: one of them would not be a plain file in that folder, or they are too many or too large.
    """
    entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES:
        raise RunStoreError(f"{path} has {len(entries):,} entries; at most {_MOST_ENTRIES:,} are taken.")
    found = {each: _place(each, path) for each in entries if each.filename != MANIFEST and not each.is_dir()}
    total = sum(each.file_size for each in found)
    if total > most_bytes:
        raise RunStoreError(f"{path} holds {total:,} bytes; at most {most_bytes:,} are taken here.")
    _refuse_twins(found.values(), path)
    return found


def _place(entry: zipfile.ZipInfo, path: Path) -> PurePosixPath:
    """Return the place of an entry in the run's folder.

    Raises:
        RunStoreError: it is elsewhere, or no plain file.
    """
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise RunStoreError(f"{path}: {entry.filename!r} is no plain file, and only those are taken.")
    if entry.flag_bits & 1:
        raise RunStoreError(f"{path}: {entry.filename!r} is encrypted, and cannot be read.")
    inside = entry.filename.removeprefix(FOLDER)
    parts = inside.split("/")
    is_wrong = any(part in ("", ".", "..") or len(part.encode("utf-8", "replace")) > 255 for part in parts)
    if inside == entry.filename or is_wrong or len(inside) > _LONGEST_NAME or not inside.isprintable():
        raise RunStoreError(f"{path}: {entry.filename[:200]!r} names no file in the folder of a run.")
    return PurePosixPath(*parts)


def _refuse_twins(places: Iterable[PurePosixPath], path: Path) -> None:
    files: set[PurePosixPath] = set()
    folders: set[PurePosixPath] = set()
    for place in places:
        if place in files:
            raise RunStoreError(f"{path} holds {str(place)!r} twice.")
        files.add(place)
        folders.update(place.parents)
    if both := files & folders:
        raise RunStoreError(f"{path} holds {str(min(both))!r} as a file and as a folder.")
