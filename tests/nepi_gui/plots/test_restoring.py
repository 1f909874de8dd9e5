"""The plots of an experiment, as the series of a run come up one after the other."""

from __future__ import annotations

import pytest

from nepi_core.runs.store import RunStore
from nepi_core.series import Sample, Series
from nepi_gui.plots.series import SeriesKey
from nepi_gui.watching.watched_run import WatchedRun
from tests.nepi_gui.plots.recording import BEGAN
from tests.nepi_gui.plots.test_panel import shown

COUNTER = SeriesKey(5, "counters", "rate")
FIRST, SECOND, THROUGHPUT = (SeriesKey(2, "o", "rtt"), SeriesKey(3, "o", "rtt"), SeriesKey(4, "o", "throughput"))
UNITS = {"rate": "Mbit/s", "rtt": "ms", "throughput": "Mbit/s"}


class Growing:
    """A run whose series come up when they are asked to."""

    def __init__(self, folder, panel):
        self.panel = panel
        self.store = RunStore(folder)
        self.store.facts(exp_id=folder.parent.name, run_id=folder.name, began=BEGAN, outcome="running")
        for guid in (2, 3, 4, 5):
            self.store.resource(guid, "linux::Ping", f"r{guid}")
        self.store.flush()

    def come(self, *keys):
        for key in keys:
            self.store.series(key.guid, key.trace, [Series(key.series, UNITS[key.series])])
            self.store.samples([Sample(BEGAN + 1, key.guid, key.trace, key.series, 5.0)])
        self.store.flush()
        data = self.panel.stack.data
        data._next_look = 0.0
        self.panel.stack.pulled.emit(data.pull())


@pytest.fixture
def begin(window, tmp_path):
    """Return what begins one more run of an experiment in a window."""
    window.show_panel("plots")
    window.docks["plots"].setFloating(True)
    panel = window.docks["plots"].widget()
    made: list[Growing] = []

    def one():
        made.append(Growing(tmp_path / "runs" / "lab" / f"run{len(made)}", panel))
        window.editor.watch(WatchedRun(tmp_path / "runs" / "lab" / f"run{len(made) - 1}"))
        return panel, made[-1]

    yield one
    window.editor.watch(None)
    for each in made:
        each.store.close()


def test_first_plots_grow_with_the_series_that_come_up(begin):
    panel, run = begin()
    assert "no numbers yet" in panel._words.text()
    run.come(COUNTER)
    assert shown(panel) == [["r5 rate"]]
    run.come(SECOND)
    assert shown(panel) == [["r3 rtt"]]  # what was second best has gone
    run.come(FIRST, THROUGHPUT)
    assert shown(panel) == [["r2 rtt", "r3 rtt"], ["r4 throughput"]]


def test_the_next_run_has_the_same_plots_in_the_same_order_and_colours(begin):
    panel, run = begin()
    run.come(FIRST, SECOND, THROUGHPUT, COUNTER)
    panel.plot([COUNTER], panel.stack.plots[1])
    before = shown(panel)
    assert before == [["r2 rtt", "r3 rtt"], ["r4 throughput", "r5 rate"]]
    panel, run = begin()
    run.come(COUNTER)
    run.come(SECOND)
    assert shown(panel) == [["r3 rtt"], ["r5 rate"]]
    assert [curve.number for curve in panel.stack.curves()] == [1, 1]
    run.come(THROUGHPUT, FIRST)
    assert shown(panel) == before
    assert [curve.number for curve in panel.stack.curves()] == [0, 1, 0, 1]


def test_in_whatever_order_series_come_up_a_run_has_the_same_plots(begin):
    more = [SeriesKey(guid, "o", "throughput") for guid in (2, 3, 5)]
    seen = []
    for order in ([FIRST, SECOND, THROUGHPUT, *more], [*reversed(more), THROUGHPUT, SECOND, FIRST], [*more, FIRST]):
        panel, run = begin()
        for key in (*order, *(each for each in (SECOND, THROUGHPUT) if each not in order)):
            run.come(key)
        seen.append([[(curve.name, curve.number) for curve in plot.curves] for plot in panel.stack.plots])
    assert [len(plot) for plot in seen[0]] == [2, 4]
    assert seen[0] == seen[1] == seen[2]


def test_a_plot_that_was_closed_does_not_come_again_with_its_late_series(begin):
    panel, run = begin()
    run.come(FIRST, SECOND, THROUGHPUT, COUNTER)
    panel.plot([COUNTER], anew=True)
    panel, run = begin()
    run.come(FIRST)
    panel.stack.plots[0].closed.emit()
    run.come(SECOND, THROUGHPUT)
    assert shown(panel) == [["r4 throughput"]]


def test_who_chooses_before_there_are_plots_gets_no_others(begin):
    panel, run = begin()
    run.come(COUNTER)
    panel.stack.plots[0].closed.emit()
    run.come(FIRST, THROUGHPUT)
    assert shown(panel) == []


def test_what_is_unfolded_in_the_list_stays_so(begin):
    panel, run = begin()
    run.come(FIRST, THROUGHPUT)
    panel._listing.at_once()
    tree = panel.tree
    tree.list.collapseAll()
    tree.list.expand(tree.list.model().index(1, 0))
    keep = tree._opened()
    tree._open_again(keep)
    many = [panel.stack.data.series[FIRST]] * 50
    tree.show_series([*many, panel.stack.data.series[THROUGHPUT]], panel._icon_of, panel.stack.data.last_value)
    assert tree._opened() == keep == {4}
