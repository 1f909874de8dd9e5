"""Runs as single files on the command line: ``--export-run`` and ``--import-run``."""

from __future__ import annotations

import sys
from pathlib import Path

from nepi_gui.exit_status import ExitStatus
from nepi_gui.runs.exporting import archive_name, export_run
from nepi_gui.runs.importing import import_run
from nepi_gui.terminal import printable


def export(run: str, output: str | None, with_work: bool) -> ExitStatus:
    """Write a run into an archive, and print where.

    Args:
        run: its folder.
        output: the file, or a folder for it; one in the present folder when it is not given.
        with_work: also what its programs left where they ran.

    Raises:
        NepiError: there is no run in that folder, or the archive cannot be written.
    """
    folder = Path(run).absolute()
    path = Path(output or ".")
    path = path / archive_name(folder) if path.is_dir() else path
    export_run(folder, path, with_work=with_work)
    sys.stdout.write(printable(f"{path}\n"))
    return ExitStatus.DONE


def take_in(archive: str, local_dir: str | None) -> ExitStatus:
    """Take in the run of an archive, and print its folder.

    Args:
        archive: the file.
        local_dir: folder for all experiments, when it is not the usual one.

    Raises:
        NepiError: it is no such archive, or it cannot be put there.
    """
    from nepi_core.controller import default_local_dir

    folder = import_run(Path(archive), Path(local_dir or default_local_dir()).expanduser().absolute())
    sys.stdout.write(printable(f"{folder}\n"))
    return ExitStatus.DONE
