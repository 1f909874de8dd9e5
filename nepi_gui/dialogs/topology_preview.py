"""The picture of a topology before it is inserted; sources and targets are chosen in it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from nepi_core.description import NodeId
from nepi_gui.appearance import Appearance
from nepi_gui.canvas.items import plain_tool_tip
from nepi_gui.dialogs.graph_drawing import GraphDrawing, blank_picture, fitted
from nepi_gui.dialogs.topology_draft import Draft

_SIDE, _ABOVE = 50.0, 28.0  # pixels around the graph: room for labels
_MOST_LABELLED = 60
_WAYS: Mapping[int, int] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}
_REACH = 8.0  # pixels around a node in which a click is meant for it


class TopologyPreview(QWidget):
    """Shows a draft; a click on a node makes it a source, then a target, then nothing, when these are chosen by hand.

    With the keyboard: arrows go from node to node, Space does what a click does.

    Signals:
        chosen: other nodes are sources or targets.
    """

    chosen = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._draft: Draft | None = None
        self._drawing: GraphDrawing | None = None
        self._picture: QPixmap | None = None
        self._at: NodeId | None = None
        self._sentence = ""
        self.chooses = False
        self.sources: set[NodeId] = set()
        self.targets: set[NodeId] = set()
        self.setAccessibleName(self.tr("Preview of the topology"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        appearance.changed.connect(self._draw_anew)

    def sizeHint(self) -> QSize:
        return QSize(520, 440)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 200)

    # -- what is shown -----------------------------------------------------------------------------------

    def show_draft(self, draft: Draft | None, sentence: str = "") -> None:
        """Show another graph, or a sentence that says why there is none."""
        self._draft, self._at, self._sentence = draft, None, sentence
        nodes = set(draft.netgraph.nodes()) if draft else set()
        self.sources &= nodes
        self.targets &= nodes
        self._draw_anew()

    def choose(self, chooses: bool, sources: set[NodeId], targets: set[NodeId]) -> None:
        """Show these sources and targets, and let the user choose others or not."""
        self.chooses, self.sources, self.targets = chooses, set(sources), set(targets)
        self.update()

    def _draw_anew(self) -> None:
        self._drawing = self._picture = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._draw_anew()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._appearance.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.accent if self.hasFocus() else theme.border), 1))
        painter.setBrush(QColor(theme.canvas))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        drawing = self._fit()
        if drawing is None:
            painter.setPen(QColor(theme.muted))
            field = self.rect().adjusted(40, 20, -40, -20)
            painter.drawText(field, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._sentence)
            return
        if self._picture is None:
            self._picture = self._paint_graph(drawing)
        painter.drawPixmap(0, 0, self._picture)
        self._paint_ends(painter, drawing)

    def _fit(self) -> GraphDrawing | None:
        if self._drawing is None and self._draft is not None:
            field = QRectF(self.rect()).adjusted(_SIDE, _ABOVE, -_SIDE, -_ABOVE)
            self._drawing = fitted(self._draft.netgraph, self._draft.places, field)
        return self._drawing

    def _paint_graph(self, drawing: GraphDrawing) -> QPixmap:
        """Draw once what stays the same while nodes are chosen; thousands take a tenth of a second."""
        theme = self._appearance.theme
        picture = blank_picture(self.size(), self.devicePixelRatioF())
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        drawing.paint_edges(painter, theme.line)
        drawing.paint_nodes(painter, theme.plate, theme.muted)
        if len(drawing.points) <= _MOST_LABELLED:
            self._paint_labels(painter, drawing)
        painter.end()
        return picture

    def _paint_labels(self, painter: QPainter, drawing: GraphDrawing) -> None:
        painter.setPen(QColor(self._appearance.theme.text))
        font = painter.font()
        font.setPointSizeF(8.5)
        painter.setFont(font)
        for nid, point in drawing.points.items():
            text = painter.fontMetrics().elidedText(self.name_of(nid), Qt.TextElideMode.ElideRight, 90)
            field = QRectF(point.x() - 50, point.y() + drawing.radius + 1, 100, 14)
            painter.drawText(field, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, text)

    def _paint_ends(self, painter: QPainter, drawing: GraphDrawing) -> None:
        theme = self._appearance.theme
        for nid in self.sources | self.targets:
            is_source = nid in self.sources
            letter = (self.tr("S") if is_source else "") + (self.tr("T") if nid in self.targets else "")
            fill = theme.accent if is_source else theme.good
            drawing.paint_mark(painter, nid, letter, fill, theme.on_accent)
        if self._at is not None and self._at in drawing.points and self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent), 2, Qt.PenStyle.DotLine))
            painter.drawEllipse(drawing.points[self._at], drawing.radius + 6, drawing.radius + 6)

    # -- choosing ----------------------------------------------------------------------------------------

    def name_of(self, nid: NodeId) -> str:
        """Return what a node is called: its name, or its id."""
        name = self._draft.netgraph.node_annotation(nid, "name") if self._draft else None
        return str(name or nid)

    def node_at(self, place: QPointF) -> NodeId | None:
        """Return the node at a place, if there is one."""
        drawing = self._fit()
        if drawing is None or not drawing.points:
            return None
        distances = ((math.hypot(*(point - place).toTuple()), nid) for nid, point in drawing.points.items())
        distance, nid = min(distances, key=lambda each: each[0])
        return nid if distance <= max(drawing.radius, _REACH) else None

    def place_of(self, nid: NodeId) -> QPointF:
        """Return where a node is shown."""
        drawing = self._fit()
        return drawing.points[nid] if drawing else QPointF()

    def turn(self, nid: NodeId) -> None:
        """Make a node a source, then a target, then neither."""
        if nid in self.sources:
            self.sources.discard(nid)
            self.targets.add(nid)
        elif nid in self.targets:
            self.targets.discard(nid)
        else:
            self.sources.add(nid)
        self.update()
        self.chosen.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        nid = self.node_at(event.position())
        if self.chooses and nid is not None and event.button() is Qt.MouseButton.LeftButton:
            self._at = nid
            self.turn(nid)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = _WAYS.get(event.key())
        nodes = self._draft.netgraph.nodes() if self._draft and self.chooses else []
        if not nodes:
            super().keyPressEvent(event)
        elif way is not None:
            number = (nodes.index(self._at) + way) % len(nodes) if self._at in nodes else 0
            self._at = nodes[number]
            self.update()
        elif event.key() == Qt.Key.Key_Space and self._at is not None:
            self.turn(self._at)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            nid = self.node_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), "" if nid is None else plain_tool_tip(self.name_of(nid)), self)
            return True
        return super().event(event)
