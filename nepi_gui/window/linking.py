"""Adding and linking: the link tool, menus of what may stand at the end of a link, and what the palette adds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from nepi_core.errors import NepiError
from nepi_core.factory import ResourceFactory
from nepi_core.resource_type import Drawn
from nepi_core.structure import drawn_as, short_type, shown_name
from nepi_gui import icons
from nepi_gui.canvas.drop import GRAPHS
from nepi_gui.canvas.free_places import free_for_node
from nepi_gui.canvas.gestures.gesture import Pointer
from nepi_gui.canvas.gestures.linking import DrawnLink, LinkGesture
from nepi_gui.canvas.hits import Hit, Part
from nepi_gui.canvas.lines import Line
from nepi_gui.canvas.looks import SPACING
from nepi_gui.document import linking, resources
from nepi_gui.document.joints import Joints
from nepi_gui.window.canvas_keys import keep_on_canvas
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature
from nepi_gui.window.link_habits import LinkHabits

_COLUMNS = 6
_ASIDE = QPointF(SPACING, 0)  # where a badge stands that hangs at nothing any more, from where it hung
_TOO_NEAR = 0.6 * SPACING


class LinkingFeature(Feature):
    """Adds resources, links them, and takes them apart."""

    def commands(self) -> Iterable[Command]:
        """Yield the commands of the menu Insert that are about links."""
        menu = self.tr("&Insert")
        yield Command(
            "link.tool",
            self.tr("&Link tool"),
            self.switch_tool,
            menu,
            ("Alt+L",),
            self.tr("Draw links from anywhere on a node, not from its rim only."),
            "link-tool",
            checked=self._is_tool_on,
        )
        yield Command(
            "link.from",
            self.tr("Link &from here"),
            self.link_from_here,
            menu,
            ("Ctrl+Shift+J",),
            self.tr("Draw a link from the selected resource; a click ends it."),
            "link",
            enabled=self._is_one_selected,
        )
        yield Command(
            "link.join",
            self.tr("Link &selected"),
            self.link_selected,
            menu,
            ("Ctrl+J",),
            self.tr("Join the two selected resources."),
            "link",
            enabled=self._are_two_selected,
        )
        yield Command(
            "link.cut",
            self.tr("&Disconnect"),
            self.disconnect_selected,
            menu,
            ("Alt+Delete",),
            self.tr("Remove the links between the selected resources, or all of the only one."),
            "slice",
            enabled=self._has_links,
        )
        yield Command(
            "link.take-out",
            self.tr("Take &out"),
            self.take_out,
            menu,
            ("Ctrl+Delete",),
            self.tr("Delete what stands between two others, and link these."),
            enabled=self._can_take_out,
        )

    def opened(self) -> None:
        """Listen to what is drawn and dropped on the canvas."""
        self._habits = LinkHabits(self.editor.settings)
        view = self.window.view
        view.told.connect(self.editor.tell)
        view.link_drawn.connect(self.make)
        # Later, for opening a file may ask something, and the program that it is dragged from waits.
        view.files_dropped.connect(self._open_files, Qt.ConnectionType.QueuedConnection)
        self.document.changed.connect(self.window.commands.refresh_soon)
        keep_on_canvas(self.window, ["link.cut", "link.take-out"])  # in a text they delete words

    # -- adding --------------------------------------------------------------------------------------

    def add(self, rtype: str, place: QPointF | None = None) -> list[int]:
        """Add a resource as its type wants it: at the selected ones, between two of them, or on its own.

        Args:
            place: about where it stands if it does, since it covers no other one; beside what is selected or in the
                middle of the view if not given.

        Returns:
            what was added; nothing, when that is not possible, for a reason that the user is told.
        """
        try:
            added = self._add(rtype, place)
        except NepiError as error:
            self.editor.tell(str(error))
            return []
        self.selection.set(added)
        self.window.view.reveal(added[0])
        return added

    def _add(self, rtype: str, place: QPointF | None) -> list[int]:
        chosen, drawn = self._chosen_hosts(), drawn_as(rtype)
        if drawn is Drawn.BADGE and chosen:
            joints = Joints(self.document.description)
            hosts = sorted({joints.host_for(rtype, guid) for guid in chosen})
            return linking.attach(self.document, rtype, hosts, joints.legality)
        if drawn is Drawn.EDGE and len(chosen) == 2:
            return [linking.join(self.document, rtype, chosen[0], chosen[1])]
        view = self.window.view
        at = free_for_node(self.window.scene, view.snapped(place)) if place is not None else self._free_place()
        return [resources.add_resource(self.document, rtype, (at.x(), at.y()))]

    def add_at(self, rtype: str, place: QPointF) -> None:
        """Add a resource on its own."""
        at = free_for_node(self.window.scene, self.window.view.snapped(place))
        self._try(partial(resources.add_resource, self.document, rtype, (at.x(), at.y())))

    def attach(self, rtype: str) -> None:
        """Add a badge of a type to all selected resources that may have it."""
        joints = Joints(self.document.description)
        hosts = self._chosen_hosts()
        self._attach(rtype, [each for each in hosts if joints.accepts(rtype, each)] or hosts)

    def _chosen_hosts(self) -> list[int]:
        """Return the selected resources without the badges among them; those when there are no others."""
        chosen, badges = self.selection.guids, self.window.scene.badges
        return [guid for guid in chosen if guid not in badges] or chosen

    def _free_place(self) -> QPointF:
        """Return a place for something new, at which nothing stands: right of what is selected, or in the middle."""
        view, scene = self.window.view, self.window.scene
        chosen = [scene.nodes[guid].pos() for guid in self.selection.guids if guid in scene.nodes]
        if chosen:
            right = max(chosen, key=QPointF.x)
            first = right + QPointF(SPACING, 0)
        else:
            first = view.shown().center()
        taken = [item.pos() for item in scene.nodes.values()]
        number = 0
        while True:
            row, column = divmod(number, _COLUMNS)
            place = view.snapped(first + QPointF(column * SPACING, row * SPACING))
            if not any((place - each).manhattanLength() < _TOO_NEAR for each in taken):
                return place
            number += 1

    # -- the tool ------------------------------------------------------------------------------------

    def switch_tool(self) -> None:
        """Switch the link tool on or off."""
        self.window.view.use_link_tool(not self._is_tool_on())

    def _is_tool_on(self) -> bool:
        return self.window.view.is_linking

    def link_from_here(self) -> None:
        """Have a line follow the mouse from the selected resource on."""
        if not self._is_one_selected():  # what was typed until now may have changed the selection
            return
        guid, view = self.selection.guids[0], self.window.view
        start = self.window.scene.centre(guid)
        pixel = QPointF(view.mapFromScene(start))
        left, no_key = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        pointer = Pointer(start, pixel, left, no_key, Hit(guid, Part.BODY))
        view.begin(LinkGesture(view, pointer, stays=True))

    def _is_one_selected(self) -> bool:
        return len(self.selection.guids) == 1 and not self._is_link(self.selection.guids[0])

    def _is_link(self, guid: int) -> bool:
        return (guid, 0) in self.window.scene.lines

    def _are_two_selected(self) -> bool:
        return len(self.selection.guids) == 2

    # -- linking -------------------------------------------------------------------------------------

    def link_selected(self) -> None:
        """Join the two selected resources."""
        start, end = self.selection.guids
        joints = Joints(self.document.description)
        joint = joints.between(start, end)
        if joint.refusal:
            self.editor.tell(joint.refusal)
            return
        view, place = self.window.view, self.window.scene.centre(end)
        at = view.viewport().mapToGlobal(view.mapFromScene(place))
        self.make(DrawnLink(start, end, place, at, joints, joint))

    def make(self, drawn: DrawnLink) -> None:
        """Make a link that was drawn; ask, if there is something to choose."""
        if not drawn.end:
            self._ask_for_end(drawn)
        elif len(drawn.joint.rtypes) > 1:
            self._ask_for_line(drawn)
        else:
            self._join(drawn, next(iter(drawn.joint.rtypes), ""))

    def _join(self, drawn: DrawnLink, line_type: str) -> None:
        legality = drawn.joints.legality
        self._try(partial(linking.join, self.document, line_type, drawn.start, drawn.end, legality), line_type)

    def _ask_for_line(self, drawn: DrawnLink) -> None:
        menu = self._menu()
        for rtype in self._habits.ranked(drawn.joint.rtypes):
            menu.addAction(self.type_action(menu, rtype, partial(self._join, drawn, rtype)))
        menu.popup(drawn.at)

    def _ask_for_end(self, drawn: DrawnLink) -> None:
        """Show what may stand at the end of a link, and what may hang at its start."""
        menu, joints = self._menu(), drawn.joints
        ends = joints.far_ends(drawn.start)
        for rtype in self._habits.ranked(ends):
            self._add_end_actions(menu, drawn, rtype, ends[rtype])
        if not drawn.line_type and (badges := joints.useful_badges(drawn.start)):
            name = shown_name(self.document.description.resource(drawn.start))
            menu.addSection(self.tr("Add to {0}").format(name))
            for rtype in self._habits.ranked(badges):
                run = partial(self._attach, rtype, [drawn.start])
                menu.addAction(self.type_action(menu, rtype, run))
        if menu.isEmpty():
            menu.addAction(self.tr("Nothing can be linked to this.")).setEnabled(False)
        menu.popup(drawn.at)

    def _add_end_actions(self, menu: QMenu, drawn: DrawnLink, rtype: str, lines: tuple[str, ...]) -> None:
        wanted = [each for each in lines if drawn.line_type in ("", each)]
        if not lines and not drawn.line_type:
            menu.addAction(self.type_action(menu, rtype, partial(self._add_end, drawn, rtype, "")))
        for line in self._habits.ranked(wanted):
            action = self.type_action(menu, rtype, partial(self._add_end, drawn, rtype, line))
            if len(wanted) > 1:
                action.setText(self.tr("{0}, by {1}").format(short_type(rtype), line))
            menu.addAction(action)

    def _add_end(self, drawn: DrawnLink, rtype: str, line_type: str) -> None:
        at = self.window.view.snapped(drawn.place)
        step = partial(linking.add_joined, self.document, rtype, (at.x(), at.y()), drawn.start, line_type)
        self._try(step, rtype)

    def _attach(self, rtype: str, hosts: list[int]) -> None:
        self._try(partial(linking.attach, self.document, rtype, hosts), rtype)

    def _try(self, step: Callable[[], int | list[int]], chosen: str = "") -> None:
        """Take a step, select what it has added and remember what was chosen, or say why it is refused."""
        try:
            added = step()
        except NepiError as error:
            self.editor.tell(str(error))
            return
        if chosen:
            self._habits.note(chosen)
        if keys := [added] if isinstance(added, int) else added:
            self.selection.set(key for key in keys if key)

    # -- taking apart --------------------------------------------------------------------------------

    def _found_links(self) -> tuple[set[int], set[linking.Pair]]:
        """Return links and plain connections between selected resources, or all of the only one."""
        chosen, scene = set(self.selection.guids), self.window.scene
        found = [line for guid in chosen for line in scene.lines.at(guid)]
        if len(chosen) > 1:
            found = [line for line in found if chosen.issuperset(line.ends)]
        pairs = {line.key for line in found if not line.is_link}
        badges = chosen & scene.badges.keys()
        pairs |= {(badge, host) for badge in badges if (host := scene.structure.hosts[badge]) != badge}
        return {line.key[0] for line in found if line.is_link}, pairs

    def _has_links(self) -> bool:
        return any(self._found_links())

    def disconnect_selected(self) -> None:
        """Remove the links between selected resources, or all of the only one; badges let go of what they hang at."""
        lines, pairs = self._found_links()
        description = self.document.description
        held = {(badge, other) for badge, _ in pairs for other in linking.holds(description, badge)}
        scene = self.window.scene
        freed = {badge: (scene.centre(badge) + _ASIDE).toTuple() for badge, _ in pairs if badge in scene.badges}
        linking.cut(self.document, lines, {pair for pair in pairs if pair[0] not in scene.badges} | held, freed)

    def _can_take_out(self) -> bool:
        scene = self.window.scene
        chosen = [guid for guid in self.selection.guids if guid in scene.nodes]
        return bool(chosen) and all(_count_links(scene.lines.at(guid)) == 2 for guid in chosen)

    def take_out(self) -> None:
        """Delete the selected nodes, and link their neighbours."""
        chosen = [guid for guid in self.selection.guids if guid in self.window.scene.nodes]
        try:
            with self._step_for(chosen):
                for guid in chosen:
                    linking.take_out(self.document, guid)
        except NepiError as error:
            self.editor.tell(str(error))

    def _step_for(self, chosen: list[int]) -> AbstractContextManager[object]:
        """Return a step for all of several nodes; the one of a single node has its own text."""
        if len(chosen) == 1:
            return nullcontext()
        return self.document.edit(self.tr("Take {0} items out").format(len(chosen)))

    # -- menus ---------------------------------------------------------------------------------------

    def _menu(self) -> QMenu:
        menu = QMenu(self.window)
        menu.setToolTipsVisible(True)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def type_action(self, menu: QMenu, rtype: str, run: Callable[[], object]) -> QAction:
        """Return an entry for a resource type: its name, and the backend it belongs to."""
        found = ResourceFactory.get_resource_type(rtype)
        action = QAction(icons.icon(icons.icon_of_type(rtype)), f"{short_type(rtype)}\t{found.get_backend()}", menu)
        action.setToolTip(found.get_help())
        action.triggered.connect(lambda: run())
        return action

    def _open_files(self, paths: list[str]) -> None:
        for path in map(Path, paths):
            if path.suffix.lower() not in GRAPHS:  # those are inserted, not opened
                self.window.application.show_file(path, over=self.window)


def _count_links(lines: Iterable[Line]) -> int:
    return sum(line.is_link for line in lines)
