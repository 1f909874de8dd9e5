"""Shows how things go to their new places; the document has them there already."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPointF, QVariantAnimation, Signal
from PySide6.QtWidgets import QStyle

from nepi_gui.canvas.selection import Key
from nepi_gui.canvas.view import CanvasView
from nepi_gui.document.change import Aspect, Change

_DURATION = 300  # ms
_MOST = 500  # items that are moved smoothly
_ENDING = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick, QEvent.Type.Wheel)


class Journey(QVariantAnimation):
    """The way of some nodes and notes from where they stood; anything else that happens ends it at once.

    Signals:
        arrived: everything is shown where it stands again.
    """

    arrived = Signal()

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._scene = view.canvas
        self._from: dict[Key, QPointF] = {}
        self._to: dict[Key, QPointF] = {}
        self.setDuration(_DURATION)
        self.setStartValue(0.0)
        self.setEndValue(1.0)
        self.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self.valueChanged.connect(self._show)
        self.finished.connect(self._arrive)
        self._scene.document.changed.connect(self._on_change)
        view.viewport().installEventFilter(self)

    def go(self, before: Mapping[Key, QPointF]) -> None:
        """Show things where they were, and have them go to where they stand now, unless these are many."""
        self.end()
        if len(before) > _MOST or not self._is_wanted():
            return
        self._from = dict(before)
        self._to = {key: self._scene.centre(key) for key in before}
        self._show(0.0)  # at once, or they would be seen at the end for a moment
        self.start()

    def end(self) -> None:
        """Show everything where it stands."""
        if self.state() is QVariantAnimation.State.Running:
            self.stop()
            self._arrive()

    def _arrive(self) -> None:
        self._scene.place(self._to)
        self.arrived.emit()

    def _is_wanted(self) -> bool:
        return self._view.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0

    def _show(self, share: float) -> None:
        places = {key: self._from[key] + (place - self._from[key]) * share for key, place in self._to.items()}
        self._scene.show_at(places)

    def _on_change(self, change: Change) -> None:
        if change.concerns(Aspect.PLACE | Aspect.CONNECTIONS) or "notes" in change.parts:
            self.end()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _ENDING:
            self.end()
        return False
