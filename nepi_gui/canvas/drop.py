"""What is dragged onto the canvas from elsewhere: resource types of the palette, and files."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, QPointF, Qt
from PySide6.QtGui import QDragMoveEvent, QDropEvent

from nepi_core.errors import NepiError
from nepi_core.factory import ResourceFactory
from nepi_core.resource_type import Drawn
from nepi_core.structure import drawn_as
from nepi_gui.canvas.gestures.gesture import Pointer
from nepi_gui.canvas.gestures.linking import LinkGesture
from nepi_gui.canvas.hits import Hit, Part
from nepi_gui.canvas.lighting import Lighting
from nepi_gui.canvas.looks import SPACING
from nepi_gui.document import linking, resources
from nepi_gui.document.joints import Joint, Joints
from nepi_gui.runs.archive_format import SUFFIX

if TYPE_CHECKING:
    from nepi_gui.canvas.view import CanvasView

TYPE_FORMAT = "application/x-nepi-rtype"
"""What the palette gives to a drag: the name of a resource type."""

GRAPHS = (".graphml", ".gml")
"""Ends of the names of files that hold graphs, which are inserted when they are dropped."""

FILES = (".xml", SUFFIX, *GRAPHS)
"""Ends of the names of files that may be dropped."""

SEVERAL = 5
"""How many are added with Ctrl held."""


def dragged_type(data: QMimeData) -> str:
    """Return the resource type that is dragged, "" for none that is known."""
    if not data.hasFormat(TYPE_FORMAT):
        return ""
    rtype = bytes(data.data(TYPE_FORMAT).data()).decode("utf-8", "replace")
    return rtype if ResourceFactory.find(rtype) else ""


def dragged_files(data: QMimeData) -> list[str]:
    """Return the files that are dragged and can be opened."""
    paths = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
    return [path for path in paths if Path(path).suffix.lower() in FILES]


class Drops(QObject):
    """Takes what is dragged over a view and dropped there."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._drag: TypeDrag | None = None

    def enter(self, event: QDragMoveEvent) -> None:
        """Begin to follow a drag, if it is of something for the canvas."""
        self.leave()
        if rtype := dragged_type(event.mimeData()):
            self._drag = TypeDrag(self._view, rtype)
            self.move(event)
        elif dragged_files(event.mimeData()):
            _accept(event)
        else:
            event.ignore()

    def move(self, event: QDragMoveEvent) -> None:
        """Follow the drag."""
        if self._drag is not None:
            self._drag.move(event.position())
            _accept(event)
        elif dragged_files(event.mimeData()):
            _accept(event)
        else:
            event.ignore()

    def leave(self) -> None:
        """Follow no longer."""
        if self._drag is not None:
            self._drag.end()
            self._drag = None

    def drop(self, event: QDropEvent) -> None:
        """Take what is dropped."""
        drag, self._drag = self._drag, None
        files = dragged_files(event.mimeData())
        if drag is not None:
            drag.end()
            drag.finish(event.position(), event.modifiers())
            _accept(event)
            self._view.setFocus()
        elif files:
            _accept(event)
            self._view.files_dropped.emit(files)
        else:
            event.ignore()


class TypeDrag:
    """A resource type that is dragged over the canvas."""

    def __init__(self, view: CanvasView, rtype: str) -> None:
        self._view = view
        self._scene = view.canvas
        self._document = view.canvas.document
        self._rtype = rtype
        self._drawn = drawn_as(rtype)
        self._lighting = Lighting(view, self._ask) if self._drawn is Drawn.BADGE else None

    @cached_property
    def _joints(self) -> Joints:
        return Joints(self._document.description)

    def _ask(self, guid: int) -> Joint:
        return self._joints.with_new(self._rtype, guid)

    def _target(self, hit: Hit) -> int:
        """Return what it would be dropped on, 0 for the empty canvas: a badge hangs at what it has a use at."""
        if hit.key <= 0:
            return 0
        if self._drawn is Drawn.NODE:
            return hit.key if (hit.key, 0) in self._scene.lines else 0
        return self._joints.host_for(self._rtype, hit.key) if self._drawn is Drawn.BADGE else hit.key

    def _refusal(self, target: int) -> str:
        if not target:
            return ""
        if self._drawn is Drawn.NODE:
            return self._joints.splice_refusal(target, self._rtype)
        return self._joints.legality.new_refusal(self._rtype, target)

    def move(self, pixel: QPointF) -> None:
        """Show what would happen if it were dropped here."""
        target = self._target(self._view.hit_at(pixel))
        refusal = self._refusal(target)
        self._view.marks.aim(target, bool(refusal))
        self._view.marks.say(refusal, pixel)

    def end(self) -> None:
        """Show nothing any more."""
        if self._lighting is not None:
            self._lighting.end()
        self._view.marks.clear()

    def finish(self, pixel: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Add the resource, or say why it cannot be added there."""
        hit, place = self._view.hit_at(pixel), self._view.place_at(pixel)
        target = self._target(hit)
        try:
            if self._drawn is Drawn.NODE:
                added = self._add_nodes(target, place, SEVERAL if _is_control(modifiers) else 1)
            elif self._drawn is Drawn.BADGE:
                added = self._add_badge(target, place)
            else:
                added = self._add_line(target, pixel, place)
        except NepiError as error:
            self._view.told.emit(str(error))
            return
        if added:
            self._scene.selection.set(added)

    def _add_nodes(self, line: int, place: QPointF, number: int) -> list[int]:
        at = self._view.snapped(place)
        if number > 1:
            return linking.add_many(self._document, self._rtype, (at.x(), at.y()), number, SPACING)
        if line and not self._refusal(line):
            return [linking.add_spliced(self._document, self._rtype, (place.x(), place.y()), line)]
        if line:
            self._view.told.emit(self._refusal(line))
            return []
        return [resources.add_resource(self._document, self._rtype, (at.x(), at.y()))]

    def _add_badge(self, host: int, place: QPointF) -> list[int]:
        if host:
            return linking.attach(self._document, self._rtype, [host], self._joints.legality)
        at = self._view.snapped(place)
        return [resources.add_resource(self._document, self._rtype, (at.x(), at.y()))]

    def _add_line(self, start: int, pixel: QPointF, place: QPointF) -> list[int]:
        """Add a line: between two resources that are selected, from the one it is dropped on, or on its own."""
        if start:
            if refusal := self._refusal(start):
                self._view.told.emit(refusal)
            else:
                self._draw_on(start, pixel)
            return []
        chosen = self._scene.selection.guids
        if len(chosen) == 2 and not self._joints.legality.link_refusal(self._rtype, chosen[0], chosen[1]):
            return [linking.join(self._document, self._rtype, chosen[0], chosen[1], self._joints.legality)]
        at = self._view.snapped(place)
        return [resources.add_resource(self._document, self._rtype, (at.x(), at.y()))]

    def _draw_on(self, start: int, pixel: QPointF) -> None:
        """Have the mouse show where the other end of the line is to be."""
        left, no_key = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        pointer = Pointer(self._scene.centre(start), pixel, left, no_key, Hit(start, Part.BODY))
        self._view.begin(LinkGesture(self._view, pointer, stays=True, line_type=self._rtype))


def _is_control(modifiers: Qt.KeyboardModifier) -> bool:
    return bool(modifiers & Qt.KeyboardModifier.ControlModifier)


def _accept(event: QDropEvent) -> None:
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
