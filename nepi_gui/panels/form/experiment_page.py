"""The form for the experiment as a whole, shown when nothing is selected."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from nepi_core.errors import NepiError
from nepi_gui import icons
from nepi_gui.document import conditions
from nepi_gui.document.experiment import experiment_attributes, set_of_experiment, shown_of_experiment
from nepi_gui.document.sentences import sentence
from nepi_gui.editor import Editor
from nepi_gui.panels.form.fold import Fold
from nepi_gui.panels.form.listed import Entry, EntryList
from nepi_gui.panels.form.row import AttributeRow


class ExperimentPage(QWidget):
    """Edits what is said of the experiment; tells what it consists of.

    Attributes:
        rows: by name.
    """

    def __init__(self, editor: Editor, parent: QWidget) -> None:
        super().__init__(parent)
        self._editor = editor
        self._document = editor.document
        title = QLabel(self.tr("Experiment"), self)
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        self.rows: dict[str, AttributeRow] = {}
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(title)
        whole.addSpacing(4)
        self._add_rows(whole)
        self._hint = QLabel(self, wordWrap=True, textFormat=Qt.TextFormat.PlainText, margin=6)
        self._hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.counts_fold, self.counts = self._make_list(self.tr("Resources"))
        self.changes_fold, self.changes = self._make_list(self.tr("Planned changes"))
        for widget in (self._hint, self.counts_fold, self.changes_fold):
            whole.addWidget(widget)
        self.counts.chosen.connect(self._select_type)
        self.changes.removed.connect(self._remove_change)

    def _add_rows(self, column: QVBoxLayout) -> None:
        for attribute in experiment_attributes():
            row = self.rows[attribute.name] = AttributeRow(attribute, self._editor.appearance, self)
            row.committed.connect(self._set)
            column.addWidget(row)
        width = max(row.label_width() for row in self.rows.values())
        for row in self.rows.values():
            row.set_label_width(width)

    def _make_list(self, title: str) -> tuple[Fold, EntryList]:
        fold = Fold(title, True, self)
        listed = EntryList(title, fold.body)
        fold.column.addWidget(listed)
        return fold, listed

    def show_experiment(self, anew: bool) -> None:
        """Show the experiment as it is now.

        Args:
            anew: it is another one than before.
        """
        for row in self.rows.values():
            row.show_value(shown_of_experiment(self._document, row.attribute), "", anew)
        self._show_counts()
        self._show_changes()

    def _show_counts(self) -> None:
        described = self._document.description.resources
        counted = Counter(each.rtype for each in described.values())
        entries = [
            Entry(
                rtype,
                self.tr("{0} × {1}").format(number, rtype),  # noqa: RUF001 - a sign
                icons.icon_of_type(rtype),
                self.tr("Select all of type {0}").format(rtype),
            )
            for rtype, number in sorted(counted.items())
        ]
        self.counts_fold.set_title(self.tr("Resources ({0})").format(len(described)))
        self.counts.show_entries(entries)
        self.counts_fold.setVisible(bool(entries))
        self._hint.setVisible(not entries)
        self._hint.setText(self.tr("Drag resources from the palette to the canvas; select one to see its attributes."))

    def _show_changes(self) -> None:
        description = self._document.description
        entries = [
            Entry(number, sentence(description, (0, number)), "condition", remove=self.tr("Remove this change"))
            for number in range(len(description.changes))
        ]
        self.changes.show_entries(entries)
        self.changes_fold.setVisible(bool(entries))

    def settle(self) -> None:
        """Take in what was typed."""
        for row in self.rows.values():
            row.settle()

    # -- what the user does --------------------------------------------------------------------------

    def _set(self, name: str, value: object) -> None:
        row = self.rows[name]
        try:
            set_of_experiment(self._document, row.attribute, value)
        except NepiError as error:
            row.refuse(str(error))
            return
        row.accept_value()
        row.show_value(shown_of_experiment(self._document, row.attribute))

    def _select_type(self, rtype: str) -> None:
        described = self._document.description.resources
        self._editor.selection.set(guid for guid, each in described.items() if each.rtype == rtype)

    def _remove_change(self, number: int) -> None:
        conditions.remove_conditions(self._document, [(0, number)])
