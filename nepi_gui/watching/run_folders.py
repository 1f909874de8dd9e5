"""Where the runs of an experiment are, and which of them goes on."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from nepi_core.controller import default_local_dir
from nepi_core.runs.reader import is_running

_LONGEST_NAME = 200  # bytes; most file systems take 255
_MOST_LOOKED_AT = 20  # newest runs of an experiment among which one that goes on is looked for


def local_dir_of(local_dir: str) -> Path:
    """Return the folder for all experiments, given the one that an experiment names, or ""."""
    given = Path(local_dir or default_local_dir())
    with suppress(RuntimeError):  # a "~name" of nobody here is a name like any other
        given = given.expanduser()
    return given.absolute()


def folder_name(exp_id: str, path: Path | None) -> str:
    """Return what the folder of an experiment's runs is called.

    Args:
        exp_id: its name, "" for none.
        path: its file, after which it is called then.
    """
    name = exp_id or (path.stem if path is not None else "untitled")
    fitting = re.sub(r"^[^\w+=,@]+|[^\w+=,@. -]", "_", name)
    return fitting.encode("utf-8", "replace")[:_LONGEST_NAME].decode("utf-8", "ignore") or "untitled"


def find_live(folder: Path) -> Path | None:
    """Return the newest run in an experiment's folder that goes on; None when none of the newest does."""
    try:
        runs = sorted((each for each in folder.iterdir() if each.is_dir()), key=lambda each: each.stat().st_mtime)
    except OSError:
        return None
    return next((run for run in reversed(runs[-_MOST_LOOKED_AT:]) if is_running(run)), None)
