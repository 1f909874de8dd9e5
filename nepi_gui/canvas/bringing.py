"""Brings things that are new into view: all of them, with as little scrolling as that takes."""

from __future__ import annotations

import functools
from collections.abc import Collection

from PySide6.QtCore import QMarginsF, QPointF, QRectF

from nepi_gui.canvas.selection import Key
from nepi_gui.canvas.view import CanvasView

_AROUND = QMarginsF(12, 12, 12, 32)  # with the name below


def bring_into_view(view: CanvasView, keys: Collection[Key]) -> None:
    """Scroll no farther than it takes to show all of some things; show it smaller when they need more room."""
    fields = [view.canvas.rect(key) for key in keys if view.canvas.shows(key)]
    field = functools.reduce(QRectF.united, fields, QRectF()).marginsAdded(_AROUND)
    shown = view.shown()
    if not fields or shown.contains(field):
        return
    if field.width() > shown.width() or field.height() > shown.height():
        view.fit(field)
        return
    across = max(0.0, field.right() - shown.right()) + min(0.0, field.left() - shown.left())
    down = max(0.0, field.bottom() - shown.bottom()) + min(0.0, field.top() - shown.top())
    view.pan_by(QPointF(across, down) * -view.zoom)
