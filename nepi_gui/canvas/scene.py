"""The scene: shows the document's resources, notes and connections, and tells what is where."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene

from nepi_core.description import ResourceDescription
from nepi_core.factory import ResourceFactory
from nepi_core.loading import Severity
from nepi_core.states import ResourceState
from nepi_core.structure import Structure, shown_name
from nepi_gui.appearance import Appearance
from nepi_gui.canvas.hits import Hit, Part, part_of_node, part_of_note
from nepi_gui.canvas.items import NODES, BadgeItem, NodeItem, NoteItem
from nepi_gui.canvas.lines import Line, LineKey, Lines, Load
from nepi_gui.canvas.looks import CHIP_HEIGHT, PLATE, SEPARATOR, Look, Painter
from nepi_gui.canvas.places import box_of, place_of
from nepi_gui.canvas.selection import Key, Selection
from nepi_gui.document.change import Aspect, Change
from nepi_gui.document.document import Document
from nepi_gui.document.values import says, short_values
from nepi_gui.icons import icon_of_type

_STRUCTURAL = Aspect.CONNECTIONS
_SHOWN = Aspect.LOOK | Aspect.ATTRIBUTES
_MANY = 50  # items: from here on one repaint of everything costs less than one of each (docs/performance.md)
_GROUND = 2000.0  # pixels around everything that one can scroll to


class CanvasScene(QGraphicsScene):
    """Shows a document.

    Signals:
        burst: very much is going to be drawn again at once.
        moved: with the keys of what stands elsewhere now, in the document or only on the canvas.

    Attributes:
        nodes, badges: items by guid; of what stands by itself, and of what hangs at something.
        lines: links and connections.
        notes: items of notes and areas, in their order.
        structure: what hangs at what.
    """

    burst = Signal()
    moved = Signal(object)

    def __init__(self, document: Document, selection: Selection, appearance: Appearance) -> None:
        super().__init__()
        self.document = document
        self.selection = selection
        self._appearance = appearance
        self.painter = Painter(appearance.theme)
        self.nodes: dict[int, NodeItem] = {}
        self.badges: dict[int, BadgeItem] = {}
        self.notes: list[NoteItem] = []
        self.lines = Lines(self, self.painter, self.centre)
        self.structure = Structure({})
        self._findings: dict[int, Severity] = {}
        self._states: dict[int, ResourceState] = {}
        self._drafts: frozenset[int] = frozenset()
        self._loads: dict[int, Load] = {}
        self._selected: frozenset[Key] = frozenset()
        self._hovered: Key = 0
        document.changed.connect(self._on_change)
        selection.changed.connect(self._on_selection)
        appearance.changed.connect(self._on_appearance)
        self._rebuild()

    # -- listening to the document -----------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        if change.anew:
            self._rebuild()
            return
        if self._hovered in change.removed:
            self._hovered = 0  # the next resource may get the same guid
        if change.added or change.removed or any(each & _STRUCTURAL for each in change.altered.values()):
            self._restructure()
        moved = [guid for guid, each in change.altered.items() if each & Aspect.PLACE]
        if moved:
            self.place(moved)
        self.refresh([guid for guid, each in change.altered.items() if each & _SHOWN])
        if "notes" in change.parts:
            self._show_notes()
        if change.concerns(_STRUCTURAL | Aspect.PLACE) or "notes" in change.parts:
            self._fit_ground()

    def _rebuild(self) -> None:
        self.lines.show({}, self._make_line)
        for item in [*self.nodes.values(), *self.badges.values(), *self.notes]:
            self.removeItem(item)
        self.nodes, self.badges, self.notes = {}, {}, []
        self._restructure()
        self._show_notes()
        self._fit_ground()

    def _restructure(self) -> None:
        """Bring nodes, badges and lines in accord with what is connected to what."""
        resources = self.document.description.resources
        self.structure = Structure(resources)
        standing = set(self.structure.standing())
        for guid in [guid for guid in self.nodes if guid not in standing]:
            self.removeItem(self.nodes.pop(guid))
        for guid in standing - self.nodes.keys():
            item = self.nodes[guid] = NodeItem(guid, self.look(guid), shown_name(resources[guid]), self.painter)
            item.setPos(place_of(resources[guid]))
            self.addItem(item)
        self._show_badges()
        pairs = {pair: pair for pair in self.structure.other_connections()}
        self.lines.show({(guid, 0): ends for guid, ends in self.structure.joined.items()} | pairs, self._make_line)
        self._place_badges(self.structure.attached)

    def _show_badges(self) -> None:
        hanging = (guid for badges in self.structure.attached.values() for guid in badges)
        are_ports = {guid: self.structure.line_at(guid) is not None for guid in hanging}
        for guid, item in list(self.badges.items()):
            if are_ports.get(guid) is not item.is_port:
                self.removeItem(self.badges.pop(guid))
        resources = self.document.description.resources
        for guid in are_ports.keys() - self.badges.keys():
            label = shown_name(resources[guid])
            item = self.badges[guid] = BadgeItem(guid, self.look(guid), label, self.painter, are_ports[guid])
            item.setZValue(NODES + 1)
            self.addItem(item)

    def _make_line(self, key: LineKey) -> Line:
        if key[1]:
            return Line(key, key)
        look = self.look(key[0])
        label = self._line_label(self.document.description.resources[key[0]])
        line = Line(key, self.structure.joined[key[0]], label)
        line.wear(look)
        line.load = self._loads.get(key[0])
        return line

    def _line_label(self, resource: ResourceDescription) -> str:
        values = [each for each in short_values(resource) if not says(resource.label, each)]
        return SEPARATOR.join(each for each in (resource.label, *values) if each)

    # -- looks ---------------------------------------------------------------------------------------

    def look(self, guid: int) -> Look:
        """Return how a resource looks just now."""
        resource = self.document.description.resources[guid]
        return Look(
            icon_of_type(resource.rtype),
            resource.layout.colour if resource.layout else "",
            guid in self.selection,
            guid == self._hovered,
            self._findings.get(guid, ""),
            ResourceFactory.find(resource.rtype) is None,
            self._states.get(guid),
            guid in self._drafts,
        )

    def refresh(self, guids: Collection[int]) -> None:
        """Draw resources again whose looks or labels may have changed."""
        if len(guids) > _MANY:
            self.burst.emit()
        for guid in guids:
            self._refresh(guid)

    def _refresh(self, guid: int) -> None:
        """Draw a resource again whose looks or label may have changed."""
        resource = self.document.description.resources.get(guid)
        if resource is None:
            return
        if item := self.nodes.get(guid) or self.badges.get(guid):
            item.set_label(shown_name(resource))
            item.set_look(self.look(guid))
        elif (guid, 0) in self.lines:
            line = self.lines[guid, 0]
            before = line.rect()
            line.label, line.load = self._line_label(resource), self._loads.get(guid)
            line.wear(self.look(guid))
            self.lines.redraw(line, before)

    def show_findings(self, findings: Mapping[int, Severity]) -> None:
        """Mark resources for which something was found, and no others."""
        touched = _differing(self._findings, findings)
        self._findings = dict(findings)
        self.refresh(touched)

    def show_run(self, states: Mapping[int, ResourceState], drafts: Collection[int] = ()) -> None:
        """Show the states of resources in a run, and which ones are not in it; none for those that are not named."""
        touched = _differing(self._states, states) | (self._drafts ^ frozenset(drafts))
        self._states, self._drafts = dict(states), frozenset(drafts)
        self.refresh(touched)

    def show_states(self, states: Mapping[int, ResourceState]) -> None:
        """Show other states of some resources."""
        touched = [guid for guid, state in states.items() if self._states.get(guid) is not state]
        self._states.update(states)
        self.refresh(touched)

    @property
    def states(self) -> Mapping[int, ResourceState]:
        """The states that are shown, by guid."""
        return self._states

    @property
    def drafts(self) -> frozenset[int]:
        """What is shown as not being in the run."""
        return self._drafts

    def show_loads(self, loads: Mapping[int, Load]) -> None:
        """Show how much lines carry, each by the guid of its resource; nothing about those that are not named."""
        touched = _differing(self._loads, loads)
        self._loads = dict(loads)
        self.refresh(touched)

    def hover(self, key: Key) -> None:
        """Have a resource look as if the mouse is over it, and no other; 0 for none."""
        if key != self._hovered:
            before, self._hovered = self._hovered, key
            for each in (before, key):
                if each > 0:
                    self._refresh(each)

    def _on_selection(self) -> None:
        changed = self._selected ^ self.selection.keys
        self._selected = self.selection.keys
        self.refresh([key for key in changed if key > 0])
        for key in changed:
            if key < 0 and -key <= len(self.notes):
                self.notes[-key - 1].select(key in self._selected)

    def _on_appearance(self) -> None:
        self.painter.show(self._appearance.theme)
        self.update()

    # -- places ------------------------------------------------------------------------------------------

    def centre(self, key: Key) -> QPointF:
        """Return where a resource or note stands, as it is drawn just now; of a link its middle."""
        if key < 0:
            return self.notes[-key - 1].pos()
        if item := self.nodes.get(key) or self.badges.get(key):
            return item.pos()
        way = self.lines[key, 0].way if (key, 0) in self.lines else None
        return way.center() if way else QPointF()

    def rect(self, key: Key) -> QRectF:
        """Return what a resource or note covers on the canvas, without the room around it."""
        if key < 0:
            note = self.notes[-key - 1]
            return note.body().translated(note.pos())
        if node := self.nodes.get(key):
            return PLATE.translated(node.pos())
        if badge := self.badges.get(key):
            return badge.chip_rect().translated(badge.pos())
        line = self.lines[key, 0]
        return QRectF(line.way.p1(), line.way.p2()).normalized() if line.way else QRectF()

    def shows(self, key: Key) -> bool:
        """Tell whether there is such a resource or note."""
        return 0 < -key <= len(self.notes) or key in self.nodes or key in self.badges or (key, 0) in self.lines

    def place(self, keys: Iterable[Key]) -> None:
        """Put nodes and notes where the document has them, if it still has them."""
        description = self.document.description
        places: dict[Key, QPointF] = {}
        for key in keys:
            if key in self.nodes:
                places[key] = place_of(description.resources[key])
            elif 0 < -key <= len(self.notes):
                places[key] = box_of(description.canvas.notes[-key - 1]).center()
        self.show_at(places)
        self.lines.settle(places)

    def show_at(self, places: Mapping[Key, QPointF]) -> None:
        """Show nodes and notes somewhere, whatever the document says, such as while they are dragged."""
        for key, place in places.items():
            if key < 0:
                self.notes[-key - 1].setPos(place)
            elif key in self.nodes:
                self.nodes[key].setPos(place)
        lines = self.lines.follow(places)
        moved = {*places, *(line.key[0] for line in lines), *(end for line in lines for end in line.ends)}
        self._place_badges(moved)
        self.moved.emit(moved)

    def _place_badges(self, hosts: Iterable[int]) -> None:
        """Put the badges of some resources in their places: ports on their line, the others below each other."""
        placed: list[int] = []
        for host in hosts:
            badges = self.structure.attached.get(host, [])
            placed += badges
            hanging = [guid for guid in badges if not self.badges[guid].is_port]
            for guid in set(badges) - set(hanging):
                self.badges[guid].setPos(self._port_place(guid, host))
            top = self._hang_from(host)
            for number, guid in enumerate(hanging):
                self.badges[guid].setPos(self.centre(host) + QPointF(0, top + number * (CHIP_HEIGHT + 3)))
        self.lines.follow(placed)

    def _hang_from(self, host: int) -> float:
        """Return how far below a host's centre the first chip's centre is."""
        if node := self.nodes.get(host):
            return node.boundingRect().bottom() + CHIP_HEIGHT / 2
        return CHIP_HEIGHT / 2 + 10

    def _port_place(self, guid: int, host: int) -> QPointF:
        line = self.structure.line_at(guid)
        centre = self.centre(host)
        if line is None or (line, 0) not in self.lines or self.lines[line, 0].way is None:
            return centre
        joined = self.lines[line, 0]
        assert joined.way is not None
        near, far = (joined.way.p1(), joined.way.p2()) if joined.ends[0] == host else (joined.way.p2(), joined.way.p1())
        way = far - near
        length = math.hypot(way.x(), way.y()) or 1.0
        return near + way * min(0.5, (PLATE.width() * 0.72) / length)

    def _show_notes(self) -> None:
        wanted = self.document.description.canvas.notes
        while len(self.notes) > len(wanted):
            self.removeItem(self.notes.pop())
        for number, note in enumerate(wanted):
            if number < len(self.notes):
                self.notes[number].show_note(note)
            else:
                self.notes.append(NoteItem(number, note, self.painter))
                self.addItem(self.notes[-1])
            self.notes[number].select(-number - 1 in self.selection)

    def _fit_ground(self) -> None:
        self.setSceneRect(self.contents().adjusted(-_GROUND, -_GROUND, _GROUND, _GROUND))

    def contents(self) -> QRectF:
        """Return what all resources and notes cover together; links lie between."""
        covered = QRectF()
        for item in (*self.nodes.values(), *self.badges.values(), *self.notes):
            covered |= item.boundingRect().translated(item.pos())
        return covered

    # -- what is where -----------------------------------------------------------------------------------

    def hit(self, place: QPointF, zoom: float = 1.0) -> Hit:
        """Return what is at a place: badges before nodes, these before lines, and those before notes.

        Args:
            zoom: how large it is shown; a line is found within a few pixels of the screen.
        """
        items = self.items(QRectF(place.x() - 1, place.y() - 1, 2, 2))
        for item in items:
            if isinstance(item, BadgeItem) and item.chip_rect().translated(item.pos()).contains(place):
                return Hit(item.guid, Part.BODY)
        for item in items:
            if isinstance(item, NodeItem) and (part := part_of_node(item, place)) is not Part.NOTHING:
                return Hit(item.guid, part)
        if line := self.lines.near(place, 6.0 / min(1.0, max(zoom, 0.05))):
            return Hit(line.key[0] if line.is_link else 0, Part.LINE, line.key)
        for item in items:
            if isinstance(item, NoteItem) and (part := part_of_note(item, place, zoom)) is not Part.NOTHING:
                return Hit(-item.number - 1, part)
        return Hit()

    def within(self, field: QRectF) -> set[Key]:
        """Return what lies wholly in a rectangle."""
        keys = {_key_of(item) for item in self.items(field)} - {0}
        found = {key for key in keys if field.contains(self.rect(key))}
        return found | {line.key[0] for line in self.lines.all() if line.is_link and _holds(field, line)}


def _differing(before: Mapping[int, object], after: Mapping[int, object]) -> set[int]:
    """Return the keys under which there is something else, or nothing any more."""
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def _key_of(item: QGraphicsItem) -> Key:
    """Return what an item shows, 0 for a bundle of lines."""
    if isinstance(item, NoteItem):
        return -item.number - 1
    return item.guid if isinstance(item, (NodeItem, BadgeItem)) else 0


def _holds(field: QRectF, line: Line) -> bool:
    return line.way is not None and field.contains(line.way.p1()) and field.contains(line.way.p2())
