"""The menu Help: tour, keys, reference of types, documentation, about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtWidgets import QDialog, QToolBar, QWidget

from nepi_core.resource_type import Drawn
from nepi_core.structure import drawn_as
from nepi_gui.dialogs.about import AboutDialog
from nepi_gui.dialogs.manual import ManualDialog, documentation
from nepi_gui.dialogs.shortcuts import ShortcutsDialog
from nepi_gui.dialogs.tour import Stop, Tour
from nepi_gui.dialogs.type_help import TypeHelpDialog
from nepi_gui.document.change import Aspect, Change
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature
from nepi_gui.window.key_list import by_menu

AnyDialog = TypeVar("AnyDialog", bound=QDialog)

NODES, LINK, ATTRIBUTE, CONDITION, SAVED = range(5)
"""The steps of the tour."""

_SEEN = "tour/seen"


class HelpingFeature(Feature):
    """Tells what there is, and how it is used."""

    tour: Tour | None = None
    """The tour that is going on."""

    def commands(self) -> Iterable[Command]:
        """Yield the commands of the menu Help."""
        menu = self.tr("&Help")
        tour_help = self.tr("Build a first experiment in five steps.")
        yield Command("help.tour", self.tr("&Tour"), self.begin_tour, menu, help=tour_help, icon="tour")
        yield Command(
            "help.type",
            self.tr("&What is this?"),
            self.show_type_help,
            menu,
            ("F1",),
            self.tr("Tell what the selected resource is for, with its attributes and traces."),
            "help",
            separated=True,
        )
        yield Command(
            "help.keys",
            self.tr("&Keys and mouse"),
            self.show_shortcuts,
            menu,
            ("Ctrl+F1",),
            self.tr("List all commands with their keys."),
            "keyboard",
        )
        yield from self._pages(menu)
        yield Command("help.about", self.tr("&About NEPI-GUI"), self.show_about, menu, icon="info", separated=True)

    def _pages(self, menu: str) -> Iterable[Command]:
        titles = {
            "tutorial": self.tr("T&utorial"),
            "emulated-networks": self.tr("E&mulated networks"),
            "topologies": self.tr("T&opologies"),
            "resource-types": self.tr("&Reference of resource types"),
        }
        for name, page in documentation().items():
            text = titles[name]
            yield Command(f"help.page.{name}", text, partial(self.show_page, page), menu, separated=name == "tutorial")

    # -- windows ---------------------------------------------------------------------------------------

    def show_type_help(self) -> None:
        """Show the reference of the selected resource's type, or of all types."""
        dialog = self._shown(TypeHelpDialog) or TypeHelpDialog(self.editor.appearance, self.window)
        selected = self.selection.guids
        if selected:
            dialog.show_type(self.document.description.resources[selected[0]].rtype)
        else:
            dialog.show_first()
        _bring(dialog)

    def show_shortcuts(self) -> None:
        """List all commands with their keys."""
        _bring(self._shown(ShortcutsDialog) or ShortcutsDialog(by_menu(self.window.commands.all()), self.window))

    def show_page(self, page: Path) -> None:
        """Show a page of the documentation."""
        _bring(ManualDialog(page, self.window))

    def show_about(self) -> None:
        """Say which version this is."""
        _bring(self._shown(AboutDialog) or AboutDialog(self.window))

    def _shown(self, kind: type[AnyDialog]) -> AnyDialog | None:
        """Return the dialog of a kind that is open."""
        found = self.window.findChild(kind)
        return found if found is not None and found.isVisible() else None

    # -- the tour ----------------------------------------------------------------------------------------

    def begin_tour_once(self) -> None:
        """Begin the tour if this user has never seen it."""
        if not self.editor.settings.is_on(_SEEN):
            self.begin_tour()

    def begin_tour(self) -> None:
        """Begin the tour, on the canvas."""
        self.editor.settings.keep(_SEEN, True)
        if self.tour is not None:
            self.tour.end()
        if self.window.pages.currentWidget() is not self.window.view:
            self.window.show_page(self.window.view)
        self.tour = Tour(self._stops(), self.editor.appearance, self.window)
        self.tour.ended.connect(self._end_tour)
        self.document.changed.connect(self._watch_change)
        self.document.history.clean_changed.connect(self._watch_saving)
        self.document.path_changed.connect(self._watch_saving)
        self.tour.begin()

    def _end_tour(self) -> None:
        self.tour = None
        self.document.changed.disconnect(self._watch_change)
        self.document.history.clean_changed.disconnect(self._watch_saving)
        self.document.path_changed.disconnect(self._watch_saving)

    def closed(self) -> None:
        """End the tour: the window closes now."""
        if self.tour is not None:
            self.tour.end()

    def _stops(self) -> Sequence[Stop]:
        return (
            Stop(
                self.tr("Two hosts"),
                self.tr(
                    "Drag a <b>Node</b> of the backend <b>netns</b> from the palette onto the canvas, and then another "
                    "one. A double-click adds one as well."
                ),
                partial(self._dock_and_canvas, "palette"),
                partial(self._bring_dock, "palette"),
            ),
            Stop(
                self.tr("A link between them"),
                self.tr(
                    "Point at the rim of a node until the mouse is a cross, and <b>drag from there</b> to the other "
                    "node. What may not be linked says why."
                ),
                self._canvas,
            ),
            Stop(
                self.tr("What it is like"),
                self.tr(
                    "Click on the link, and give it a <b>delay</b> here. What you have changed is marked, with one "
                    "click back to the default. Then drag a <b>Ping</b> onto a node, and give it a target."
                ),
                self._docks_and_canvas,
                partial(self._bring_dock, "attributes"),
            ),
            Stop(
                self.tr("When it happens"),
                self.tr(
                    "Conditions are sentences: <i>START ping 2 s after node1 is STARTED</i>. Select the ping, and add "
                    "one here. A click on any of its words changes it, now or later."
                ),
                partial(self._dock_and_canvas, "conditions"),
                partial(self._bring_dock, "conditions"),
            ),
            Stop(
                self.tr("Save and run"),
                self.tr(
                    "Save the experiment with <b>Ctrl+S</b>. The file runs anywhere, as often as you like, without a "
                    "window:<p><code>nepi-gui --run file.xml</code></p>"
                ),
                self._saving,
            ),
        )

    def _canvas(self) -> list[QWidget]:
        return [self.window.view]

    def _dock_and_canvas(self, name: str) -> list[QWidget]:
        return [self.window.docks[name], self.window.view]

    def _docks_and_canvas(self) -> list[QWidget]:
        return [self.window.docks["attributes"], self.window.docks["palette"], self.window.view]

    def _bring_dock(self, name: str) -> None:
        self.window.docks[name].show()
        self.window.docks[name].raise_()

    def _saving(self) -> list[QWidget]:
        """Return the button that saves."""
        action = self.window.commands["file.save"]
        tools = [bar.widgetForAction(action) for bar in self.window.findChildren(QToolBar)]
        return [tool for tool in tools if tool is not None]

    def _watch_change(self, change: Change) -> None:
        if self.tour is None:
            return
        resources = self.document.description.resources
        added = {drawn_as(resources[guid].rtype) for guid in change.added}
        nodes = [guid for guid, each in resources.items() if drawn_as(each.rtype) is Drawn.NODE]
        if Drawn.NODE in added and len(nodes) > 1:
            self.tour.note_done(NODES)
        if Drawn.EDGE in added:
            self.tour.note_done(LINK)
        told = [guid for guid, each in change.altered.items() if each & Aspect.ATTRIBUTES]
        if any(drawn_as(resources[guid].rtype) is Drawn.BADGE for guid in told):  # the last thing that is asked for
            self.tour.note_done(ATTRIBUTE)
        if any(each & Aspect.CONDITIONS for each in change.altered.values()):
            self.tour.note_done(CONDITION)

    def _watch_saving(self) -> None:
        if self.tour is not None and self.document.path is not None and not self.document.is_modified:
            self.tour.note_done(SAVED)


def _bring(dialog: QDialog) -> None:
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()
