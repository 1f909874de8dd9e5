"""The text of a trace: followed while it grows, and read on where the user scrolls to."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFontDatabase, QKeyEvent, QKeySequence, QTextCursor, QTextDocument
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from nepi_gui.file_window import FileWindow
from nepi_gui.panels.traces.growth import Growth

_NEAR = 50  # lines from an end of what is held at which more is read
_MOST_NEWS = 128 * 1024  # bytes of news that are shown; of more only the end is


class TraceText(QPlainTextEdit):
    """Shows a part of a file; `FileWindow` knows which.

    Signals:
        following_changed: the last line is kept in view, or no more.
        moved: another part of the file is shown, or it has grown.
        find_wanted: the user has pressed the keys for finding.

    Attributes:
        window_on: what is shown of which file; None for none.
        skipped: bytes that came too fast to be shown; they are read when the user scrolls up.
        problem: why the file cannot be read, a sentence; "" when it can.
    """

    following_changed = Signal()
    moved = Signal()
    find_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setAccessibleName(self.tr("Text of the trace"))
        self.skipped = 0
        self.problem = ""
        self.window_on: FileWindow | None = None
        self._is_following = True
        self._is_moving = False
        self._growth = Growth(self)
        self._growth.grew.connect(self._grow)
        self.verticalScrollBar().valueChanged.connect(self._on_scroll)
        self.verticalScrollBar().rangeChanged.connect(self._on_range)

    # -- which file ------------------------------------------------------------------------------------

    def show_file(self, path: Path | None) -> None:
        """Show the end of another file, and follow it; None for no file."""
        self.window_on = FileWindow(path) if path is not None else None
        self.skipped = 0
        self._set_following(True)
        self._growth.watch(path)
        self.show_end()

    def rest(self) -> None:
        """Listen to the file no more, since nobody sees it."""
        self._growth.watch(None)

    def wake(self) -> None:
        """Listen to the file again, and show what was missed."""
        if self.window_on is not None:
            self._growth.watch(self.window_on.path)
            self._grow()

    # -- following -------------------------------------------------------------------------------------

    @property
    def is_following(self) -> bool:
        """Whether the last line is kept in view."""
        return self._is_following

    def follow(self, wanted: bool) -> None:
        """Keep the last line in view, or do not."""
        if wanted and not self._is_following:
            self._set_following(True)
            self.show_end()
        else:
            self._set_following(wanted)

    def _set_following(self, wanted: bool) -> None:
        if wanted != self._is_following:
            self._is_following = wanted
            self.following_changed.emit()

    def _grow(self) -> None:
        part = self.window_on
        if part is None:
            return
        try:
            is_other = part.look()
            self.problem = ""
            if is_other:
                self.skipped = 0
                self.show_end()
            elif self._is_following:
                self._take_news(part)
        except OSError as error:
            self._tell(error)
        self.moved.emit()

    def _take_news(self, part: FileWindow) -> None:
        before = part.end
        if part.size - before > _MOST_NEWS:
            self.show_end()
            self.skipped += max(0, part.begin - before)
            return
        while part.end < part.size:
            self._append(part)
        self._scroll_to_end()

    def _append(self, part: FileWindow) -> int:
        """Show what comes next; return how many lines went at the beginning for it."""
        self._is_moving = True
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(part.after())
        lines = self.blockCount()
        while part.is_too_long:
            cursor.setPosition(0)
            cursor.setPosition(part.drop_first().length, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
        self._is_moving = False
        return lines - self.blockCount()

    # -- where in it -----------------------------------------------------------------------------------

    def show_end(self) -> None:
        """Show the last lines."""
        self._show(None)
        self._scroll_to_end()

    def show_begin(self) -> None:
        """Show the first lines."""
        self.show_from(0)

    def show_from(self, place: int) -> None:
        """Show the line that begins at a place in the file, in bytes."""
        self._set_following(False)
        self._show(place)
        part = self.window_on
        if part is None or not place:
            return
        try:
            self._load_before(part)
        except OSError as error:
            self._tell(error)
        self.set_cursor_at(place)
        self.moved.emit()

    def set_cursor_at(self, place: int) -> None:
        """Put the cursor to a place where a piece of what is held begins or ends, in bytes."""
        pieces = self.window_on.pieces if self.window_on is not None else []
        cursor = QTextCursor(self.document())
        cursor.setPosition(sum(each.length for each in pieces if each.end <= place))
        self._is_moving = True
        self.setTextCursor(cursor)
        self._is_moving = False

    def find_words(self, words: str, is_forward: bool) -> bool:
        """Choose the next place in what is held that has some words, or the one before; follow no more."""
        self._set_following(False)
        self._is_moving = True
        flag = QTextDocument.FindFlag(0) if is_forward else QTextDocument.FindFlag.FindBackward
        found = self.find(words, flag)
        self._is_moving = False
        return found

    def _show(self, place: int | None) -> None:
        part, text = self.window_on, ""
        self.problem = ""
        try:
            if part is not None:
                text = part.show_end() if place is None else part.show_from(place)
        except OSError as error:
            self._tell(error)
        self._is_moving = True
        self.setPlainText(text)
        self._is_moving = False
        self.moved.emit()

    def _scroll_to_end(self) -> None:
        self._is_moving = True
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())
        self._is_moving = False

    def _on_range(self) -> None:
        """Stay at the end when the room for the text becomes another one."""
        if self._is_following and not self._is_moving:
            self._scroll_to_end()

    def _on_scroll(self, value: int) -> None:
        """Read on where the user has scrolled to an end of what is held; follow at the end of the file only."""
        part = self.window_on
        if self._is_moving or part is None or not self.isVisible():
            return
        bar = self.verticalScrollBar()
        try:
            if value - bar.minimum() < _NEAR and part.begin > 0:
                self._load_before(part)
            elif bar.maximum() - value < _NEAR and part.end < part.size and not self._is_following:
                self._load_after(part)
        except OSError as error:
            self._tell(error)
        self._set_following(bar.value() == bar.maximum() and part.end >= part.size)
        self.moved.emit()

    def _load_before(self, part: FileWindow) -> None:
        number, line = self._top()
        lines = self.blockCount()
        self._is_moving = True
        cursor = QTextCursor(self.document())
        cursor.insertText(part.before())
        added = self.blockCount() - lines
        while part.is_too_long:
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.setPosition(cursor.position() - part.drop_last().length, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
        self._restore(number + added, line)

    def _load_after(self, part: FileWindow) -> None:
        number, line = self._top()
        gone = self._append(part)
        self._restore(number - gone, line)

    def _top(self) -> tuple[int, int]:
        """Return the number of the line at the top, and how much of it, when it is wrapped, is above."""
        block = self.firstVisibleBlock()
        return block.blockNumber(), self.verticalScrollBar().value() - block.firstLineNumber()

    def _restore(self, number: int, line: int) -> None:
        """Have the same line at the top as before."""
        self._is_moving = True
        block = self.document().findBlockByNumber(number)
        self.verticalScrollBar().setValue(block.firstLineNumber() + line)
        self._is_moving = False

    def _tell(self, error: OSError) -> None:
        self.problem = self.tr("The trace cannot be read: {0}.").format(error.strerror or error)

    # -- keys ------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_own(event):
            event.accept()  # or else the window would do it with what is selected on the canvas
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.MoveToStartOfDocument):
            self.show_begin()
        elif event.matches(QKeySequence.StandardKey.MoveToEndOfDocument):
            self._set_following(True)
            self.show_end()
        elif event.matches(QKeySequence.StandardKey.Find):
            self.find_wanted.emit()
        else:
            super().keyPressEvent(event)


def _is_own(event: QKeyEvent) -> bool:
    keys = QKeySequence.StandardKey
    return event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) or any(
        event.matches(each) for each in (keys.Copy, keys.SelectAll, keys.Find)
    )
