"""The palette: resource types by backend, to be dragged onto the canvas."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from nepi_gui.editor import Editor
from nepi_gui.panels.type_delegate import TypeDelegate
from nepi_gui.panels.type_groups import LEGACY
from nepi_gui.panels.type_model import Role, TypeModel
from nepi_gui.panels.type_tree import TypeTree

_FOLDED = "palette/folded"
_DOWN = (Qt.Key.Key_Down, Qt.Key.Key_PageDown)


class PalettePanel(QWidget):
    """Lists the resource types, with a search field above.

    Signals:
        chosen: a type is to be added: Enter, or a double click.
    """

    chosen = Signal(str)

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor
        kept = editor.settings.texts(_FOLDED)
        self._folded = set(kept) if kept else {LEGACY}
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Search types"))
        self.search.setAccessibleName(self.tr("Search resource types"))
        self.search.setClearButtonEnabled(True)
        self.search.installEventFilter(self)
        self._pages = QStackedWidget(self)
        self._nothing = QLabel(self)
        self._nothing.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._nothing.setWordWrap(True)
        self._nothing.setTextFormat(Qt.TextFormat.PlainText)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._nothing.setContentsMargins(12, 24, 12, 12)
        self._pages.addWidget(self._nothing)
        self.types: TypeTree | None = None
        self._lay_out()
        self.setFocusProxy(self.search)
        self.search.textChanged.connect(self._show_fitting)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self.search)
        layout.addWidget(self._pages)

    # -- what is listed ------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.fill()

    def fill(self) -> None:
        """List the types, which takes looking for plug-ins; done once, when the palette is shown first."""
        if self.types is not None:
            return
        self._model = TypeModel(self)
        self.types = TypeTree(self._model, self._pages)
        self.types.setAccessibleName(self.tr("Resource types"))
        self.types.setFrameShape(QFrame.Shape.NoFrame)
        self.types.setItemDelegate(TypeDelegate(self._editor.appearance, self.types))
        self.types.chosen.connect(self.chosen)
        self.types.typed.connect(self._type)
        self.types.left.connect(self.search.setFocus)
        self.types.folded.connect(self._keep_folded)
        self._pages.addWidget(self.types)
        self._show_fitting(self.search.text())

    def _show_fitting(self, typed: str) -> None:
        if self.types is None:
            return
        if typed.strip():
            self._model.show_fitting(typed)
            self.types.go_to_first()
        else:
            self._model.show_groups()
            self._unfold()
        if self._model.rowCount():
            self._pages.setCurrentWidget(self.types)
        else:
            self._nothing.setText(self.tr("No resource type fits “{0}”.").format(typed.strip()))
            self._pages.setCurrentWidget(self._nothing)

    def _unfold(self) -> None:
        assert self.types is not None
        for row in range(self._model.rowCount()):
            index = self._model.index(row, 0)
            self.types.setExpanded(index, index.data(Role.GROUP) not in self._folded)

    def _keep_folded(self, group: str, is_open: bool) -> None:
        if is_open:
            self._folded.discard(group)
        else:
            self._folded.add(group)
        self._editor.settings.keep(_FOLDED, sorted(self._folded) or ["-"])

    # -- keys ------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            return self._press(event)
        return super().eventFilter(watched, event)

    def _press(self, event: QKeyEvent) -> bool:
        """Do what a key in the search field says to the list; tell whether it says anything."""
        if self.types is None:
            return False
        if event.key() in _DOWN:
            if not self.types.currentIndex().isValid():
                self.types.go_to_first()
            self.types.setFocus()
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.search.text().strip() and self.types.first().isValid():
                self.chosen.emit(self.types.first().data(Role.RTYPE))
            return True
        if event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
            return True
        return False

    def _type(self, text: str) -> None:
        self.search.setFocus()
        self.search.setText(self.search.text() + text)
