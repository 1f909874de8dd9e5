"""Ending what dead controllers left running on this machine: ``--clean``."""

from __future__ import annotations

import sys
from pathlib import Path

from nepi_core.errors import NepiError
from nepi_core.hosts.leftovers import Leftover, end_leftovers, find_leftovers
from nepi_gui.exit_status import ExitStatus
from nepi_gui.terminal import printable


def clean(local_dir: Path | None = None) -> ExitStatus:
    """End leftovers and tell which they were; FAILED when some could not be ended.

    Args:
        local_dir: only those of runs below this folder; all when it is not given.

    Raises:
        NepiError: there is no such folder.
    """
    if local_dir is not None and not local_dir.is_dir():
        raise NepiError(f"--local-dir: there is no folder {local_dir}.")
    found = [each for each in find_leftovers() if local_dir is None or Path(each.run_folder).is_relative_to(local_dir)]
    if not found:
        sys.stdout.write("Nothing is left of earlier runs.\n")
        return ExitStatus.DONE
    remaining = {each.pid for each in end_leftovers(found)}
    for each in found:
        end = f"still runs; end it with: {each.remedy}" if each.pid in remaining else "ended"
        sys.stdout.write(printable(f"{_words(each)}: {end}\n"))
    ended = len(found) - len(remaining)
    sys.stdout.write(f"{ended} of {len(found)} left process{'' if len(found) == 1 else 'es'} ended.\n")
    return ExitStatus.FAILED if remaining else ExitStatus.DONE


def _words(each: Leftover) -> str:
    command = " ".join(each.command.split())
    command = command if len(command) <= 60 else f"{command[:57]}..."
    run = f", of {each.run_folder}" if each.run_folder else ""
    return f"process {each.pid} ({command}) since {each.started:%Y-%m-%d %H:%M:%S}{run}"
