"""The tutorial's second page: run, plot, change the queue while it runs, compare two runs, the report."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy
import pytest

from nepi_core.runs.reader import RunReader
from tests.end_to_end.test_examples import need_namespaces

STORY = runpy.run_path(str(Path(__file__).resolve().parents[2] / "docs/run_story.py"))

pytestmark = pytest.mark.timeout(180)


def _rtt(folder, begin, end):
    """Return the round-trip times of the ping behind the long queue in a part of a run."""
    with RunReader(folder) as reader:
        times, values = map(numpy.array, reader.samples(STORY["LONG_PING"], "stdout", "rtt"))
    return values[(times >= begin) & (times < end)]


def test_bufferbloat_is_seen_changed_and_compared(application, tmp_path):
    need_namespaces()
    story = STORY["RunStory"](application, tmp_path)
    story.run()
    story.window.show_panel("plots")
    story.wait(lambda: story.window.docks["plots"].widget().stack is not None)
    stack = story.window.docks["plots"].widget().stack
    story.wait(lambda: stack.plots)
    for plot in list(stack.plots):  # those that came by themselves, so that what is there afterwards was dragged
        plot.closed.emit()
    story.plot()
    plotted = " ".join(curve.name for plot in stack.plots for curve in plot.curves)
    assert "long ping rtt" in plotted
    assert "long server throughput" in plotted
    changed = story.change_queue()
    first = story.wait_for_the_end()
    assert first.outcome == "done"
    before, after = _rtt(first.folder, changed - 1.5, changed), _rtt(first.folder, changed + 1, changed + 3)
    assert numpy.median(before) > 2 * numpy.median(after)

    story.run()
    second = story.wait_for_the_end()
    assert second.folder != first.folder
    assert numpy.median(_rtt(second.folder, *second.span)) < 2 * numpy.median(after)
    dialog = story.compare()
    runs = story.window.docks["runs"].widget()
    shown = " ".join(runs.model.index(row, 3).data() for row in range(runs.model.rowCount()))
    assert "queue 200 \N{RIGHTWARDS ARROW} 20" in shown
    dialog.close()
    plots = len(stack.plots)
    story.overlay()
    assert len(stack.plots) >= plots
    assert second.report is not None
    assert "bufferbloat" in second.report.read_text()
