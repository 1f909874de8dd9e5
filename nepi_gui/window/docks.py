"""The panels around the canvas: which there are, and where each stands at first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QWidget

from nepi_gui.editor import Editor
from nepi_gui.panels.attributes import AttributesPanel
from nepi_gui.panels.conditions import ConditionsPanel
from nepi_gui.panels.console.panel import ConsolePanel
from nepi_gui.panels.findings import FindingsPanel
from nepi_gui.panels.history import HistoryPanel
from nepi_gui.panels.log import LogPanel
from nepi_gui.panels.palette import PalettePanel
from nepi_gui.panels.run_timeline.panel import TimelineDock
from nepi_gui.panels.runs.panel import RunsPanel
from nepi_gui.panels.task import TaskPanel
from nepi_gui.panels.traces.panel import TracesPanel
from nepi_gui.plots.panel import PlotsPanel
from nepi_gui.translation import translate

_LEFT, _RIGHT, _BOTTOM = (
    Qt.DockWidgetArea.LeftDockWidgetArea,
    Qt.DockWidgetArea.RightDockWidgetArea,
    Qt.DockWidgetArea.BottomDockWidgetArea,
)

_PALETTE_WIDTH, _FORM_WIDTH, _BOTTOM_HEIGHT = 240, 320, 150


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel: its name, title, first place, and what makes it. Panels of a place are tabs, the first one is shown."""

    name: str
    title: str
    area: Qt.DockWidgetArea
    make: Callable[[Editor], QWidget]
    shortcut: str
    is_open: bool = True


def panels() -> tuple[Panel, ...]:
    """Return all panels, with titles in the user's language."""
    return (
        Panel("palette", translate("Panels", "Palette"), _LEFT, PalettePanel, "Alt+1"),
        Panel("attributes", translate("Panels", "Attributes"), _RIGHT, AttributesPanel, "Alt+2"),
        Panel("conditions", translate("Panels", "Conditions"), _RIGHT, ConditionsPanel, "Alt+3"),
        Panel("timeline", translate("Panels", "Time line"), _BOTTOM, TimelineDock, "Alt+4"),
        Panel("findings", translate("Panels", "Findings"), _BOTTOM, FindingsPanel, "Alt+5"),
        Panel("history", translate("Panels", "History"), _RIGHT, HistoryPanel, "Alt+6"),
        Panel("log", translate("Panels", "Log"), _BOTTOM, LogPanel, "Alt+7"),
        Panel("plots", translate("Panels", "Plots"), _BOTTOM, PlotsPanel, "Alt+8"),
        Panel("task", translate("Panels", "Task"), _RIGHT, TaskPanel, "Alt+Shift+L"),
        Panel("runs", translate("Panels", "Runs"), _BOTTOM, RunsPanel, "Alt+Shift+R"),
        Panel("traces", translate("Panels", "Traces"), _BOTTOM, TracesPanel, "Alt+9"),
        Panel("console", translate("Panels", "Commands"), _BOTTOM, ConsolePanel, "Alt+Shift+T"),
    )


def add_docks(window: QMainWindow, editor: Editor) -> dict[str, QDockWidget]:
    """Put all panels around the canvas; return their docks by name."""
    docks = {panel.name: _make_dock(panel, window, editor) for panel in panels()}
    first: dict[Qt.DockWidgetArea, QDockWidget] = {}
    for panel in panels():
        dock = docks[panel.name]
        if panel.area in first:
            window.tabifyDockWidget(first[panel.area], dock)
        else:
            window.addDockWidget(panel.area, dock)
        first.setdefault(panel.area, dock)
        dock.setVisible(panel.is_open)
    for dock in first.values():
        dock.raise_()
    _share_out(window, docks)
    return docks


def hide_stray_tabs(window: QMainWindow) -> None:
    """Hide all rows of tabs, before a new arrangement: Qt shows those again that it uses.

    It leaves others behind, in the middle of the panels, when docks become tabs in two places, and when an arrangement
    is restored.
    """
    for bar in window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
        bar.hide()


def _make_dock(panel: Panel, window: QMainWindow, editor: Editor) -> QDockWidget:
    dock = QDockWidget(panel.title, window)
    dock.setObjectName(f"dock.{panel.name}")
    widget = panel.make(editor)
    widget.setObjectName(f"panel.{panel.name}")
    widget.setAccessibleName(panel.title)
    dock.setWidget(widget)
    _hide_behind_other_tabs(widget, dock)
    return dock


def _hide_behind_other_tabs(widget: QWidget, dock: QDockWidget) -> None:
    """Hide a panel while another tab is in front of it: Qt only puts it out of sight, and it would go on working."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)  # the tabs of a place keep their common size
    widget.setSizePolicy(policy)
    dock.visibilityChanged.connect(widget.setVisible)


def _share_out(window: QMainWindow, docks: dict[str, QDockWidget]) -> None:
    """Give the panels at the sides the whole height, and all of them the room that they need."""
    window.setCorner(Qt.Corner.BottomLeftCorner, _LEFT)
    window.setCorner(Qt.Corner.BottomRightCorner, _RIGHT)
    sides = [docks["palette"], docks["attributes"]]
    window.resizeDocks(sides, [_PALETTE_WIDTH, _FORM_WIDTH], Qt.Orientation.Horizontal)
    window.resizeDocks([docks["timeline"]], [_BOTTOM_HEIGHT], Qt.Orientation.Vertical)
