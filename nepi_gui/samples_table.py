"""All samples of a run as a table for other programs: ``--samples RUN``."""

from __future__ import annotations

import csv
import sys
from itertools import repeat
from pathlib import Path

from nepi_core.errors import NepiError
from nepi_core.runs.database import FILE_NAME
from nepi_core.runs.reader import RunReader
from nepi_gui.exit_status import ExitStatus
from nepi_gui.terminal import Terminal

HEADER = ("time", "guid", "label", "trace", "series", "unit", "value")


def print_samples(folder: Path, terminal: Terminal) -> int:
    """Print the samples of a run as CSV, series by series, each in the order of recording; return the exit status.

    Args:
        folder: the run's folder; the run may still go on.
        terminal: is told what is damaged or missing.

    Raises:
        NepiError: it is not the folder of a run.
    """
    if not (folder / FILE_NAME).is_file():
        raise NepiError(f"{folder} is not the folder of a run: it has no {FILE_NAME}.")
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(HEADER)
    with RunReader(folder) as reader:
        labels = {each.guid: each.label for each in reader.resources()}
        samples = reader.run_samples()
        for each in reader.series():
            about = (each.guid, labels.get(each.guid, ""), each.trace, each.series, each.unit)
            for piece in samples.series(*about[:1], *about[2:4]).pieces():
                columns = (piece.times.tolist(), *map(repeat, about), piece.values.tolist())
                table.writerows(zip(*columns, strict=False))
        for notice in reader.notices:
            terminal.note(notice)
    return ExitStatus.DONE
