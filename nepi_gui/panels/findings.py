"""What is wrong with the experiment, in a list that jumps to its object."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QPalette, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from nepi_core.loading import Finding
from nepi_gui import icons
from nepi_gui.editor import Editor
from nepi_gui.panels.findings_model import FindingsModel, count, is_error
from nepi_gui.panels.names import name_in
from nepi_gui.panels.refreshing import Refreshing
from nepi_gui.panels.row_table import RowTable


class FindingsPanel(QWidget):
    """Lists the findings.

    Signals:
        attribute_wanted: a finding about an attribute was chosen: guid of the resource, and the attribute's name.
    """

    attribute_wanted = Signal(int, str)

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor
        self._chosen: Finding | None = None
        self._row = 0  # where that stood
        self.model = FindingsModel(partial(name_in, editor.document), self)
        self.table = RowTable(self.model, self)
        self.table.setAccessibleName(self.tr("Findings"))
        self.table.setSelectionMode(RowTable.SelectionMode.SingleSelection)
        self.table.set_widths(10, 18, 14)
        self.errors = self._switch("error", self.tr("Show errors"))
        self.warnings = self._switch("warning", self.tr("Show warnings"))
        self._checking = QLabel(self)
        self._checking.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._nothing = QLabel(self)
        self._nothing.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setWordWrap(True)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.table)
        self._pages.addWidget(self._nothing)
        self._lay_out()
        self.setFocusProxy(self.table)
        self.table.clicked.connect(self._choose)
        self.table.confirmed.connect(self._choose)
        self._refreshing = Refreshing(self, self.refresh)
        editor.findings.changed.connect(self._refreshing.soon)
        editor.findings.current_changed.connect(self._show_checking)

    def _switch(self, icon: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icons.icon(icon))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setCheckable(True)
        button.setChecked(True)
        button.setAutoRaise(True)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.toggled.connect(self.refresh)
        return button

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.addWidget(self.errors)
        bar.addWidget(self.warnings)
        bar.addStretch()
        bar.addWidget(self._checking)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(4)
        layout.addLayout(bar)
        layout.addWidget(self._pages)

    # -- what is listed ----------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refreshing.shown()
        self._show_checking()

    def refresh(self) -> None:
        """List the findings as they are now."""
        findings = self._editor.findings.all
        errors, warnings = count(findings)
        self.errors.setText(self.tr("Errors: {0}").format(errors))
        self.warnings.setText(self.tr("Warnings: {0}").format(warnings))
        self.model.show([each for each in findings if self._is_wanted(each)])
        self._mark_chosen()
        self._show_checking()

    def _is_wanted(self, finding: Finding) -> bool:
        return (self.errors if is_error(finding) else self.warnings).isChecked()

    def _mark_chosen(self) -> None:
        row = self.model.row_of(self._chosen) if self._chosen else -1
        if row >= 0:
            self._row = row
            self.table.setCurrentIndex(self.model.index(row, 0))

    def _show_checking(self) -> None:
        if not self.isVisible():
            return
        is_current, has_findings = self._editor.findings.is_current, bool(self._editor.findings.all)
        self._checking.setText("" if is_current else self.tr("Checking…"))
        if self.model.rowCount():
            self._pages.setCurrentWidget(self.table)
            return
        if has_findings:
            self._nothing.setText(self.tr("What there is, is not shown: switch errors or warnings on."))
        elif is_current and not self._editor.document.description.resources:
            self._nothing.setText(self.tr("There is nothing on the canvas yet."))
        elif is_current:
            self._nothing.setText(self.tr("Nothing to complain about: the experiment can be deployed."))
        self._pages.setCurrentWidget(self._nothing)

    # -- going to what is wrong --------------------------------------------------------------------------

    def go(self, step: int) -> Finding | None:
        """Go to the next finding (1) or to the one before (-1), in a circle; return it, None when there is none."""
        self._refreshing.catch_up()
        total = self.model.rowCount()
        if not total:
            return None
        present = self.table.currentIndex().row()
        if present < 0:  # nothing was chosen, or it is no longer wrong and the next one has taken its row
            present = self._row - max(step, 0)
        row = (present + step) % total
        index = self.model.index(row, 0)
        self.table.setCurrentIndex(index)
        self._choose(index)
        return self.model.finding(row)

    def _choose(self, index: QModelIndex) -> None:
        self._row = index.row()
        self._chosen = finding = self.model.finding(self._row)
        if finding.guid not in self._editor.document.description.resources:
            return
        self._editor.reveal(finding.guid)
        if finding.attribute:
            self.attribute_wanted.emit(finding.guid, finding.attribute)
