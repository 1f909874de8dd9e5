"""Making a lab: its title and task, and what its students may not change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSplitter,
    QTabWidget,
    QTextBrowser,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from nepi_core.description import ExperimentDescription, Lab, ResourceDescription
from nepi_core.errors import suggestion
from nepi_core.factory import ResourceFactory
from nepi_core.lab import is_check
from nepi_core.structure import shown_name
from nepi_gui import icons
from nepi_gui.document.labs import is_attribute_locked

_GUID = Qt.ItemDataRole.UserRole
_CHECKED, _OPEN = Qt.CheckState.Checked, Qt.CheckState.Unchecked
_MOST_RESOURCES = 500  # with all their attributes; what is more is locked by the selection on the canvas


class LabDialog(QDialog):
    """Edits a lab; `lab` is what was made of it.

    Args:
        description: the experiment.

    Attributes:
        problem: a line that says why it cannot be closed yet.
    """

    def __init__(self, description: ExperimentDescription, parent: QWidget) -> None:
        super().__init__(parent)
        self._before = description.lab or Lab()
        self._resources = description.resources
        self.setWindowTitle(self.tr("Lab"))
        self.resize(820, 600)
        self.title = QLineEdit(self._before.title, self)
        self.task = QPlainTextEdit(self._before.task, self)
        self.task.setAccessibleName(self.tr("Task, in Markdown"))
        self.preview = QTextBrowser(self, openLinks=False)
        self.preview.setAccessibleName(self.tr("How students see the task"))
        self.tree = QTreeWidget(self)
        self.tree.setAccessibleName(self.tr("What is locked"))
        self.structure = QCheckBox(self.tr("Nothing may be added, removed or connected"), self)
        self.structure.setChecked(self._before.structure_locked)
        self.allowed = QLineEdit(", ".join(sorted(self._before.allowed_types)), self)
        self.allowed.setPlaceholderText("netns::Route, linux::Ping")
        self.problem = QLabel(self, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.problem.setForegroundRole(QPalette.ColorRole.BrightText)
        self.problem.hide()
        self._lay_out()
        self._fill()
        self.task.textChanged.connect(self._show_preview)
        self.tree.itemChanged.connect(self._spread)
        self.structure.toggled.connect(self.allowed.setEnabled)
        self.structure.toggled.connect(self.problem.hide)
        self.allowed.textChanged.connect(self.problem.hide)
        self.allowed.setEnabled(self.structure.isChecked())
        self._show_preview()

    # -- layout ------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._tabs = QTabWidget(self)
        self._tabs.addTab(self._task_page(), self.tr("&Task"))
        self._tabs.addTab(self._lock_page(), self.tr("&Locked"))
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, parent=self
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self._tabs, 1)
        column.addWidget(buttons)

    def _task_page(self) -> QWidget:
        page = QWidget(self)
        head = QFormLayout()
        head.addRow(self.tr("T&itle"), self.title)
        split = QSplitter(page)
        split.addWidget(self.task)
        split.addWidget(self.preview)
        split.setSizes([400, 400])
        column = QVBoxLayout(page)
        column.addLayout(head)
        column.addWidget(split, 1)
        return page

    def _lock_page(self) -> QWidget:
        page = QWidget(self)
        words = self.tr("What is ticked cannot be changed by students. Places, colours and notes always can.")
        if len(self._resources) > _MOST_RESOURCES:
            more = self.tr("Only the first {0} resources are listed; lock others by selecting them on the canvas.")
            words += " " + more.format(_MOST_RESOURCES)
        help = QLabel(words, page)
        help.setWordWrap(True)
        self.tree.setHeaderHidden(True)
        foot = QFormLayout()
        foot.addRow(self.structure)
        foot.addRow(self.tr("… e&xcept of these types"), self.allowed)
        foot.addRow(self.problem)
        column = QVBoxLayout(page)
        column.addWidget(help)
        column.addWidget(self.tree, 1)
        column.addLayout(foot)
        return page

    def _show_preview(self) -> None:
        self.preview.setMarkdown(self.task.toPlainText())

    # -- locks -------------------------------------------------------------------------------------

    def _fill(self) -> None:
        for resource in list(self._resources.values())[:_MOST_RESOURCES]:
            if not is_check(resource.rtype):  # `--check` takes those from the lab whatever a student does
                self._add(resource)

    def _add(self, resource: ResourceDescription) -> None:
        top = QTreeWidgetItem(self.tree, [shown_name(resource)])
        top.setIcon(0, icons.icon(icons.icon_of_type(resource.rtype)))
        top.setToolTip(0, resource.rtype)
        top.setData(0, _GUID, resource.guid)
        top.setCheckState(0, _CHECKED if resource.guid in self._before.locked else _OPEN)
        for name in self._names_of(resource):
            row = QTreeWidgetItem(top, [name])
            is_locked = is_attribute_locked(self._before, resource.guid, name)
            row.setCheckState(0, _CHECKED if is_locked else _OPEN)

    def _names_of(self, resource: ResourceDescription) -> list[str]:
        """Return the attributes of a resource; those that its type does not know (any more) last."""
        found, lab = ResourceFactory.find(resource.rtype), self._before
        declared = [each.name for each in found.get_attributes()] if found is not None else []
        ruled = (*lab.locked_attributes.get(resource.guid, ()), *lab.open_attributes.get(resource.guid, ()))
        return list(dict.fromkeys((*declared, *sorted((*resource.attributes, *ruled)))))

    def _spread(self, item: QTreeWidgetItem) -> None:
        """Give the attributes of a resource its own lock."""
        if item.parent() is not None:
            return
        self.tree.blockSignals(True)
        for row in _children(item):
            row.setCheckState(0, item.checkState(0))
        self.tree.blockSignals(False)

    def lab(self) -> Lab:
        """Return the lab as it stands here."""
        shown = list(_children(self.tree.invisibleRootItem()))
        guids = {item.data(0, _GUID) for item in shown}
        lab = self._before.without(guids)
        locked, locked_names, open_names = set(lab.locked), dict(lab.locked_attributes), dict(lab.open_attributes)
        for item in shown:
            guid = item.data(0, _GUID)
            names = {True: set[str](), False: set[str]()}
            for row in _children(item):
                names[row.checkState(0) is _CHECKED].add(row.text(0))
            if item.checkState(0) is _CHECKED:
                locked.add(guid)
                open_names[guid] = names[False]
            else:
                locked_names[guid] = names[True]
        return replace(
            lab,
            title=self.title.text().strip(),
            task=self.task.toPlainText(),
            locked=locked,
            locked_attributes=locked_names,
            open_attributes=open_names,
            structure_locked=self.structure.isChecked(),
            allowed_types={each.strip() for each in self.allowed.text().split(",") if each.strip()},
        )

    def unknown_types(self) -> list[str]:
        """Return the allowed types that there are not."""
        return sorted(each for each in self.lab().allowed_types if ResourceFactory.find(each) is None)

    def accept(self) -> None:
        """Close, unless a type is unknown."""
        unknown = self.unknown_types()
        if unknown and self.structure.isChecked():
            text = self.tr("There is no resource type {0}.").format(unknown[0])
            self.problem.setText(text + suggestion(unknown[0], ResourceFactory.resource_types()))
            self.problem.show()
            self._tabs.setCurrentIndex(self._tabs.count() - 1)
            self.allowed.setFocus()
            self.allowed.selectAll()
            return
        super().accept()


def _children(item: QTreeWidgetItem) -> Iterator[QTreeWidgetItem]:
    return filter(None, (item.child(row) for row in range(item.childCount())))
