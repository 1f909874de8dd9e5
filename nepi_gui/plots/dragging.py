"""Series that are dragged onto a plot."""

from __future__ import annotations

import json
from collections.abc import Iterable

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDropEvent

from nepi_gui.plots.series import SeriesKey

MIME = "application/x-nepi-series"
"""What a drag of series carries: a JSON list of lists of guid, trace and name."""


def dragged_series(data: QMimeData) -> list[SeriesKey]:
    """Return the series that are dragged; none when it is something else."""
    if not data.hasFormat(MIME):
        return []
    try:
        told = json.loads(bytes(data.data(MIME).data()))
        return [SeriesKey(int(guid), str(trace), str(series)) for guid, trace, series in told]
    except (ValueError, TypeError):  # another program may use the same name
        return []


def take_series(event: QDropEvent) -> list[SeriesKey]:
    """Return the series that are dragged, accepted as a copy; all else is ignored."""
    keys = dragged_series(event.mimeData())
    if keys:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
    else:
        event.ignore()
    return keys


def series_drag(keys: Iterable[SeriesKey]) -> QMimeData:
    """Return series as a drag carries them."""
    data = QMimeData()
    data.setData(MIME, json.dumps(list(keys)).encode())
    return data
