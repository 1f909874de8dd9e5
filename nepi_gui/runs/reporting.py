"""Writes the report of a run in a process of its own, which is started as this module.

In a thread, drawing would hold Python's one lock, and the library that draws keeps files open for each thread.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from nepi_core.errors import RunStoreError

_LONGEST = 300.0  # seconds


def write_report_apart(folder: Path) -> Path:
    """Write the report of a run, and return its path; it takes a second or more.

    Raises:
        RunStoreError: it cannot be written.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", __name__, str(folder)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            start_new_session=True,  # Ctrl-C in the terminal is the window's business
            timeout=_LONGEST,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RunStoreError(f"The report of {folder} could not be written: {error}.") from error
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["its process said nothing"]
        raise RunStoreError(f"The report of {folder} could not be written: {told[-1]}")
    return folder / "report.html"


if __name__ == "__main__":
    from nepi_core.report import write_report

    write_report(Path(sys.argv[1]))
