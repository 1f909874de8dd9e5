"""Small windows that open at a word and edit it: a text, or a choice among resources."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nepi_core.description import ExperimentDescription
from nepi_core.structure import short_type
from nepi_gui.appearance import Theme
from nepi_gui.document.sentences import name_of
from nepi_gui.icons import icon, icon_of_type

_Index = QModelIndex | QPersistentModelIndex

Commit = Callable[[object], str]
"""Takes what the user has chosen; returns in a sentence why it cannot be, "" when it is done."""


class Popup(QFrame):
    """A window that closes when the mouse is pressed elsewhere; what was done in it is taken then, unless by Escape.

    Signals:
        refused: why what was done could not be taken, when the window is closed already.
    """

    refused = Signal(str)

    def __init__(self, commit: Commit, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._commit = commit
        self._is_done = False
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(8, 8, 8, 8)
        self._error = QLabel()
        self._error.setWordWrap(True)
        self._error.setTextFormat(Qt.TextFormat.PlainText)
        self._error.setStyleSheet(f"color: {theme.danger}")
        self._error.hide()

    @property
    def said(self) -> str:
        """Why something cannot be, "" for nothing."""
        return self._error.text()

    def say(self, error: str) -> None:
        """Show why something cannot be, "" for nothing."""
        self._error.setText(error)
        self._error.setVisible(bool(error))
        self.adjustSize()

    def pending(self) -> object:
        """Return what the user has done and nobody has taken yet; None for nothing."""
        return None

    def take(self, choice: object) -> bool:
        """Have something taken, and close; say why when that cannot be. Tell whether it was taken."""
        error = self._commit(choice)
        self.say(error)
        if not error:
            self._is_done = True
            self.close()
        return not error

    def give_up(self) -> None:
        """Close, and leave everything as it was."""
        self._is_done = True
        self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.give_up()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        choice = None if self._is_done else self.pending()
        self._is_done = True
        if choice is not None and (error := self._commit(choice)):
            self.refused.emit(error)

    def open_at(self, rect: QRect) -> None:
        """Open below a place on the screen, above it where there is no room."""
        self.column.addWidget(self._error)
        self.adjustSize()
        field = self.screen().availableGeometry()
        x = max(field.left(), min(rect.left() - 8, field.right() - self.width()))
        below = rect.bottom() + 2
        y = below if below + self.height() <= field.bottom() else max(field.top(), rect.top() - 2 - self.height())
        self.move(x, y)
        self.show()


class TextPopup(Popup):
    """Asks for a short text, such as a delay.

    Args:
        title: what is asked for.
        commit: takes the text.
        offers: texts that can be taken with one click.
    """

    def __init__(
        self, title: str, text: str, commit: Commit, theme: Theme, parent: QWidget, offers: Iterable[str] = ()
    ) -> None:
        super().__init__(commit, theme, parent)
        self._before = text
        label = QLabel(title, textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.field = QLineEdit(text)
        self.field.setAccessibleName(title)
        self.field.selectAll()
        self.field.returnPressed.connect(self._take)
        label.setBuddy(self.field)
        self.column.addWidget(label)
        self.column.addWidget(self.field)
        row = QHBoxLayout()
        row.setSpacing(2)
        for offer in offers:
            button = QToolButton()
            button.setText(offer)
            button.setAutoRaise(True)
            button.clicked.connect(self._take_offer)
            row.addWidget(button)
        self.column.addLayout(row)
        self.setFocusProxy(self.field)

    def open_at(self, rect: QRect) -> None:
        super().open_at(rect)
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def pending(self) -> str | None:
        text = self.field.text()
        return text if text != self._before else None

    def _take(self) -> None:
        self.take(self.field.text())

    def _take_offer(self) -> None:
        button = self.sender()
        if isinstance(button, QToolButton):
            self.field.setText(button.text())
            self._take()


class ResourceModel(QAbstractListModel):
    """Resources by name, those that match some words; several can be ticked."""

    def __init__(
        self, description: ExperimentDescription, ticked: Collection[int], several: bool, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._description = description
        self._several = several
        self.ticked = set(ticked)
        named = [(name_of(description, guid), guid) for guid in description.resources]
        self._all = [guid for _, guid in sorted(named, key=lambda each: (each[1] not in self.ticked, each))]
        self._texts = {guid: f"{name} {description.resources[guid].rtype} {guid}".lower() for name, guid in named}
        self.shown = list(self._all)

    def search(self, words: str) -> None:
        """Show what holds all of these words in name, type or guid."""
        wanted = words.lower().split()
        self.beginResetModel()
        self.shown = [guid for guid in self._all if all(word in self._texts[guid] for word in wanted)]
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.shown)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        ticks = Qt.ItemFlag.ItemIsUserCheckable if self._several else Qt.ItemFlag.NoItemFlags
        return super().flags(index) | ticks

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        guid = self.shown[index.row()]
        rtype = self._description.resources[guid].rtype
        if role == Qt.ItemDataRole.DisplayRole:
            name = name_of(self._description, guid)
            kind = short_type(rtype)
            return name if name.startswith(kind) else f"{name} · {kind} {guid}"
        if role == Qt.ItemDataRole.DecorationRole:
            return icon(icon_of_type(rtype))
        if role == Qt.ItemDataRole.CheckStateRole and self._several:
            return Qt.CheckState.Checked if guid in self.ticked else Qt.CheckState.Unchecked
        return None

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        self.toggle(index.row())
        return True

    def toggle(self, row: int) -> None:
        """Tick what is not ticked, and the other way round."""
        self.ticked ^= {self.shown[row]}
        self.dataChanged.emit(self.index(row), self.index(row))


class ResourcePopup(Popup):
    """Asks for one resource, or for several.

    Signals:
        picking_wanted: the user prefers to click on the canvas; what is ticked was taken before.

    Args:
        commit: takes a guid, or a tuple of guids when ``several``.
    """

    picking_wanted = Signal()

    def __init__(
        self,
        title: str,
        description: ExperimentDescription,
        chosen: Sequence[int],
        several: bool,
        commit: Commit,
        theme: Theme,
        parent: QWidget,
    ) -> None:
        super().__init__(commit, theme, parent)
        self._several = several
        self._before = set(chosen)
        self.resources = ResourceModel(description, chosen, several, self)
        self.search = QLineEdit(placeholderText=self.tr("Search"), clearButtonEnabled=True)
        self.search.setAccessibleName(title)
        self.search.textChanged.connect(self._search)
        self.search.installEventFilter(self)
        self.list = QListView()
        self.list.setModel(self.resources)
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName(title)
        self.list.setMinimumSize(240, 180)
        self.list.clicked.connect(self._click)
        self.list.installEventFilter(self)
        label = QLabel(title, textFormat=Qt.TextFormat.PlainText)
        label.setBuddy(self.search)
        for widget in (label, self.search, self.list):
            self.column.addWidget(widget)
        if several:
            self._add_buttons()
        self._mark_first()

    def _add_buttons(self) -> None:
        row = QHBoxLayout()
        pick, done = QPushButton(self.tr("&Pick on canvas")), QPushButton(self.tr("&Done"))
        pick.setToolTip(self.tr("Click resources on the canvas to add or remove them."))
        pick.clicked.connect(self._pick)
        done.clicked.connect(self._finish)
        done.setDefault(True)
        row.addWidget(pick)
        row.addStretch()
        row.addWidget(done)
        self.column.addLayout(row)

    def open_at(self, rect: QRect) -> None:
        super().open_at(rect)
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)

    def _search(self, words: str) -> None:
        self.resources.search(words)
        self._mark_first()

    def _mark_first(self) -> None:
        if self.resources.shown:
            self.list.setCurrentIndex(self.resources.index(0))

    def _click(self, index: QModelIndex) -> None:
        if not self._several:
            self.take(self.resources.shown[index.row()])
        else:
            self.say("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.give_up()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter(watched)
        elif watched is self.search and key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.list.setFocus()
        else:
            return super().eventFilter(watched, event)
        return True

    def _enter(self, watched: QObject) -> None:
        """Take what is marked; of several, tick what was searched for."""
        row = self.list.currentIndex().row()
        if not self._several:
            if row >= 0:
                self.take(self.resources.shown[row])
        elif watched is self.search and self.search.text() and row >= 0:
            self.resources.toggle(row)
            self.search.clear()
        else:
            self._finish()

    def _finish(self) -> None:
        self.take(tuple(sorted(self.resources.ticked)))

    def _pick(self) -> None:
        if self.take(tuple(sorted(self.resources.ticked))):
            self.picking_wanted.emit()

    def pending(self) -> tuple[int, ...] | None:
        is_news = self._several and self.resources.ticked != self._before
        return tuple(sorted(self.resources.ticked)) if is_news else None
