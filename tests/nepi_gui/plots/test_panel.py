"""Plots in a window: choosing, seeing, the cursor, files."""

from __future__ import annotations

import csv
import io
import math

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QDropEvent, QImage, QPainter
from PySide6.QtTest import QTest

from nepi_gui.appearance import DARK, LIGHT
from nepi_gui.plots.colours import curve_colour
from nepi_gui.plots.contents import Kind
from nepi_gui.plots.dragging import MIME, dragged_series, series_drag
from nepi_gui.plots.field import Mark
from nepi_gui.plots.panel import PlotsPanel
from nepi_gui.plots.plot import Plot
from nepi_gui.plots.saving import numbers, picture
from nepi_gui.plots.shapes import Scale
from nepi_gui.watching.watched_run import WatchedRun
from tests.nepi_gui.plots.recording import BEGAN, LOSS, QUEUE, RATE, RTT, SLOW_RATE, recorded


def shown(panel: PlotsPanel) -> list[list[str]]:
    assert panel.stack is not None
    return [[curve.name for curve in plot.curves] for plot in panel.stack.plots]


def drop(target, keys) -> None:
    data = series_drag(keys)
    event = QDropEvent(
        QPointF(10, 10), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    target.dropEvent(event)


def test_without_a_run_it_says_what_to_do_and_loads_nothing(window):
    window.show_panel("plots")
    panel = window.docks["plots"].widget()
    assert panel.stack is None
    assert "Press Run" in panel._words.text()
    panel.plot([RTT])
    assert "No run is watched" in window.statusBar().currentMessage()


def test_at_first_it_plots_what_most_people_want_to_see(panel):
    assert shown(panel) == [["ping rtt", "other ping rtt"], ["bulk throughput"]]


def test_series_of_one_unit_share_a_plot_and_of_kinds_of_a_unit_too(panel):
    panel.plot([SLOW_RATE])
    assert shown(panel)[1:] == [["bulk throughput"], ["bulk slow"]]
    panel.plot([SLOW_RATE], panel.stack.plots[1])
    slow = panel.stack.plots[1].curves[1]
    assert (slow.side, slow.factor) == (0, 0.001)


def test_a_second_unit_gets_an_axis_and_a_third_is_refused_with_a_sentence(panel, window):
    plot = panel.stack.plots[0]
    drop(plot, [QUEUE])
    assert plot.units == ["ms", "packets"]
    drop(plot, [RATE])
    assert len(plot.curves) == 3
    assert "values in Mbit/s need a plot of their own" in window.statusBar().currentMessage()
    plot.remove(plot.curves[:2])
    assert plot.units == [None, "packets"]


def test_dropped_beside_the_plots_a_series_gets_a_plot_of_its_own(panel):
    drop(panel.stack, [RTT])
    drop(panel, [QUEUE])
    assert shown(panel)[2:] == [["ping rtt"], ["line queue"]]


def test_what_another_program_drags_under_the_same_name_is_left_alone():
    data = QMimeData()
    data.setData(MIME, b'[["x"]]')
    assert dragged_series(data) == []
    assert dragged_series(series_drag([RTT, QUEUE])) == [RTT, QUEUE]


def test_the_last_curve_takes_its_plot_along(panel):
    plot = panel.stack.plots[1]
    plot.legend.selectAll()
    QTest.keyClick(plot.legend, Qt.Key.Key_Delete)
    assert shown(panel) == [["ping rtt", "other ping rtt"]]


def test_what_is_plotted_is_so_in_the_next_run(panel, window, tmp_path):
    panel.plot([QUEUE], anew=True)
    panel.stack.plots[2].show_kind(Kind.CDF)
    panel.stack.plots[1].closed.emit()
    panel.stack.plots[0].show_log(True)
    window.editor.watch(WatchedRun(recorded(tmp_path / "runs" / "lab" / "run2")))
    assert shown(panel) == [["ping rtt", "other ping rtt"], ["line queue"]]
    assert panel.stack.plots[0].is_log
    assert panel.stack.plots[1].kind is Kind.CDF
    window.editor.watch(WatchedRun(recorded(tmp_path / "runs" / "elsewhere" / "run1")))
    assert shown(panel) == [["ping rtt", "other ping rtt"], ["bulk throughput"]]
    window.editor.watch(None)
    assert shown(panel) == []


def test_all_series_are_listed_and_found(panel):
    names = []
    model = panel.tree.list.model()
    for row in range(model.rowCount()):
        names.append(model.index(row, 0).data())
    assert names == ["ping", "other ping", "bulk", "line"]
    queue = model.index(0, 0, model.index(0, 0, model.index(3, 0)))
    assert queue.data() == "queue"
    assert queue.siblingAtColumn(1).data() == "59 packets"
    QTest.keyClicks(panel.tree.search, "queue")
    assert model.rowCount() == 1
    QTest.keyClick(panel.tree.search, Qt.Key.Key_Escape)
    assert model.rowCount() == 4


def test_a_series_of_the_list_is_plotted_by_return(panel):
    QTest.keyClicks(panel.tree.search, "queue")
    QTest.keyClick(panel.tree.search, Qt.Key.Key_Down)
    tree = panel.tree.list
    tree.setCurrentIndex(tree.model().index(0, 0))
    QTest.keyClick(tree, Qt.Key.Key_Return)
    assert shown(panel)[2] == ["line queue"]


def test_what_is_plotted_already_is_not_plotted_twice(panel, window):
    panel.plot([RTT])
    assert shown(panel) == [["ping rtt", "other ping rtt"], ["bulk throughput"]]
    assert "ping rtt is plotted already" in window.statusBar().currentMessage()


def test_the_list_of_series_folds_away_where_there_is_little_room_or_as_is_chosen(panel, window):
    dock = window.docks["plots"]
    dock.resize(690, 300)
    assert not panel.tree.isVisible()
    panel.controls.list.click()
    assert panel.tree.isVisible()
    dock.resize(1200, 300)
    panel.controls.list.click()
    dock.resize(1300, 300)
    assert not panel.tree.isVisible()
    assert not window.editor.settings.is_on("plots_list", True)


def test_in_a_small_dock_the_plot_has_most_of_the_room(qtbot, panel, window):
    panel.plot([QUEUE], panel.stack.plots[0])
    window.docks["plots"].resize(690, 300)
    first, second = panel.stack.plots
    wide = 690 * 0.75
    qtbot.waitUntil(lambda: min(each.view.field_rect().width() for each in (first, second)) > wide, timeout=20_000)
    # Though one of them has no axis at the right:
    assert first.view.field_rect().width() == second.view.field_rect().width()
    assert all(each.head.legend.height() <= each.height() * 0.3 for each in (first, second))


def test_a_mark_at_the_right_of_a_narrow_plot_is_not_cut_off(panel, monkeypatch):
    plot = panel.stack.plots[0]
    drawn = []
    field = plot.view.field
    field.picture.across = Scale(0, 1)
    field.picture.marks = [Mark(0.5, "long queue: queue = 20, and what else there is to tell of it" * 3)]
    image = QImage(4000, 400, QImage.Format.Format_RGB32)

    class Noting(QPainter):
        def drawText(self, *told):  # noqa: N802
            drawn.append(told)

    painter = Noting(image)
    field._draw_marks(painter, field.rect())
    painter.end()
    ((place, _, text),) = drawn
    assert field.rect().contains(place)
    assert text.startswith("long queue")


# -- what is seen ------------------------------------------------------------------------------------------------------


def values_at(panel: PlotsPanel, place: float | None) -> list[str]:
    assert panel.stack is not None
    panel.stack.time.look_at(place)
    panel.stack.refresh()
    panel.stack.draw_plots()
    legend = panel.stack.plots[0].legend.curves
    return [legend.index(row, 1).data() for row in range(legend.rowCount())]


def test_values_are_told_at_the_cursor_and_at_the_end(panel):
    panel.stack.time.show(0, 60)
    assert values_at(panel, 10.5) == ["10 ms", "10 ms"]
    assert values_at(panel, None) == ["59 ms", "59 ms"]


def press_at(view, place: float, move_to: float | None = None, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    height = int(view.field_rect().center().y())
    start = QPoint(round(view.pixel_of(place)), height)
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, modifier, start)
    if move_to is not None:
        end = QPoint(round(view.pixel_of(move_to)), height)
        QTest.mouseMove(view.viewport(), (start + end) / 2)
        QTest.mouseMove(view.viewport(), end)
        start = end
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, modifier, start)


