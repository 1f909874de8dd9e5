"""The menu that opens on the canvas: for what is selected, or for what may be added."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QMenu

from nepi_core.structure import shown_name
from nepi_gui import icons
from nepi_gui.canvas.hits import Hit, Part
from nepi_gui.document.joints import Joints
from nepi_gui.panels.type_groups import BROKEN, LEGACY, type_groups
from nepi_gui.window.canvas_keys import keep_on_canvas
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature
from nepi_gui.window.linking import LinkingFeature

_ON_RESOURCES = (
    ("edit.rename",),
    ("link.from", "link.join", "link.cut", "link.take-out"),
    ("edit.cut", "edit.copy", "edit.duplicate", "edit.delete"),
    ("run.deploy", "run.start", "run.stop-selection", "run.release"),
    ("plots.selection",),
    ("run.terminal", "run.command", "traces.show", "log.show"),
    ("help.type",),
)
_ON_NOTES = (("edit.rename",), ("edit.cut", "edit.copy", "edit.duplicate", "edit.delete"))
_ON_NOTHING = (("edit.paste", "edit.select-all"), ("insert.note", "insert.area"), ("view.fit",))


class ContextMenuFeature(Feature):
    """Opens the menu of the canvas, by mouse and by key."""

    def commands(self) -> Iterable[Command]:
        """Yield the command that opens the menu."""
        yield Command(
            "canvas.menu",
            self.tr("&Menu of the selection"),
            self.open_at_selection,
            self.tr("&Edit"),
            ("Shift+F10",),
            self.tr("Open the menu of what is selected on the canvas."),
        )

    def opened(self) -> None:
        """Listen to who asks for the menu."""
        self.window.view.asked.connect(self.open)
        self.window.view.asked_by_key.connect(self.open_at_selection)
        keep_on_canvas(self.window, ["canvas.menu"])  # fields have menus of their own

    def open_at_selection(self) -> None:
        """Open the menu of what is selected, or of the empty canvas, as the mouse does."""
        view, scene = self.window.view, self.window.scene
        key = max(self.selection.keys, default=0)
        place = scene.centre(key) if key else view.shown().center()
        inside, pixel = view.viewport().rect(), view.mapFromScene(place)
        if not inside.contains(pixel):
            pixel = inside.center()
        self.open(Hit(key, Part.BODY if key else Part.NOTHING), place, view.viewport().mapToGlobal(pixel))

    def open(self, hit: Hit, place: QPointF, at: QPoint) -> None:
        """Open the menu for what is at a place."""
        self.window.commands.refresh()
        menu = QMenu(self.window)
        menu.setObjectName("canvas.menu")
        menu.setToolTipsVisible(True)
        menu.aboutToHide.connect(menu.deleteLater)
        if hit.key > 0:
            self._fill_for_resource(menu, hit.key)
        elif hit.key < 0:
            self._add_groups(menu, _ON_NOTES)
            self._add_colours(menu)
        else:
            self._fill_for_nothing(menu, place)
        menu.popup(at)

    def _fill_for_resource(self, menu: QMenu, guid: int) -> None:
        self._add_groups(menu, _ON_RESOURCES[:1])
        self._add_colours(menu)
        name = shown_name(self.document.description.resource(guid))
        adding = menu.addMenu(icons.icon("add"), self.tr("&Add to {0}").format(name.replace("&", "&&")))
        adding.setToolTipsVisible(True)
        # Filled when it opens: asking what may hang here takes a moment in a large experiment.
        adding.aboutToShow.connect(partial(self._fill_badges, adding, guid))
        self._add_groups(menu, _ON_RESOURCES[1:])

    def _fill_badges(self, menu: QMenu, guid: int) -> None:
        if not menu.isEmpty():
            return
        feature = LinkingFeature.of(self.window)
        for rtype in Joints(self.document.description).useful_badges(guid):
            menu.addAction(feature.type_action(menu, rtype, partial(feature.attach, rtype)))
        if menu.isEmpty():
            menu.addAction(self.tr("Nothing has a use here.")).setEnabled(False)

    def _fill_for_nothing(self, menu: QMenu, place: QPointF) -> None:
        adding = menu.addMenu(icons.icon("add"), self.tr("&Add"))
        feature = LinkingFeature.of(self.window)
        for group in type_groups():
            if group.name not in (BROKEN, LEGACY):
                backend = adding.addMenu(icons.icon(group.name), group.title)
                backend.setToolTipsVisible(True)
                for rtype in group.rtypes:
                    backend.addAction(feature.type_action(backend, rtype, partial(feature.add_at, rtype, place)))
        self._add_groups(menu, _ON_NOTHING)

    def _add_groups(self, menu: QMenu, groups: Iterable[tuple[str, ...]]) -> None:
        commands = {each.name for each in self.window.commands.all()}
        for group in groups:
            actions = [self.window.commands[name] for name in group if name in commands]
            present = [each for each in actions if each.isEnabled()]
            if present and not menu.isEmpty():
                menu.addSeparator()
            menu.addActions(present)

    def _add_colours(self, menu: QMenu) -> None:
        colours = [each.name for each in self.window.commands.all() if each.name.startswith("colour.")]
        if colours:
            painting = menu.addMenu(icons.icon("colour"), self.tr("&Colour"))
            painting.addActions([self.window.commands[name] for name in colours])
