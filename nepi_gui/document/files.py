"""Files of experiments: read and written for the window, and told apart when another program has changed them."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from nepi_core.description import Condition, ExperimentDescription, ResourceDescription
from nepi_core.errors import FormatError
from nepi_core.xml_format import MAX_BYTES, read_xml_text, write_xml
from nepi_core.xml_format.document import read_bytes
from nepi_gui.document.document import Document
from nepi_gui.document.edit import PARTS, Edit, part
from nepi_gui.document.layouts import place_unplaced
from nepi_gui.document.sentences import sentence

SUFFIX = ".xml"

_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class FileState:
    """What a file was like at a moment: enough to tell whether it is still the same."""

    changed: int
    size: int
    digest: str

    @classmethod
    def of(cls, path: Path) -> FileState | None:
        """Return the present state of a file; None when it is gone, no file any more, or cannot be read."""
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
                return None  # a pipe in its place could block for ever
            return cls(status.st_mtime_ns, status.st_size, hashlib.sha256(path.read_bytes()).hexdigest())
        except (OSError, ValueError):  # ValueError: the name holds a NUL
            return None

    def looks_like(self, path: Path) -> bool:
        """Tell, without reading it, whether a file is surely still the same."""
        try:
            status = path.stat()
        except OSError:
            return False
        return (status.st_mtime_ns, status.st_size) == (self.changed, self.size)


def same_file(path: Path, other: Path | None) -> bool:
    """Tell whether two paths lead to the same file, which need not exist."""
    return other is not None and os.path.realpath(path) == os.path.realpath(other)


# -- reading ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file may mean: by dialect when the file does not say which NEPI wrote it, and it makes a difference.

    Attributes:
        meanings: the experiment by dialect; "" when there is one meaning only.
    """

    meanings: Mapping[str, ExperimentDescription]

    @property
    def is_certain(self) -> bool:
        """Whether nobody needs to be asked."""
        return len(self.meanings) == 1

    @property
    def likely(self) -> ExperimentDescription:
        """The experiment, as it is read when nobody is asked: as a file of NEPI 3."""
        return next(iter(self.meanings.values()))

    def conditions(self) -> list[tuple[str, ...]]:
        """Return all conditions in words, each in all meanings."""
        return list(zip(*(_condition_words(each) for each in self.meanings.values()), strict=True))


def read(path: Path, dialect: str | None = None) -> Reading:
    """Read a file; what has no place on the canvas gets one.

    Args:
        dialect: ``nepi3`` or ``nepi6`` when somebody has said which it is.

    Raises:
        FormatError: it cannot be read or is wrong; the message tells its faults with their lines.
    """
    reading = _read(read_bytes(path), path, dialect)
    for description in reading.meanings.values():
        place_unplaced(description)
    return reading


def _read(data: bytes, path: Path, dialect: str | None) -> Reading:
    likely = read_xml_text(data, str(path), dialect)
    if dialect or likely.marked or not any(each.conditions for each in likely.resources.values()):
        return Reading({"": likely})
    meanings = dict(_meanings(data, path))
    if len({str(_conditions(each)) for each in meanings.values()}) == 1:
        return Reading({"": likely})
    return Reading(meanings)


def _meanings(data: bytes, path: Path) -> Iterator[tuple[str, ExperimentDescription]]:
    for dialect in ("nepi3", "nepi6"):
        try:
            yield dialect, read_xml_text(data, str(path), dialect)
        except FormatError:  # its numbers are none of this dialect, which answers the question
            continue


def _conditions(description: ExperimentDescription) -> list[list[Condition]]:
    return [resource.conditions for resource in description.resources.values()]


def _condition_words(description: ExperimentDescription) -> Iterator[str]:
    for guid, resource in description.resources.items():
        for number in range(len(resource.conditions)):
            yield sentence(description, (guid, number))


# -- writing ------------------------------------------------------------------------------------------------


def save(document: Document, path: Path) -> None:
    """Write the document to a file, which is its own from now on.

    An experiment that has no name of its own takes the file's, which goes with the last step in the undo history.

    Raises:
        FormatError: it cannot be written; the file, and the document, are as they were.
    """
    description, name = document.freeze(), _name_in(document, path)
    write_xml(replace(description, exp_id=name), path)
    document.complete("exp_id", name)
    document.history.set_clean()
    document.set_path(path)


def save_copy(document: Document, path: Path) -> None:
    """Write the document as it is to another file, and leave it where it belongs.

    Raises:
        FormatError: it cannot be written.
    """
    write_xml(replace(document.freeze(), exp_id=_name_in(document, path)), path)


def _name_in(document: Document, path: Path) -> str:
    """Return what an experiment is called in a file: what its author has called it, or else as the file.

    Two experiments of one name would have their runs in one folder.
    """
    name, before = document.description.exp_id, document.path
    is_given = bool(name) and (before is None or same_file(path, before) or name != name_from(before))
    return name if is_given else name_from(path)


def name_from(path: Path) -> str:
    """Return a name for an experiment, which can be one of a folder, from that of a file."""
    return _NO_NAME.sub("-", path.stem).strip("-.") or "experiment"


# -- another state of the same experiment ----------------------------------------------------------------------


def put_in_place(document: Document, other: ExperimentDescription, text: str) -> None:
    """Make the document the same as another state of its experiment, in one step that can be undone.

    It was saved like that once, so a lab has no say in it.

    Args:
        text: what the undo history calls the step.
    """
    with _without_lab(document), document.edit(text) as edit:
        present, wanted = edit.description.resources, other.resources
        gone = present.keys() - wanted.keys()
        for guid, resource in wanted.items():
            if guid not in present:
                edit.add(resource.copy())
            elif present[guid] != resource:
                _replace(edit, resource)
        _drop(edit, gone)
        for name in PARTS:
            if part(edit.description, name) != part(other, name):
                edit.set_part(name, part(other, name))


@contextmanager
def _without_lab(document: Document) -> Iterator[None]:
    heeded, document.heeds_lab = document.heeds_lab, False
    try:
        yield
    finally:
        document.heeds_lab = heeded


def _replace(edit: Edit, resource: ResourceDescription) -> None:
    edit.resource(resource.guid)  # notes what was there
    edit.add(resource.copy())


def _drop(edit: Edit, guids: set[int]) -> None:
    """Remove resources that nothing names any more."""
    for guid in guids:
        edit.resource(guid)
        del edit.description.resources[guid]
