"""Where commands are typed, and where their output stands."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QFontDatabase, QKeyEvent, QKeySequence, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QLineEdit, QPlainTextEdit, QWidget

from nepi_gui.appearance import Appearance

MOST_LINES = 5_000
"""Lines of output that are kept."""


class Kind(Enum):
    """What a piece of output is."""

    OUTPUT = auto()
    ERROR = auto()
    COMMAND = auto()
    NOTE = auto()
    FAULT = auto()


class CommandField(QLineEdit):
    """Takes a command.

    Signals:
        stop_wanted: the user has pressed Ctrl+C with nothing chosen.
        up, down: the user wants the command before or after.
    """

    stop_wanted = Signal()
    up = Signal()
    down = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setAccessibleName(self.tr("Command"))

    def event(self, event: QEvent) -> bool:
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.Copy)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) and not self.hasSelectedText():
            self.stop_wanted.emit()
        elif event.key() == Qt.Key.Key_Up:
            self.up.emit()
        elif event.key() == Qt.Key.Key_Down:
            self.down.emit()
        else:
            super().keyPressEvent(event)


class OutputText(QPlainTextEdit):
    """Shows the last lines of output, in colours; the last line stays in view unless the user looks back."""

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMaximumBlockCount(MOST_LINES)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setAccessibleName(self.tr("Output"))
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        appearance.changed.connect(self._paint_again)

    def put(self, text: str, kind: Kind) -> None:
        """Add text at the end."""
        bar = self.verticalScrollBar()
        is_at_end = bar.value() == bar.maximum()
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text, self._format(kind))
        if is_at_end:
            bar.setValue(bar.maximum())

    def put_line(self, text: str, kind: Kind) -> None:
        """Add a line of its own at the end."""
        is_in_line = self.document().lastBlock().length() > 1
        self.put(f"\n{text}\n" if is_in_line else f"{text}\n", kind)

    def _format(self, kind: Kind) -> QTextCharFormat:
        theme = self._appearance.theme
        colours = {Kind.ERROR: theme.warning, Kind.COMMAND: theme.accent, Kind.NOTE: theme.muted}
        made = QTextCharFormat()
        made.setForeground(QColor(colours.get(kind, theme.danger if kind is Kind.FAULT else theme.text)))
        made.setProperty(QTextCharFormat.Property.UserProperty, kind.value)
        return made

    def _paint_again(self) -> None:
        """Take the colours of the theme that is shown, for what stands there already."""
        block = self.document().firstBlock()
        cursor = QTextCursor(self.document())
        while block.isValid():
            for number in range(len(block.textFormats())):
                piece = block.textFormats()[number]
                value = piece.format.property(QTextCharFormat.Property.UserProperty)
                cursor.setPosition(block.position() + piece.start)
                cursor.setPosition(block.position() + piece.start + piece.length, QTextCursor.MoveMode.KeepAnchor)
                cursor.setCharFormat(self._format(Kind(value) if value else Kind.OUTPUT))
            block = block.next()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_own(event):
            event.accept()  # or else the window would do it with what is selected on the canvas
            return True
        return super().event(event)


def _is_own(event: QKeyEvent) -> bool:
    keys = QKeySequence.StandardKey
    is_deletion = event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
    return is_deletion or event.matches(keys.Copy) or event.matches(keys.SelectAll)
