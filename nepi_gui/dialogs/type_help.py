"""The reference of resource types in the window: what each is for, its attributes and its traces."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from nepi_core.attribute import Attribute, Flags
from nepi_core.factory import ResourceFactory
from nepi_core.resource import ResourceManager
from nepi_core.resource_type import ResourceType
from nepi_core.trace import Trace
from nepi_gui import icons
from nepi_gui.appearance import Appearance, Theme
from nepi_gui.translation import translate


class TypeHelpDialog(QDialog):
    """All resource types on the left, what one is for on the right."""

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("What is this?"))
        self.resize(860, 600)
        self.search = QLineEdit(self, placeholderText=self.tr("Search resource types"), clearButtonEnabled=True)
        self.search.setAccessibleName(self.tr("Search resource types"))
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Resource types"))
        self.list.setIconSize(QSize(20, 20))
        self.page = QTextBrowser(self)
        self.page.setAccessibleName(self.tr("Reference"))
        for rtype in sorted(ResourceFactory.resource_types(), key=lambda each: ("::" not in each, each)):
            QListWidgetItem(icons.icon(icons.icon_of_type(rtype)), rtype, self.list)
        self.list.currentTextChanged.connect(self._show)
        appearance.changed.connect(self._show_colours)
        self._lay_out()

    def _lay_out(self) -> None:
        left = QWidget(self)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.search)
        column.addWidget(self.list)
        split = QSplitter(self)
        split.addWidget(left)
        split.addWidget(self.page)
        split.setStretchFactor(1, 1)
        split.setSizes([240, 620])
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.close)
        whole = QVBoxLayout(self)
        whole.addWidget(split, 1)
        whole.addWidget(buttons)

    def show_type(self, rtype: str) -> None:
        """Show what a type is for; of one that no plug-in provides, that it is so."""
        found = self.list.findItems(rtype, Qt.MatchFlag.MatchExactly)
        if found:
            self.list.setCurrentItem(found[0])
        else:
            self.list.setCurrentRow(-1)
            words = self.tr("No plug-in provides this type. Its data are kept as they are.")
            self.page.setHtml(f"<h2>{escape(rtype)}</h2><p>{words}</p>")

    def show_first(self) -> None:
        """Show the first type."""
        self.list.setCurrentRow(0)

    def _show(self, rtype: str) -> None:
        if rtype:
            self.page.setHtml(type_page(ResourceFactory.get_resource_type(rtype), self._appearance.theme))

    def _show_colours(self) -> None:
        if item := self.list.currentItem():
            self._show(item.text())

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        shown = []
        for item in (self.list.item(number) for number in range(self.list.count())):
            about = f"{item.text()} {ResourceFactory.get_resource_type(item.text()).get_help()}".casefold()
            item.setHidden(not all(word in about for word in words))
            if not item.isHidden():
                shown.append(item)
        if shown and self.list.currentItem() not in shown:
            self.list.setCurrentItem(shown[0])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Down:
            self.list.setFocus()
            return True
        return super().eventFilter(watched, event)


def type_page(rclass: type[ResourceType], theme: Theme) -> str:
    """Return the reference of a type, as HTML."""
    parts = [f"<h2>{escape(rclass.get_rtype())}</h2><p>{escape(rclass.get_help())}</p>"]
    of_all = {each.name for each in ResourceManager.get_attributes()}
    own_first = sorted(rclass.get_attributes(), key=lambda each: each.name in of_all)
    attributes = [_row(each.name, _attribute_words(each), theme) for each in own_first]
    traces = [_row(each.name, _trace_words(each), theme) for each in rclass.get_traces()]
    for title, rows in (
        (translate("TypeHelp", "Attributes"), attributes),
        (translate("TypeHelp", "Traces"), traces),
    ):
        if rows:
            parts.append(f"<h3>{title}</h3><table cellspacing='0' cellpadding='5'>{''.join(rows)}</table>")
    return "".join(parts)


def _row(name: str, words: list[str], theme: Theme) -> str:
    first, *others = [escape(each) for each in words if each] or [""]
    more = f"<br><span style='color:{theme.muted}'>{'; '.join(others)}</span>" if others else ""
    return f"<tr><td><b>{escape(name)}</b></td><td>{first}{more}</td></tr>"


def _attribute_words(attribute: Attribute) -> list[str]:
    """Return what is to be said of an attribute: what it is for, what it takes, and what is special."""
    words = [attribute.help, translate("TypeHelp", "takes {0}").format(attribute.expectation())]
    if attribute.default not in (None, ""):
        words.append(translate("TypeHelp", "default {0}").format(attribute.default))
    if attribute.required:
        words.append(translate("TypeHelp", "required"))
    if attribute.has_flag(Flags.Design):
        words.append(translate("TypeHelp", "set before deployment"))
    if attribute.has_flag(Flags.NoWrite):
        words.append(translate("TypeHelp", "set by the resource itself"))
    if attribute.has_flag(Flags.Global):
        words.append(translate("TypeHelp", "one value for all of this type"))
    return words


def _trace_words(trace: Trace) -> list[str]:
    """Return what is to be said of a trace: what it holds, when it is collected, and its numbers."""
    collected = translate("TypeHelp", "collected unless switched off")
    words = [trace.help, collected if trace.enabled else translate("TypeHelp", "collected when switched on")]
    for series in trace.series:
        unit = f" ({series.unit})" if series.unit else ""
        words.append(translate("TypeHelp", "series {0}").format(f"{series.name}{unit}"))
    return words
