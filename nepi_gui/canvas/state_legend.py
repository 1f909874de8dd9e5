"""What the signs of the states mean, and how many resources are in each: a small list in a corner of the view."""

from __future__ import annotations

from collections import Counter
from functools import partial

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QBrush, QColor, QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from nepi_core.states import ResourceState
from nepi_gui.appearance import Appearance
from nepi_gui.canvas import state_signs
from nepi_gui.canvas.run_states import RunStates
from nepi_gui.canvas.view import CanvasView

_ROOM = 12  # pixels to the corner of the view
_SMALLEST_VIEW = QSize(420, 300)  # smaller ones have no room for it
_FOLD = 200  # ms
_GROUND_ALPHA = 225


class StateLegend(QWidget):
    """Shows the states that there are; a click on one selects what is in it.

    Signals:
        chosen: the user wants what is in this state to be selected.

    Attributes:
        is_wanted: whether the user wants to see it.
    """

    chosen = Signal(object)

    def __init__(self, view: CanvasView, states: RunStates, appearance: Appearance) -> None:
        super().__init__(view)
        self._view = view
        self._states = states
        self._appearance = appearance
        self.is_wanted = True
        self._rows = {state: self._make_row(state) for state in ResourceState}
        self.loads = _LoadScale(appearance, self)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(6, 5, 8, 5)
        self._layout.setSpacing(0)
        for row in self._rows.values():
            self._layout.addWidget(row)
        self._layout.addWidget(self.loads)
        self.setAccessibleName(self.tr("States of the resources"))
        self._folding = QTimer(self, singleShot=True, interval=_FOLD)
        self._folding.timeout.connect(self.refresh)
        states.changed.connect(self._refresh_soon)
        states.shown_anew.connect(self.refresh)
        appearance.changed.connect(self._show_colours)
        view.installEventFilter(self)
        self.loads.hide()
        self._show_colours()

    def _make_row(self, state: ResourceState) -> QToolButton:
        row = QToolButton(self)
        row.setAutoRaise(True)
        row.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        row.setToolTip(self.tr("Select what is {0}").format(state.name))
        row.clicked.connect(partial(self.chosen.emit, state))
        return row

    def want(self, is_wanted: bool) -> None:
        """Show it while a run is watched, or never."""
        self.is_wanted = is_wanted
        self.refresh()

    def show_loads(self, are_known: bool) -> None:
        """Explain how links show what they carry, or do not."""
        if self.loads.isVisibleTo(self) is not are_known:
            self.loads.setVisible(are_known)
            self.refresh()

    def _refresh_soon(self) -> None:
        if self.is_wanted and not self._folding.isActive():
            self._folding.start()

    def refresh(self) -> None:
        """Count again."""
        counts = Counter(self._states.states.values()) if self.is_wanted else Counter()
        view = self._view.size()
        has_room = view.width() >= _SMALLEST_VIEW.width() and view.height() >= _SMALLEST_VIEW.height()
        self.setVisible(bool(counts) and has_room)
        if self.isHidden():
            return
        for state, row in self._rows.items():
            row.setText(f"{state.name}  {counts[state]}")
            row.setVisible(bool(counts[state]))
        self._layout.invalidate()
        self.resize(self._layout.sizeHint())
        self._place()

    def _place(self) -> None:
        self.move(_ROOM, self._view.height() - self.height() - _ROOM)

    def _show_colours(self) -> None:
        for state, row in self._rows.items():
            row.setIcon(state_signs.icon(state, self._appearance.theme))
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner when the view changes its size."""
        if watched is self._view and event.type() is QEvent.Type.Resize:
            self._folding.start()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(theme.panel)
        ground.setAlpha(_GROUND_ALPHA)
        painter.setBrush(ground)
        painter.setPen(QColor(theme.border))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)


class _LoadScale(QWidget):
    """The colours and widths of links, from one that carries nothing to one that carries all that it can."""

    _HEIGHT, _THIN, _THICK = 34, 2.0, 10.0

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.setFixedHeight(self._HEIGHT)
        self.setMinimumWidth(118)
        self.setToolTip(
            self.tr("How much links carry. Each half of a link shows what the end next to it sends,")
            + "\n"
            + self.tr("compared with the link's rate, or with the most that any link has carried.")
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, right, middle = 6.0, self.width() - 4.0, 10.0
        steps = 24
        shades = QLinearGradient(left, 0, right, 0)
        for number, colour in enumerate(theme.loads):
            shades.setColorAt(number / (len(theme.loads) - 1), QColor(colour))
        for step in range(steps):
            share, width = step / (steps - 1), (right - left) / steps
            pen = QPen(QBrush(shades), self._THIN + (self._THICK - self._THIN) * share)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawLine(round(left + step * width), round(middle), round(left + (step + 1) * width), round(middle))
        painter.setPen(QColor(theme.muted))
        below = QRectF(left, middle + 6, right - left, self._HEIGHT - middle - 6)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, self.tr("idle"))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, self.tr("full"))
