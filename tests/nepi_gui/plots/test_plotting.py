"""From the canvas onto the plots, and a run that goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from nepi_core.description import ResourceDescription
from nepi_core.xml_format import read_xml
from nepi_gui.document.traces import measures
from nepi_gui.plots.series import SeriesKey
from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window.plotting import PlottingFeature
from tests.nepi_gui.plots.recording import recorded
from tests.nepi_gui.plots.test_panel import shown
from tests.nepi_gui.runs_of_ours import described

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


@pytest.fixture
def lab(application, tmp_path):
    """Return a window with the resources of a run, which it watches."""
    experiment = described()
    resources = experiment.description.resources
    resources[4] = ResourceDescription(4, "linux::Iperf3Client", {}, {1})
    resources[1].connections.add(4)
    window = application.open_file(Path(experiment.write(tmp_path)))
    window.resize(1200, 900)
    window.show_panel("plots")
    window.editor.watch(WatchedRun(recorded(tmp_path / "runs" / "watched" / "run1")))
    return window


def panel_of(window):
    return PlottingFeature.of(window).panel


def drag(window, guid: int, to: QPoint) -> None:
    """Drag a resource of the canvas to a point of the screen."""
    view = window.view
    start = view.mapFromScene(window.scene.centre(guid))
    end = view.viewport().mapFromGlobal(to)
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 5):
        QTest.mouseMove(view.viewport(), start + (end - start) * step / 4)
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=end)


def chooser(window):
    return next(menu for menu in window.findChildren(object) if menu.objectName() == "plots.choose")


def test_a_node_that_is_dragged_onto_a_plot_offers_the_series_of_what_hangs_there(lab):
    panel = panel_of(lab)
    place = lab.scene.centre(1)
    plot = panel.stack.plots[0]
    drag(lab, 1, plot.mapToGlobal(plot.rect().center()))
    assert lab.scene.centre(1) == place
    assert not lab.editor.document.is_modified
    actions = {action.text(): action for action in chooser(lab).actions()}
    assert "rtt (ms) of all 2" in actions
    before = [len(names) for names in shown(panel)]
    assert actions["bulk throughput (Mbit/s)"].isEnabled()
    actions["bulk throughput (Mbit/s)"].trigger()
    assert [len(names) for names in shown(panel)] == [before[0] + 1, *before[1:]]
    chooser(lab).close()


def test_the_canvas_stays_where_it_is_while_a_node_is_dragged_onto_the_plots(lab, qtbot):
    view, panel = lab.view, panel_of(lab)
    before = view.shown().center()
    start = view.mapFromScene(lab.scene.centre(1))
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    for edge in (start + QPoint(30, 0), QPoint(start.x(), view.viewport().height() - 2)):
        QTest.mouseMove(view.viewport(), edge)
    qtbot.waitUntil(lambda: (view.shown().center() - before).manhattanLength() > 50)  # lingers at the edge
    end = view.viewport().mapFromGlobal(panel.stack.plots[0].mapToGlobal(panel.stack.plots[0].rect().center()))
    QTest.mouseMove(view.viewport(), end)
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=end)
    assert (view.shown().center() - before).manhattanLength() < 3
    chooser(lab).close()


def test_the_keyboard_plots_what_is_selected(lab):
    lab.editor.selection.set([2])
    lab.commands.refresh()
    lab.commands["plots.selection"].trigger()
    texts = [action.text() for action in chooser(lab).actions()]
    assert texts == ["ping rtt (ms)", "ping loss (%)"]
    chooser(lab).close()


def test_what_has_no_numbers_is_told(lab):
    with lab.editor.document.edit("Add") as edit:
        edit.add(ResourceDescription(77, "linux::Node"))
    assert PlottingFeature.of(lab).choose([77], QPoint()) is None
    assert "has no numbers in this run" in lab.statusBar().currentMessage()


def test_a_drag_that_ends_on_the_canvas_moves_as_ever(lab):
    view = lab.view
    place = lab.scene.centre(1)
    drag(lab, 1, view.viewport().mapToGlobal(view.mapFromScene(place) + QPoint(60, 0)))
    assert lab.scene.centre(1) != place


# -- a run that goes on ------------------------------------------------------------------------------------------------


def test_a_run_that_goes_on_is_plotted_as_it_goes(qtbot, window, live_run):
    window.show_panel("plots")
    window.editor.watch(WatchedRun(live_run.folder))
    panel = panel_of(window)
    rtt = SeriesKey(2, "stdout", "rtt")
    qtbot.waitUntil(lambda: bool(panel.stack.plots), timeout=20_000)
    assert shown(panel)[0][0] == "endless rtt"
    curve = panel.stack.plots[0].curves[0]
    shapes = panel.stack.plots[0].view.field.picture

    def samples() -> int:
        return len(shapes.shapes[0].x) if shapes.shapes else 0

    qtbot.waitUntil(lambda: samples() > 3, timeout=20_000)
    before = samples()
    qtbot.waitUntil(lambda: samples() > before, timeout=20_000)
    panel.stack.time.pause(True)
    assert not window.editor.run.range.is_following
    panel.stack.time.pause(False)
    window.editor.run.set(2, "interval", 0.1)
    with qtbot.waitSignal(window.editor.run.ended, timeout=20_000):
        window.editor.run.end()
    assert not panel.stack.time.is_live
    panel.stack.draw_plots()
    times, _ = panel.stack.data.source.columns(rtt, 0, 1e12)
    begin, end = panel.stack.time.whole()
    assert len(curve.data.seen(begin, end, 100_000).times) == len(times)


def test_what_is_set_live_is_marked(qtbot, window, live_run):
    window.show_panel("plots")
    window.editor.watch(WatchedRun(live_run.folder))
    stack = panel_of(window).ready()
    run = window.editor.run
    qtbot.waitUntil(lambda: bool(run.description.resources), timeout=20_000)
    stack._on_values([])  # of nobody: it is left alone
    with qtbot.waitSignal(run.values_set, timeout=20_000):
        run.values_set.emit([(2, "interval", 0.5)])
    assert [mark.text for mark in stack.marks] == ["endless: interval = 0.5"]
    run.end()
    qtbot.waitUntil(lambda: not run.is_live, timeout=20_000)


def test_plots_come_forward_with_the_first_run_only(qtbot, window, live_run):
    def is_in_front() -> bool:
        return panel_of(window).isVisible()

    window.show_panel("log")
    window.editor.watch(WatchedRun(live_run.folder))
    qtbot.waitUntil(is_in_front, timeout=20_000)
    window.show_panel("log")
    qtbot.waitUntil(lambda: not is_in_front(), timeout=20_000)
    window.editor.watch(WatchedRun(live_run.folder))
    assert not is_in_front()
    window.editor.run.end()
    qtbot.waitUntil(lambda: not window.editor.run.is_live, timeout=20_000)


def test_plots_that_were_closed_stay_so_when_a_run_begins(qtbot, window, live_run):
    window.docks["plots"].close()
    window.editor.watch(WatchedRun(live_run.folder))
    assert window.docks["plots"].isHidden()
    window.editor.run.end()
    qtbot.waitUntil(lambda: not window.editor.run.is_live, timeout=20_000)


@pytest.mark.parametrize(
    ("name", "numbers"), [("bufferbloat.xml", True), ("labs/routing.xml", False), ("two-hosts.xml", True)]
)
def test_whether_an_experiment_measures_anything(name, numbers):
    assert measures(read_xml(EXAMPLES / name)) is numbers
