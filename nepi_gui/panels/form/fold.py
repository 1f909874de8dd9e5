"""A section of a panel that can be folded: a title, and what stands below it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget


class Fold(QWidget):
    """A title that opens and closes what stands below.

    Signals:
        toggled: the user has opened or closed it.

    Attributes:
        head: the title, a button.
        body: what is folded; its layout is a column.
        column: that layout.
        is_open: whether what stands below can be seen.
    """

    toggled = Signal(bool)

    def __init__(self, title: str, is_open: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.is_open = is_open
        self.head = QToolButton(self)
        self.head.setText(title)
        self.head.setAutoRaise(True)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.head.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        font = self.head.font()
        font.setBold(True)
        self.head.setFont(font)
        self.body = QWidget(self)
        self.column = QVBoxLayout(self.body)
        self.column.setContentsMargins(0, 0, 0, 4)
        self.column.setSpacing(0)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 4, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.head)
        whole.addWidget(self.body)
        self._show()
        self.head.clicked.connect(self._click)

    def set_title(self, title: str) -> None:
        """Show another title."""
        self.head.setText(title)

    def open(self, is_open: bool = True) -> None:
        """Open or close it, without telling so."""
        self.is_open = is_open
        self._show()

    def _show(self) -> None:
        self.head.setArrowType(Qt.ArrowType.DownArrow if self.is_open else Qt.ArrowType.RightArrow)
        self.body.setVisible(self.is_open)

    def _click(self) -> None:
        self.open(not self.is_open)
        self.toggled.emit(self.is_open)
