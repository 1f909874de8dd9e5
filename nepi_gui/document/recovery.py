"""What a window that ended unexpectedly has left: autosaves, whose they are, and what is in them."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import platformdirs

from nepi_core.description import ExperimentDescription
from nepi_core.errors import FormatError
from nepi_core.xml_format import read_xml_text
from nepi_core.xml_format.document import read_bytes
from nepi_gui.document.files import FileState
from nepi_gui.paths import is_file

ENDING = ".nepi-autosave"

_OPENING, _CLOSING = b"<!-- nepi-gui autosave ", b" -->"
_MOST_BESIDE = 9  # autosaves of one file; more than one there is only while nobody decides about the first
_MOST_APART = 99
_LONGEST_NAME = 255  # bytes, of all file systems that Linux has


@dataclass(frozen=True, slots=True)
class Writer:
    """A process that keeps an autosave, told from all that will ever have its number.

    Attributes:
        machine, boot: the machine, and its start since when the numbers of processes count.
        started: when the process has started, in the kernel's own count.
    """

    machine: str
    boot: str
    pid: int
    started: str

    @classmethod
    def present(cls) -> Writer:
        """Return this process."""
        return cls(_machine(), _boot(), os.getpid(), _started(os.getpid()))

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is on another machine, about which nothing can be known."""
        return self.machine != _machine()

    @property
    def is_gone(self) -> bool:
        """Whether it has surely ended."""
        return not self.is_elsewhere and (self.boot != _boot() or _started(self.pid) != self.started)


@cache
def _machine() -> str:
    return _text_of("/etc/machine-id") or platform.node()


@cache
def _boot() -> str:
    return _text_of("/proc/sys/kernel/random/boot_id")


def _text_of(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _started(pid: int) -> str:
    """Return when a process has started; "" when there is none."""
    # The name of the program, in brackets, may hold anything; the 22nd value is the 20th behind it.
    behind = _text_of(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return behind[19] if len(behind) > 19 and behind[0] not in "ZX" else ""


@dataclass(frozen=True, slots=True)
class Head:
    """What an autosave says of itself.

    Attributes:
        file: the experiment's own file; "" when it has none.
        digest: of that file's content when it was opened or saved last; "" when there is none.
        written: when, in ISO 8601.
        steps: how many steps it has more than the file; 0 when that is not known.
    """

    file: str
    digest: str
    written: str
    steps: int
    writer: Writer

    @property
    def time(self) -> str:
        """When it was written, for people: the time of today, or else the day, too."""
        date = datetime.fromisoformat(self.written)
        return f"{date:%H:%M}" if date.date() == datetime.now().date() else f"{date:%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class Autosaved:
    """An autosave that was found."""

    path: Path
    head: Head

    @property
    def file(self) -> Path | None:
        """The experiment's own file."""
        return Path(self.head.file) if self.head.file else None

    def is_based_on(self, file: Path) -> bool:
        """Tell whether a file is still what it was when this was begun."""
        state = FileState.of(file)
        return state is not None and state.digest == self.head.digest

    def read(self) -> ExperimentDescription:
        """Return the experiment.

        Raises:
            FormatError: it is damaged.
        """
        return read_xml_text(read_bytes(self.path), str(self.path))

    def discard(self) -> None:
        """Remove it.

        Raises:
            OSError: it cannot be removed.
        """
        self.path.unlink(missing_ok=True)


# -- format -----------------------------------------------------------------------------------------------------


def with_head(xml: bytes, head: Head) -> bytes:
    """Return the text of an autosave: the XML of the experiment, and a comment about whose it is."""
    said = json.dumps(asdict(head)).replace("--", "-\\u002d").encode()  # a comment must not hold two dashes
    declaration, _, rest = xml.partition(b"\n")
    return declaration + b"\n" + _OPENING + said + _CLOSING + b"\n" + rest


def head_of(path: Path) -> Head:
    """Return what an autosave says of itself.

    Raises:
        FormatError: it is none, or damaged.
    """
    try:
        with path.open("rb") as file:
            lines = file.readline(1000), file.readline(100_000)
        said = json.loads(lines[1].strip().removeprefix(_OPENING).removesuffix(_CLOSING))
        head = Head(**{**said, "writer": Writer(**said["writer"])})
        datetime.fromisoformat(head.written)
        if not (isinstance(head.file, str) and isinstance(head.steps, int) and isinstance(head.writer.pid, int)):
            raise TypeError
    except OSError as error:
        raise FormatError(str(path), 0, f"cannot be read: {error.strerror or error}.") from error
    except (ValueError, TypeError, KeyError):
        raise FormatError(str(path), 2, "is no autosave, or a damaged one.") from None
    return head


# -- places -----------------------------------------------------------------------------------------------------


def state_folder() -> Path:
    """Return the folder for autosaves that cannot be beside a file."""
    return Path(platformdirs.user_state_path("nepi-gui")) / "autosave"


def places(file: Path | None) -> Iterator[Path]:
    """Yield where the autosaves of a file may be, the best place first; those of no file for None."""
    if file is not None:
        real = Path(os.path.realpath(file))
        beside = (real.with_name(f".{real.name}{number}{ENDING}") for number in _numbers(_MOST_BESIDE))
        yield from (path for path in beside if len(os.fsencode(path.name)) <= _LONGEST_NAME)
    name = "untitled" if file is None else _digest_of_path(file)
    yield from (state_folder() / f"{name}{number}{ENDING}" for number in _numbers(_MOST_APART))


def _numbers(most: int) -> Iterator[str]:
    yield ""
    yield from (f".{number}" for number in range(2, most + 1))


def _digest_of_path(file: Path) -> str:
    return hashlib.sha256(os.path.realpath(file).encode(errors="surrogateescape")).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a file.

    Attributes:
        orphans: autosaves that nobody keeps any more, the newest first.
        open_elsewhere: autosaves of other windows that may still be open.
        damaged: what is wrong with others.
    """

    orphans: tuple[Autosaved, ...] = ()
    open_elsewhere: tuple[Autosaved, ...] = ()
    damaged: tuple[FormatError, ...] = ()


def find(file: Path | None) -> Found:
    """Look for autosaves of a file, or of experiments that have none."""
    orphans, elsewhere, damaged = [], [], []
    for path in places(file):
        if not is_file(path):
            continue
        try:
            found = Autosaved(path, head_of(path))
        except FormatError as error:
            damaged.append(error)
            continue
        if found.head.writer.is_gone:
            orphans.append(found)
        elif found.head.writer != Writer.present():
            elsewhere.append(found)
    orphans.sort(key=lambda each: each.head.written, reverse=True)
    return Found(tuple(orphans), tuple(elsewhere), tuple(damaged))
