"""The main window: canvas in the middle, panels around it, commands in menus; one window for each document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QLabel, QMainWindow, QStackedWidget, QToolBar, QWidget

from nepi_gui import icons
from nepi_gui.canvas.scene import CanvasScene
from nepi_gui.canvas.view import CanvasView
from nepi_gui.editor import Editor
from nepi_gui.window.arranging import ArrangingFeature
from nepi_gui.window.clipboard import ClipboardFeature
from nepi_gui.window.collecting import CollectingFeature
from nepi_gui.window.colouring import ColouringFeature
from nepi_gui.window.commands import CommandTable
from nepi_gui.window.conditions import ConditionsFeature
from nepi_gui.window.context_menu import ContextMenuFeature
from nepi_gui.window.docks import add_docks, hide_stray_tabs
from nepi_gui.window.driving import DrivingFeature
from nepi_gui.window.editing import EditingFeature
from nepi_gui.window.exporting import ExportingFeature
from nepi_gui.window.feature import Feature
from nepi_gui.window.files import FilesFeature
from nepi_gui.window.forms import FormsFeature
from nepi_gui.window.helping import HelpingFeature
from nepi_gui.window.inserting import InsertingFeature
from nepi_gui.window.labs import LabsFeature
from nepi_gui.window.laying_out import LayingOutFeature
from nepi_gui.window.linking import LinkingFeature
from nepi_gui.window.log_keeping import LogFeature
from nepi_gui.window.naming import NamingFeature
from nepi_gui.window.overview import OverviewFeature
from nepi_gui.window.plotting import PlottingFeature
from nepi_gui.window.problems import ProblemsFeature
from nepi_gui.window.replaying import ReplayingFeature
from nepi_gui.window.run_archives import RunArchivesFeature
from nepi_gui.window.run_comparing import RunComparingFeature
from nepi_gui.window.running import RunningFeature
from nepi_gui.window.runs import RunsFeature
from nepi_gui.window.safekeeping import SafekeepingFeature
from nepi_gui.window.searching import SearchingFeature
from nepi_gui.window.showing_states import ShowingStatesFeature
from nepi_gui.window.starting import StartingFeature
from nepi_gui.window.terminals import TerminalsFeature
from nepi_gui.window.topologies import TopologiesFeature
from nepi_gui.window.tracing import TracingFeature
from nepi_gui.window.viewing import ViewingFeature
from nepi_gui.window.walking import WalkingFeature

if TYPE_CHECKING:
    from nepi_gui.window.application import Application

FEATURES: tuple[type[Feature], ...] = (
    FilesFeature,
    SafekeepingFeature,
    ExportingFeature,
    EditingFeature,
    ClipboardFeature,
    NamingFeature,
    FormsFeature,
    ColouringFeature,
    WalkingFeature,
    ViewingFeature,
    ArrangingFeature,
    LayingOutFeature,
    OverviewFeature,
    InsertingFeature,
    TopologiesFeature,
    LinkingFeature,
    ConditionsFeature,
    RunningFeature,
    DrivingFeature,
    RunsFeature,
    RunComparingFeature,
    RunArchivesFeature,
    ReplayingFeature,
    LabsFeature,
    ContextMenuFeature,
    StartingFeature,
    HelpingFeature,
    ProblemsFeature,
    ShowingStatesFeature,
    SearchingFeature,
    PlottingFeature,
    LogFeature,
    TracingFeature,
    TerminalsFeature,
    CollectingFeature,  # the last one: the others have made by then what is not to be looked through
)
"""What the window is made of; the order is that of the menus."""

_TOOLS = (
    ("file.new", "file.open", "file.save"),
    ("edit.undo", "edit.redo"),
    ("link.tool", "condition.tool"),
    ("run.run", "run.stop"),
    ("view.fit",),
)
_TOLD_FOR = 8000  # ms that a sentence stands in the status bar


class MainWindow(QMainWindow):
    """Edits one document.

    Signals:
        closed: the window is gone.

    Attributes:
        editor: what its parts share.
        scene, view: the canvas.
        commands: all that can be done.
        docks: the panels' frames by name.
        features: what the window is made of, by class.
    """

    closed = Signal()

    def __init__(self, editor: Editor, application: Application) -> None:
        super().__init__()
        self.editor = editor
        editor.setParent(self)  # Qt takes everything apart in its order; Python's garbage collector knows none
        self.application = application
        self.setWindowIcon(icons.icon("nepi-gui"))
        self.resize(1264, 784)
        self.scene = CanvasScene(editor.document, editor.selection, editor.appearance)
        self.scene.setParent(self)
        self.view = CanvasView(self.scene)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.view)
        self.setCentralWidget(self.pages)
        self.docks = add_docks(self, editor)
        self.commands = CommandTable(self)
        self._make_tool_bar()
        self.features: dict[type[Feature], Feature] = {kind: kind(self) for kind in FEATURES}
        for feature in self.features.values():
            self.commands.add(feature.commands())
        self._fill_tool_bar()
        self._listen()
        self._first_state = self.saveState()
        self.restoreState(editor.settings.data("window/state"))
        self.restoreGeometry(editor.settings.data("window/geometry"))
        for feature in self.features.values():
            feature.opened()
        self._show_title()
        self.view.setFocus()

    def _make_tool_bar(self) -> None:
        self._tools = QToolBar(self.tr("Tools"))
        self._tools.setObjectName("tools")
        self.addToolBar(self._tools)

    def _fill_tool_bar(self) -> None:
        for group in _TOOLS:
            for name in group:
                self._tools.addAction(self.commands[name])
            self._tools.addSeparator()

    def _listen(self) -> None:
        editor = self.editor
        self._hint = QLabel()
        self.statusBar().addPermanentWidget(self._hint)
        editor.told.connect(self._tell)
        self.commands.running.connect(editor.settling)
        editor.revealed.connect(self.view.reveal)
        editor.document.path_changed.connect(self._show_title)
        editor.document.history.clean_changed.connect(self._show_title)
        editor.document.history.changed.connect(self.commands.refresh)
        editor.selection.changed.connect(self.commands.refresh)
        editor.run_changed.connect(self.commands.refresh_soon)
        editor.findings.changed.connect(self._show_findings)

    def _tell(self, sentence: str) -> None:
        self.statusBar().showMessage(sentence, _TOLD_FOR)

    def take_back(self, sentence: str) -> None:
        """Clear the status bar if it still shows a sentence that is no longer true."""
        if sentence and self.statusBar().currentMessage() == sentence:
            self.statusBar().clearMessage()

    def _show_findings(self) -> None:
        self.scene.show_findings(self.editor.findings.worst())

    def _show_title(self) -> None:
        document = self.editor.document
        name = document.path.name if document.path else self.tr("Untitled")
        name = name.replace("[*]", "[*][*]")  # which Qt shows as it is
        self.setWindowTitle(f"{name}[*] – NEPI-GUI")  # noqa: RUF001 - a dash
        self.setWindowModified(document.is_modified)

    def show_page(self, page: QWidget) -> None:
        """Show the canvas or another page in the middle of the window."""
        if self.pages.indexOf(page) < 0:
            self.pages.addWidget(page)
        self.pages.setCurrentWidget(page)
        self.commands.refresh_soon()

    def show_panel(self, name: str) -> None:
        """Bring a panel to the front and give it the keyboard."""
        dock = self.docks[name]
        dock.show()
        dock.raise_()
        dock.widget().setFocus()
        if not dock.isAncestorOf(self.focusWidget() or self):  # as when a list is empty, and not shown
            takers = filter(_takes_keyboard, dock.widget().findChildren(QWidget))
            next(takers, dock).setFocus()

    def come_forward(self) -> None:
        """Be the window that the user sees and types in."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()

    def arrange_as_at_first(self) -> None:
        """Put all panels where they stood when the program was started for the first time."""
        self._arrange(self._first_state)

    def _arrange(self, state: QByteArray) -> None:
        hide_stray_tabs(self)
        self.restoreState(state)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():
            self._arrange(self.saveState())

    def closeEvent(self, event: QCloseEvent) -> None:
        self.editor.settling.emit()
        if not all(feature.may_close() for feature in self.features.values()):
            event.ignore()
            return
        settings = self.editor.settings
        settings.keep("window/state", self.saveState())
        settings.keep("window/geometry", self.saveGeometry())
        settings.save()
        # What stands by itself would stay, and keep the program alive, or outlive what it shows.
        for apart in (*self.findChildren(QDialog), *self.docks.values()):
            apart.close()
        for feature in self.features.values():
            feature.closed()
        self.editor.close()
        event.accept()
        self.closed.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.view.cancel_gesture()


def _takes_keyboard(widget: QWidget) -> bool:
    return widget.isVisible() and widget.isEnabled() and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
