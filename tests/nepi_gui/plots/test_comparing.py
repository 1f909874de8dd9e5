"""Series of several runs on one plot."""

from __future__ import annotations

import csv
import io

from nepi_gui.plots.saving import numbers
from tests.nepi_gui.plots.recording import RATE, RTT, recorded
from tests.nepi_gui.plots.test_panel import shown


def test_other_runs_lie_over_each_other_on_a_plot_of_their_own(panel, run_folder, tmp_path):
    before = shown(panel)
    other = recorded(tmp_path / "runs" / "lab" / "run2", factor=2.0)
    for key in (RTT, RATE):
        for folder in (run_folder, other):
            assert panel.overlay(folder, key)
    assert not panel.overlay(other, RTT._replace(series="none"))
    compared = [["ping rtt (run1)", "ping rtt (run2)"], ["bulk throughput (run1)", "bulk throughput (run2)"]]
    assert shown(panel) == [*before, *compared]
    plot = panel.stack.plots[2]
    panel.stack.time.look_at(10.5)
    panel.stack.refresh()
    panel.stack.draw_plots()
    assert [plot.legend.curves.index(row, 1).data() for row in (0, 1)] == ["10 ms", "20 ms"]
    rows = csv.DictReader(io.StringIO(numbers(panel.stack, [plot]).decode()))
    assert {row["run"] for row in rows} == {"run1", "run2"}
    for each in panel.stack.plots[2:]:
        each.remove(each.curves)
    assert not panel.stack._others
    assert shown(panel) == before


def test_the_mean_of_several_runs_has_a_band(panel, tmp_path):
    folders = [recorded(tmp_path / "runs" / "lab" / f"more{number}", factor=number) for number in (1, 2, 3)]
    assert panel.overlay(folders[0], RTT)
    assert panel.overlay_mean(folders, RTT)
    curve = panel.stack.plots[2].curves[1]
    assert curve.name == "ping rtt, mean of 3 runs"
    panel.stack.time.show(0, 60)
    panel.stack.draw_plots()
    low, high = curve.at(30.0)
    assert low < 60 < high
    assert not panel.overlay_mean([tmp_path], RTT)


def test_the_legend_of_a_low_plot_has_two_rows_and_can_be_scrolled(qtbot, panel, run_folder, window):
    for number in range(5):
        panel.overlay(run_folder, RTT, f"2026-11-21 13:42:0{number}")
    window.docks["plots"].resize(690, 300)
    plot = panel.stack.plots[2]
    plot.head.fit_legend()
    legend = plot.legend
    row = legend.sizeHintForIndex(legend.curves.index(0, 0)).height()
    assert legend.height() >= 2 * row
    qtbot.waitUntil(lambda: legend.verticalScrollBar().maximum() > 0)


def test_an_axis_tells_what_all_of_its_curves_are(panel):
    first = panel.stack.plots[0]
    assert first.view.sides[0].labelText == "rtt, ms"
    panel.plot([RATE], first)
    assert first.view.sides[1].labelText == "throughput, Mbit/s"
