"""Tells of what the mouse rests on: its whole name, its type, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QObject, QPointF
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QToolTip

from nepi_core.structure import shown_name
from nepi_gui.canvas.items import plain_tool_tip
from nepi_gui.canvas.view import CanvasView
from nepi_gui.document.findings import Findings

_MOST = 5  # findings of one resource


class ToolTips(QObject):
    """Shows them over a view; those of notes, which show their own text, are left to Qt."""

    def __init__(self, view: CanvasView, findings: Findings) -> None:
        super().__init__(view)
        self._view = view
        self._findings = findings
        self._more: list[Callable[[int], Iterable[str]]] = []
        view.viewport().installEventFilter(self)

    def add(self, words: Callable[[int], Iterable[str]]) -> None:
        """Have more told of each resource: lines that are asked for when they are wanted."""
        self._more.append(words)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Answer when Qt asks for a tool tip."""
        if event.type() is not QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return False
        guid = self._view.hit_at(QPointF(event.pos())).key
        if guid <= 0:
            return False
        QToolTip.showText(event.globalPos(), plain_tool_tip(self.text(guid)), self._view.viewport())
        return True

    def text(self, guid: int) -> str:
        """Return what is told of a resource, in lines."""
        resource = self._view.canvas.document.description.resources[guid]
        found = [finding.message for finding in self._findings.about(guid)]
        rest = [self.tr("… and {0} more").format(len(found) - _MOST)] if len(found) > _MOST else []
        more = [line for words in self._more for line in words(guid)]
        return "\n".join([shown_name(resource), resource.rtype, *more, *found[:_MOST], *rest])
