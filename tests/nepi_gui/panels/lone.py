"""A panel without the rest of the window around it, which is made and closed ten times as fast."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from nepi_gui.editor import Editor
from nepi_gui.panels.console.panel import ConsolePanel
from nepi_gui.panels.log import LogPanel
from nepi_gui.panels.runs.panel import RunsPanel
from nepi_gui.panels.traces.panel import TracesPanel


class Lone(QMainWindow):
    """A window with one panel; what it has is called as in the window of the program."""

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self.editor = editor
        self.docks: dict[str, QDockWidget] = {}
        self.resize(1200, 400)
        self.show()

    def put(self, name: str, panel: QWidget) -> None:
        """Add a panel, which is hidden at first."""
        self.docks[name] = dock = QDockWidget(self)
        dock.setWidget(panel)
        self.addDockWidget(Qt.DockWidgetArea.TopDockWidgetArea, dock)
        dock.hide()

    def show_panel(self, name: str) -> None:
        """Show a panel, and give it the keyboard."""
        self.docks[name].show()
        self.activateWindow()
        panel = self.docks[name].widget()
        assert panel is not None
        panel.setFocus()

    def leave(self) -> None:
        """Close it, as the window of the program does."""
        self.editor.watch(None)
        for dock in self.docks.values():
            panel = dock.widget()
            if isinstance(panel, TracesPanel):
                panel.close_traces()
            elif isinstance(panel, ConsolePanel):
                panel.close_console()
            elif isinstance(panel, RunsPanel):
                panel.close_runs()
            elif isinstance(panel, LogPanel):
                panel.close_log()
        self.close()
        self.editor.close()
        self.deleteLater()
        self.editor.deleteLater()
