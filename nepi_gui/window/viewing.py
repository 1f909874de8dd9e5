"""The menu View: zoom, theme, panels."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication

from nepi_gui.window.commands import Command
from nepi_gui.window.docks import panels
from nepi_gui.window.feature import Feature

_KEY = QKeySequence.StandardKey


class ViewingFeature(Feature):
    """Says how large and in which colours things are shown, and which panels."""

    def commands(self) -> Iterable[Command]:
        """Yield the commands of the menu View."""
        view, menu = self.window.view, self.tr("&View")
        yield Command("view.zoom-in", self.tr("Zoom &in"), view.zoom_in, menu, (_KEY.ZoomIn, "Ctrl+="), icon="zoom-in")
        yield Command("view.zoom-out", self.tr("Zoom &out"), view.zoom_out, menu, (_KEY.ZoomOut,), icon="zoom-out")
        yield Command("view.natural", self.tr("&Natural size"), partial(view.zoom_to, 1.0), menu, ("Ctrl+0",))
        fit_help = self.tr("Show the whole experiment.")
        yield Command("view.fit", self.tr("&Fit"), view.fit, menu, ("Ctrl+1",), fit_help, "fit")
        yield from self._themes(self.tr("&View") + "/" + self.tr("&Appearance"))
        yield from self._panels(self.tr("&View") + "/" + self.tr("&Panels"))

    def _panels(self, menu: str) -> Iterable[Command]:
        canvas_help = self.tr("Go from a panel back to the canvas.")
        yield Command("view.canvas", self.tr("&Canvas"), self.go_to_canvas, menu, ("Alt+0",), canvas_help)
        panel_help = self.tr("Bring the panel to the front and go there; hide it when that is where the keyboard is.")
        for panel in panels():
            yield Command(
                f"view.panel.{panel.name}",
                panel.title,
                partial(self._switch_panel, panel.name),
                menu,
                (panel.shortcut,),
                panel_help,
                checked=self.window.docks[panel.name].widget().isVisible,
            )
        yield Command(
            "view.panels-at-first",
            self.tr("&Arrange panels as at first"),
            self.window.arrange_as_at_first,
            menu,
            separated=True,
        )

    def _themes(self, menu: str) -> Iterable[Command]:
        titles = {"system": self.tr("As the &system"), "light": self.tr("&Light"), "dark": self.tr("&Dark")}
        for choice, title in titles.items():
            yield Command(
                f"view.theme.{choice}",
                title,
                partial(self._choose_theme, choice),
                menu,
                checked=partial(self._is_theme, choice),
            )

    def _choose_theme(self, choice: str) -> None:
        self.editor.appearance.choose(choice)
        self.editor.settings.keep("appearance", choice)

    def _is_theme(self, choice: str) -> bool:
        return self.editor.appearance.choice == choice

    def _switch_panel(self, name: str) -> None:
        dock, focused = self.window.docks[name], QApplication.focusWidget()
        is_there = focused is not None and (focused is dock or dock.isAncestorOf(focused))
        if is_there and dock.widget().isVisible():  # a dock behind another tab is visible, too, as Qt sees it
            dock.hide()
        else:
            self.window.show_panel(name)

    def go_to_canvas(self) -> None:
        """Show the canvas, and give it the keyboard."""
        self.window.show_page(self.window.view)
        self.window.view.setFocus()

    def opened(self) -> None:
        """Show the canvas for the first time; have Escape lead there from where it means nothing else."""
        self.look_first()
        for dock in self.window.docks.values():
            dock.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if event.key() != Qt.Key.Key_Escape or event.modifiers() != Qt.KeyboardModifier.NoModifier:
            return False
        self.go_to_canvas()
        return True

    def look_first(self) -> None:
        """Show what was shown when the file was saved; everything when that is not known, or nothing is there."""
        view, viewport = self.window.view, self.document.description.canvas.viewport
        view.fit()
        if viewport is None or not all(map(math.isfinite, viewport)):
            return
        x, y, zoom = viewport
        if view.canvas.contents().contains(x, y):
            view.zoom_to(zoom)
            view.look_at(QPointF(x, y))
