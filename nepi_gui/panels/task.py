"""The task of a lab beside the canvas, and below it which of the checks have passed in the run that is watched."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import QBrush, QColor, QDesktopServices, QShowEvent
from PySide6.QtWidgets import (
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from nepi_core.lab import is_check
from nepi_core.states import ResourceState
from nepi_core.structure import shown_name
from nepi_gui import icons
from nepi_gui.document.change import Aspect, Change
from nepi_gui.editor import Editor
from nepi_gui.panels.refreshing import Refreshing

_GUID = Qt.ItemDataRole.UserRole
_FOLLOWED = ("http", "https", "mailto")
"""Kinds of links that are opened: a lab may come from anybody, and must not have programs of this machine started."""


class TaskPanel(QWidget):
    """Shows the lab: its task as text, its checks as a list with what came of each.

    Signals:
        edit_wanted: the user wants to make this a lab, or to change the one that it is.
    """

    edit_wanted = Signal()

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor
        self._shown_task = ""
        self._checks: list[int] | None = None
        self.text = QTextBrowser(self)
        self.text.setAccessibleName(self.tr("Task"))
        self.text.setOpenLinks(False)
        self.text.anchorClicked.connect(self._follow)
        self.text.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.tally = QLabel(self)
        self.tally.setTextFormat(Qt.TextFormat.PlainText)
        self.checks = QListWidget(self)
        self.checks.setAccessibleName(self.tr("Checks"))
        self.checks.setWordWrap(True)
        self.checks.setIconSize(QSize(16, 16))
        words = self.tr("This experiment is no lab.\n\nA lab has a task, checks, and parts that are locked.")
        self.nothing = QLabel(words, self)
        self.nothing.setWordWrap(True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.making = QPushButton(self.tr("Make it a lab…"), self)
        self._lay_out()
        self.setFocusProxy(self.text)
        self._refreshing = Refreshing(self, self.refresh)
        self.checks.itemActivated.connect(self._reveal)
        self.checks.itemClicked.connect(self._reveal)
        self.making.clicked.connect(self.edit_wanted)
        editor.document.changed.connect(self._on_change)
        editor.run_changed.connect(self._listen)
        editor.appearance.changed.connect(self._refreshing.soon)

    def _lay_out(self) -> None:
        lower = QWidget(self)
        rows = QVBoxLayout(lower)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.tally)
        rows.addWidget(self.checks, 1)
        self._split = QSplitter(Qt.Orientation.Vertical, self)
        self._split.addWidget(self.text)
        self._split.addWidget(lower)
        self._split.setStretchFactor(0, 3)
        self._split.setStretchFactor(1, 2)
        self._split.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.addWidget(self.nothing, 1)
        column.addWidget(self._split, 1000)
        column.addWidget(self.making, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refreshing.shown()

    # -- news --------------------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        if change.anew or change.added or change.removed:
            self._checks = None
        if change.anew or "lab" in change.parts or change.concerns(Aspect.LOOK | Aspect.ATTRIBUTES):
            self._refreshing.soon()

    def _listen(self) -> None:
        run = self._editor.run
        if run is not None:
            run.states_changed.connect(self._look_at_states)
            run.ended.connect(self._refreshing.soon)
        self._refreshing.soon()

    def _look_at_states(self, guids: set[int]) -> None:
        if not guids.isdisjoint(self.check_guids()):
            self._refreshing.soon()

    # -- what is shown -----------------------------------------------------------------------------

    def check_guids(self) -> list[int]:
        """Return the checks of the experiment."""
        if self._checks is None:
            resources = self._editor.document.description.resources
            self._checks = [guid for guid, resource in resources.items() if is_check(resource.rtype)]
        return self._checks

    def refresh(self) -> None:
        """Show the lab as it is, and what came of its checks so far."""
        lab, checks = self._editor.document.description.lab, self.check_guids()
        is_empty = lab is None and not checks
        self.nothing.setVisible(is_empty)
        self.making.setVisible(lab is None)
        self._split.setVisible(not is_empty)
        text = lab.task if lab is not None else ""
        if lab is not None and lab.title and not text.startswith("# "):
            text = f"# {lab.title}\n\n{text}"
        if self._shown_task != text:  # what is read keeps its place
            self._shown_task = text
            self.text.setMarkdown(text)
        self.text.setVisible(bool(text))
        self._show_checks(checks)

    def _show_checks(self, checks: list[int]) -> None:
        current = self.checks.currentRow()
        self.checks.clear()
        passed = 0
        for guid in checks:
            state, words = self._verdict(guid)
            passed += state is ResourceState.STOPPED
            self._add(guid, state, words)
        self.checks.setCurrentRow(current if current < self.checks.count() else -1)
        self.checks.setVisible(bool(checks))
        if not checks:
            self.tally.setText("")
        elif self._editor.run is None:
            self.tally.setText(self.tr("{0} checks; run the experiment to see which pass.").format(len(checks)))
        else:
            self.tally.setText(self.tr("{0} of {1} checks passed").format(passed, len(checks)))

    def _verdict(self, guid: int) -> tuple[ResourceState, str]:
        """Return how far a check is, and what it says."""
        run = self._editor.run
        name = shown_name(self._editor.document.description.resources[guid])
        change = run.change(guid) if run is not None else None
        if change is None:
            return ResourceState.NEW, name
        if change.new in (ResourceState.STOPPED, ResourceState.FAILED):
            return change.new, f"{name}: {change.cause}" if change.cause else name
        return change.new, self.tr("{0}: not judged yet").format(name)

    def _add(self, guid: int, state: ResourceState, words: str) -> None:
        theme = self._editor.appearance.theme
        looks = {ResourceState.STOPPED: ("ok", theme.text), ResourceState.FAILED: ("error", theme.danger)}
        own = icons.icon_of_type(self._editor.document.description.resources[guid].rtype)
        icon, colour = looks.get(state, (own, theme.muted))
        item = QListWidgetItem(icons.icon(icon), words, self.checks)
        item.setData(_GUID, guid)
        item.setForeground(QBrush(QColor(colour)))
        item.setToolTip(words)

    def _follow(self, link: QUrl) -> None:
        if link.scheme().lower() in _FOLLOWED:
            QDesktopServices.openUrl(link)
        elif link.isRelative() and link.hasFragment() and not link.path():
            self.text.scrollToAnchor(link.fragment())
        else:
            self._editor.tell(self.tr("The task has a link to {0}, which is not opened.").format(link.toString()))

    def _reveal(self, item: QListWidgetItem) -> None:
        self._editor.reveal(item.data(_GUID))
