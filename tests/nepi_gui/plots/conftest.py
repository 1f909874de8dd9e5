"""What tests of plots share."""

from __future__ import annotations

from pathlib import Path

import pytest

from nepi_gui.plots.panel import PlotsPanel
from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window.main_window import MainWindow
from tests.nepi_gui.plots.recording import recorded
from tests.nepi_gui.watching.conftest import live_run

__all__ = ["live_run"]


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """Return the folder of a run that is over."""
    return recorded(tmp_path / "runs" / "lab" / "run1")


@pytest.fixture
def panel(qtbot, window: MainWindow, run_folder: Path) -> PlotsPanel:
    """Return the plots of a window that watches the run."""
    window.show_panel("plots")
    window.docks["plots"].setFloating(True)
    window.docks["plots"].resize(900, 600)
    window.editor.watch(WatchedRun(run_folder))
    panel = window.docks["plots"].widget()
    assert isinstance(panel, PlotsPanel)
    assert panel.stack is not None
    panel.stack.draw_plots()
    return panel
