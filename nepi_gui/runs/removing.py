"""Removing a run from the disk: one run, and nothing but that."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from nepi_core.errors import RunStoreError
from nepi_core.runs.reader import is_running
from nepi_gui.runs.listing import is_run


def remove_run(folder: Path, experiment: Path) -> None:
    """Remove a run with all its files. Links in it are removed, not followed.

    Args:
        folder: of the run.
        experiment: folder of the experiment, in which that of the run has to stand.

    Raises:
        RunStoreError: it goes on, is no run, or stands elsewhere, and nothing was removed; or some of it could not be
            removed, and the message says where the rest is.
    """
    _refuse(folder, experiment)
    # Out of the list first: a run is there or is not, however long it takes.
    going = experiment / f".removed-{secrets.token_hex(6)}"
    try:
        folder.rename(going)
    except OSError as error:
        raise RunStoreError(f"The run {folder} cannot be removed: {error.strerror}.") from error
    try:
        shutil.rmtree(going)
    except OSError as error:
        raise RunStoreError(f"Some of the run {folder.name} is left in {going}: {error.strerror}.") from error


def _refuse(folder: Path, experiment: Path) -> None:
    if folder.is_symlink() or not folder.is_dir():
        raise RunStoreError(f"{folder} is no folder of a run, so it is not removed.")
    if folder.resolve().parent != experiment.resolve():
        raise RunStoreError(f"{folder} does not stand in the experiment's folder {experiment}, so it is not removed.")
    if is_running(folder):
        raise RunStoreError(f"The run {folder.name} goes on; end it before you remove it.")
    if not is_run(folder):
        raise RunStoreError(f"{folder} does not hold a run, so it is not removed.")