def test_a_click_puts_the_cursor_and_dragging_it_looks_at_other_moments(panel, window):
    run, view = window.editor.run, panel.stack.plots[0].view
    panel.stack.time.show(0, 60)
    panel.stack.draw_plots()
    press_at(view, 20)
    assert run.moment == pytest.approx(BEGAN + 20, abs=0.3)
    panel.stack.draw_plots()
    press_at(view, 20, 40)
    assert run.moment == pytest.approx(BEGAN + 40, abs=0.3)
    assert panel.stack.time.seen() == (0, 60)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert run.moment is None


def test_a_drag_moves_the_time_and_with_shift_chooses_a_part(panel, window):
    view = panel.stack.plots[0].view
    panel.stack.time.show(0, 60)
    panel.stack.draw_plots()
    press_at(view, 30, 20)
    begin, end = panel.stack.time.seen()
    assert (begin, end) == (pytest.approx(10, abs=3), pytest.approx(70, abs=3))
    panel.stack.draw_plots()
    press_at(view, 20, 30, Qt.KeyboardModifier.ShiftModifier)
    begin, end = panel.stack.time.seen()
    assert (begin, end) == (pytest.approx(20, abs=0.5), pytest.approx(30, abs=0.5))
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert panel.stack.time.seen()[0] == 0
    assert window.editor.run.range.is_following


