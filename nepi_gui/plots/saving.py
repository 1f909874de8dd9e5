"""Plots as files: pictures, and the numbers behind them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog

from nepi_core.atomic_file import write_atomically
from nepi_gui.appearance import LIGHT
from nepi_gui.plots.curves import RunCurve

if TYPE_CHECKING:
    from nepi_gui.plots.panel import PlotsPanel
    from nepi_gui.plots.plot import Plot
    from nepi_gui.plots.stack import PlotStack

_PAPER = replace(LIGHT, panel=LIGHT.plate)  # without another colour around the plots
_SCALE = 2  # pixels of a picture for one of the screen
_ROOM = 10.0
_LEAST = 480  # pixels of a picture's width


def picture(stack: PlotStack, plots: Sequence[Plot], kind: str) -> bytes:
    """Return plots as a picture in the light colours, each with its legend below.

    Args:
        kind: "png" or "svg".
    """
    for plot in plots:
        plot.show_theme(_PAPER)
    stack.draw_plots()
    try:
        return _svg(plots) if kind == "svg" else _png(plots)
    finally:
        for plot in plots:
            plot.show_theme()
        stack.draw_plots()


def numbers(stack: PlotStack, plots: Sequence[Plot]) -> bytes:
    """Return the samples of what is plotted, as far as it is seen, as CSV: all of them, however thin they are drawn."""
    begin, end = stack.time.seen()
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["time_s", "time_of_day", "run", "resource", "trace", "series", "unit", "value"])
    for curve in (each for plot in plots for each in plot.curves if each.is_visible):
        if not isinstance(curve, RunCurve):
            continue
        key, source = curve.info.key, curve.source
        about = [source.run_id, curve.info.owner, key.trace, key.series, curve.unit]
        times, values = source.columns(key, begin + curve.origin, end + curve.origin)
        for moment, value in zip(times.tolist(), values.tolist(), strict=True):
            rows.writerow([f"{moment - curve.origin:.6f}", _date(moment), *about, repr(value)])
    return text.getvalue().encode()


def _date(moment: float) -> str:
    try:
        return datetime.fromtimestamp(moment).isoformat()
    except (ValueError, OverflowError, OSError):  # a record may tell of any time
        return ""


def save(panel: PlotsPanel, stack: PlotStack, plots: Sequence[Plot], kind: str) -> bool:
    """Ask for a file and write plots to it; tell whether that is done."""
    path = panel.ask_where(kind)
    if path is None:
        return False
    data = numbers(stack, plots) if kind == "csv" else picture(stack, plots, kind)
    try:
        write_atomically(path, data)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        panel.say(panel.tr("{0} cannot be written: {1}.").format(path, reason))
        return False
    panel.say(panel.tr("{0} was written.").format(path.name))
    return True


def ask_for_file(panel: PlotsPanel, name: str, kind: str) -> Path | None:
    """Ask for a file to write; None when the user has thought better of it."""
    dialog = QFileDialog(panel, panel.tr("Save plots"), "", f"{kind.upper()} (*.{kind})")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(kind)
    dialog.selectFile(f"{name}.{kind}")
    chosen = dialog.selectedFiles() if dialog.exec() else []
    dialog.deleteLater()
    return Path(chosen[0]) if chosen else None


# -- drawing -------------------------------------------------------------------------------------------


def _size(plots: Sequence[Plot]) -> QSize:
    width = max([_LEAST, *(plot.view.width() for plot in plots)])
    return QSize(width, sum(_height(plot, width) for plot in plots))


def _height(plot: Plot, width: int) -> int:
    return _view_height(plot, width) + _legend_rows(plot, width) * _line(plot) + int(_ROOM)


def _view_height(plot: Plot, width: int) -> int:
    """Return how high a plot is when it is so wide, in the proportions of the screen."""
    height: int = plot.view.height()
    own: int = plot.view.width()
    return round(height * width / max(own, 1))


def _line(plot: Plot) -> int:
    return int(QFontMetricsF(plot.font()).height() * 1.3)


def _png(plots: Sequence[Plot]) -> bytes:
    size = _size(plots) * _SCALE
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(QColor(_PAPER.panel))
    painter = QPainter(image)
    painter.scale(_SCALE, _SCALE)
    _draw(painter, plots, size.width() / _SCALE)
    painter.end()
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs want bytes
    return bytes(held.data())


def _svg(plots: Sequence[Plot]) -> bytes:
    size = _size(plots)
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(plots[0].view.logicalDpiX() if plots else 96)  # axes are drawn for that of the screen
    generator.setSize(size)
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    painter = QPainter(generator)
    _draw(painter, plots, size.width())
    painter.end()
    return bytes(held.data())


def _draw(painter: QPainter, plots: Sequence[Plot], width: float) -> None:
    painter.fillRect(QRectF(0, 0, width, _size(plots).height()), QColor(_PAPER.panel))
    top = 0.0
    for plot in plots:
        height = _view_height(plot, int(width))
        painter.save()
        plot.view.render(painter, QRectF(0, top, width, height), plot.view.rect())
        painter.restore()
        _draw_legend(painter, plot, QRectF(_ROOM, top + height, width - 2 * _ROOM, 0))
        top += _height(plot, int(width))


def _places(plot: Plot, width: float) -> list[tuple[float, int]]:
    """Return where each curve's entry stands in the legend: from the left, and in which row."""
    metrics = QFontMetricsF(plot.font())
    places, left, row = [], 0.0, 0
    for curve in plot.curves:
        room = metrics.horizontalAdvance(curve.name) + 44
        if left and left + room > width:
            left, row = 0.0, row + 1
        places.append((left, row))
        left += room
    return places


def _legend_rows(plot: Plot, width: float) -> int:
    return max((row for _, row in _places(plot, width - 2 * _ROOM)), default=-1) + 1


def _draw_legend(painter: QPainter, plot: Plot, place: QRectF) -> None:
    painter.setFont(plot.font())
    line = _line(plot)
    for curve, colour, (left, row) in zip(plot.curves, plot.colours(), _places(plot, place.width()), strict=True):
        x, y = place.left() + left, place.top() + row * line
        painter.fillRect(QRectF(x, y + line / 2 - 2, 18, 4), colour)
        painter.setPen(QColor(_PAPER.text))
        room = QRectF(x + 24, y, 2000, line)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, curve.name)
