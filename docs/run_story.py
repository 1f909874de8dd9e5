"""The story of the tutorial's second page, step by step in a real window with real runs; for its pictures and its test.

Every step does what a user does: keys, mouse, fields. `make_pictures.py` takes pictures between the steps, and the test
looks at what came of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from nepi_core.states import ResourceState

if TYPE_CHECKING:
    from nepi_gui.panels.runs.comparison_dialog import ComparisonDialog
    from nepi_gui.panels.runs.panel import RunsPanel
    from nepi_gui.watching.watched_run import WatchedRun
    from nepi_gui.window.application import Application
    from nepi_gui.window.main_window import MainWindow

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "bufferbloat.xml"

# What stands in the example, by guid.
LONG_QUEUE, LONG_SERVER, LONG_PING, LONG_LOAD = 7, 11, 12, 13

_PATIENCE = 60.0
_LOADED = 2.5  # seconds after which the load has filled the queue


def _shortened(example: str) -> str:
    """Return the example with less time than a user wants to look at it."""
    for long, short in (('"count" type="integer" value="430"', 80), ('"time" type="integer" value="40"', 6)):
        assert long in example
        example = example.replace(long, f'{long.rpartition("=")[0]}="{short}"')
    return example


class RunStory:
    """Plays the story, one step after the other.

    Args:
        folder: for a copy of the example, which is changed.
    """

    def __init__(self, application: Application, folder: Path) -> None:
        self._loop = QEventLoop()
        path = folder / EXAMPLE.name
        path.write_text(_shortened(EXAMPLE.read_text(encoding="utf-8")), encoding="utf-8")
        self.window: MainWindow = application.open_file(path)
        self.window.resize(1264, 900)
        self.window.activateWindow()
        self.wait(lambda: self.window.isActiveWindow() and self.window.editor.findings.is_current)

    # -- the steps ---------------------------------------------------------------------------------

    def run(self) -> WatchedRun:
        """Press F5, and wait until the load has filled the queues; return the run."""
        before = self.window.editor.run
        QTest.keyClick(self.window, Qt.Key.Key_F5)
        self.wait(lambda: self.window.editor.run is not before)
        self.wait(lambda: self.present.state(LONG_LOAD) is ResourceState.STARTED)
        self.pause(_LOADED)
        return self.present

    def plot(self) -> None:
        """Drag the ping behind the long queue, and its server, from the canvas onto the plots."""
        self.window.show_panel("plots")
        self.pause(0.5)
        for guid, series in ((LONG_PING, "rtt"), (LONG_SERVER, "throughput")):
            self._drag_onto_plots(guid)
            menu = self.window.findChild(QMenu, "plots.choose")
            if menu is not None:  # it has more than one series
                next(each for each in menu.actions() if series in each.text()).trigger()
                menu.close()

    def change_queue(self, packets: int = 20) -> float:
        """Select the long queue, type another length, and return when that was done."""
        self.window.editor.selection.set([LONG_QUEUE])
        self.window.show_panel("attributes")
        field = self._field("queue")
        field.setFocus()
        QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(field, str(packets))
        changed = time.time()
        QTest.keyClick(field, Qt.Key.Key_Return)
        return changed

    def wait_for_the_end(self) -> WatchedRun:
        """Wait until the run is over, and its report is written."""
        run = self.present
        self.wait(lambda: not run.is_live)
        self.wait(lambda: run.report is not None)
        self.pause(0.5)
        return run

    def compare(self) -> ComparisonDialog:
        """Choose all runs in their panel, and compare them in a table."""
        from nepi_gui.window.run_comparing import RunComparingFeature

        panel = self._runs
        self.window.show_panel("runs")
        self.wait(lambda: panel.model.rowCount() == 2)
        panel.table.selectAll()
        dialog = RunComparingFeature.of(self.window).compare()
        assert dialog is not None
        self.pause(1.5)
        return dialog

    def overlay(self) -> None:
        """Show the round-trip times of both runs over each other, in a plot of their own."""
        from nepi_gui.plots.series import SeriesKey
        from nepi_gui.window.run_comparing import RunComparingFeature

        folders = [run.folder for run in self._runs.chosen()]
        RunComparingFeature.of(self.window).plot(folders, [SeriesKey(LONG_PING, "stdout", "rtt")], False)
        self.pause(1.0)

    # -- how ---------------------------------------------------------------------------------------

    @property
    def present(self) -> WatchedRun:
        """The run that is watched."""
        run = self.window.editor.run
        assert run is not None
        return run

    @property
    def _runs(self) -> RunsPanel:
        from nepi_gui.panels.runs.panel import RunsPanel

        panel = self.window.docks["runs"].widget()
        assert isinstance(panel, RunsPanel)
        return panel

    def wait(self, is_so: Callable[[], bool]) -> None:
        """Let the window live until something is so."""
        until = time.monotonic() + _PATIENCE
        while not is_so():
            assert time.monotonic() < until, "it did not come"
            self._live()

    def pause(self, seconds: float) -> None:
        """Let the window live for a while."""
        until = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > until)

    def _live(self) -> None:
        QTimer.singleShot(10, self._loop, self._loop.quit)
        self._loop.exec()  # unlike QTest's waits, it lets other threads have their turn

    def _field(self, attribute: str) -> QWidget:
        from nepi_gui.panels.attributes import AttributesPanel

        panel = self.window.docks["attributes"].widget()
        assert isinstance(panel, AttributesPanel)
        assert panel.focus_attribute(attribute)
        form = panel.resources.form
        row = form.row(attribute) if form is not None else None
        assert row is not None
        field: QWidget = row.field
        return field

    def _drag_onto_plots(self, guid: int) -> None:
        """Drag a resource with the mouse: press, some places between, release."""
        view = self.window.view
        start = view.mapFromScene(self.window.scene.centre(guid))
        plots = self.window.docks["plots"].widget()
        place = plots.mapToGlobal(QPoint(plots.width() * 2 // 3, plots.height() - 12))
        end = view.viewport().mapFromGlobal(place)
        self._mouse(QEvent.Type.MouseButtonPress, start)
        for step in range(1, 9):
            self._mouse(QEvent.Type.MouseMove, start + (end - start) * (step / 8))
        self._mouse(QEvent.Type.MouseButtonRelease, end)
        self.pause(0.2)

    def _mouse(self, kind: QEvent.Type, place: QPoint) -> None:
        viewport = self.window.view.viewport()
        held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
        button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
        at, whole = QPointF(place), QPointF(viewport.mapToGlobal(place))
        event = QMouseEvent(kind, at, whole, button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(viewport, event)
        self._live()
