"""Runs of a window that end soon: their reports take longer than all else in a test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from nepi_core.description import ExperimentDescription
from nepi_gui.watching.run_start import RunStart


class BriefRunStart(RunStart):
    """Starts a run that writes no report."""

    def __init__(
        self,
        description: ExperimentDescription,
        local_dir: Path,
        exp_id: str,
        source: Path | None,
        options: Sequence[str],
        parent: QObject,
    ) -> None:
        super().__init__(description, local_dir, exp_id, source, [*options, "--no-report"], parent)