def test_the_time_is_shared_with_the_time_line_as_long_as_they_are_linked(panel, window):
    seen = window.editor.run.range
    seen.show(BEGAN + 5, BEGAN + 15)
    assert panel.stack.time.seen() == (5, 15)
    panel.controls.link.click()
    seen.show(BEGAN + 50, BEGAN + 55)
    assert panel.stack.time.seen() == (5, 15)
    panel.controls.link.click()
    assert panel.stack.time.seen() == (50, 55)


def test_distributions_show_what_is_seen(panel):
    plot = panel.stack.plots[0]
    panel.stack.time.show(9.5, 20.5)
    plot.show_kind(Kind.CDF)
    panel.stack.refresh()
    panel.stack.draw_plots()
    line = next(each for each in plot.view.field.picture.shapes if not each.is_band)
    assert (line.x.min(), line.x.max()) == (10, 20)
    assert line.low.max() == 100
    plot.show_kind(Kind.HISTOGRAM)
    panel.stack.draw_plots()
    assert plot.view.value_axis.isVisible()
    plot.show_kind(Kind.TIME)
    panel.stack.draw_plots()
    assert not plot.view.value_axis.isVisible()


def test_a_logarithmic_scale_leaves_out_what_has_no_logarithm(panel):
    plot = panel.stack.plots[0]
    plot.show_log(True)
    panel.stack.draw_plots()
    scale = plot.view.field.picture.up[0]
    assert scale.is_log
    assert scale.high == pytest.approx(math.log10(59), abs=0.2)


def test_mean_and_percentiles_are_drawn(panel):
    plot = panel.stack.plots[0]
    plot.show_bands(True)
    panel.stack.refresh()
    panel.stack.draw_plots()
    assert sum(each.is_band for each in plot.view.field.picture.shapes) == 2


def test_hidden_curves_are_not_drawn(panel):
    plot = panel.stack.plots[0]
    first = plot.legend.curves.index(0, 0)
    plot.legend.curves.setData(first, Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
    panel.stack.draw_plots()
    assert len(plot.view.field.picture.shapes) == 1


def test_a_run_without_begin_or_numbers_does_no_harm(window, tmp_path):
    (tmp_path / "empty").mkdir()
    window.show_panel("plots")
    window.editor.watch(WatchedRun(tmp_path / "empty"))
    panel = window.docks["plots"].widget()
    assert "no numbers yet" in panel._words.text()
    panel.stack.add_plot()
    panel.stack.draw_plots()
    panel.stack.fit()
    panel.plot([RTT, LOSS])
    assert shown(panel) == [[]]


# -- files -------------------------------------------------------------------------------------------------------------


def test_numbers_are_saved_as_far_as_they_are_seen(panel, window, tmp_path, monkeypatch):
    panel.stack.time.show(9.5, 12.5)
    path = tmp_path / "numbers.csv"
    monkeypatch.setattr(panel, "ask_where", lambda kind: path)
    panel.stack.plots[0].exporting.emit("csv")
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert [row["value"] for row in rows if row["resource"] == "ping"] == ["10.0", "11.0", "12.0"]
    assert rows[0]["time_s"] == "10.000000"
    assert rows[0]["unit"] == "ms"
    assert {row["run"] for row in rows} == {"run1"}
    assert numbers(panel.stack, panel.stack.plots).count(b"\n") == 10


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_pictures_are_in_light_colours(panel, window, tmp_path, monkeypatch, kind):
    window.editor.appearance.choose("dark")
    path = tmp_path / f"plots.{kind}"
    monkeypatch.setattr(panel, "ask_where", lambda kind: path)
    panel.controls._save(kind)
    content = path.read_bytes()
    if kind == "svg":
        assert content.lstrip().startswith(b"<?xml")
        assert b"ping rtt" in content
    else:
        image = QImage.fromData(content)
        assert image.width() >= 960
        assert image.pixelColor(1, 1) == QColor(LIGHT.plate)
    assert panel.stack.plots[0].view.field.theme is DARK


def test_what_cannot_be_written_is_told(panel, window, tmp_path, monkeypatch):
    monkeypatch.setattr(panel, "ask_where", lambda kind: tmp_path / "no" / "such.csv")
    window.commands["plots.csv"].trigger()
    assert "cannot be written" in window.statusBar().currentMessage()


def test_a_picture_is_as_wide_as_it_must_be(panel):
    assert picture(panel.stack, panel.stack.plots[:1], "png")


# -- colours -----------------------------------------------------------------------------------------------------------


def _contrast(one: QColor, other: QColor) -> float:
    def light(colour: QColor) -> float:
        parts = (colour.redF(), colour.greenF(), colour.blueF())
        linear = [each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    brighter, darker = sorted((light(one), light(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_curves_stand_out_from_the_ground_and_from_each_other(theme):
    colours = [curve_colour(number, theme.is_dark) for number in range(8)]
    assert all(_contrast(each, QColor(theme.plate)) >= 3 for each in colours)
    assert len({each.name() for each in colours} | {curve_colour(8, theme.is_dark).name()}) == 9


def test_the_plots_follow_the_theme(panel, window):
    window.editor.appearance.choose("dark")
    plot = panel.stack.plots[0]
    assert isinstance(plot, Plot)
    assert plot.view.field.theme is DARK
