"""Finding words in a trace: in what is shown, then in the rest of the file, a bit at a time."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from nepi_gui import icons
from nepi_gui.file_window import FileWindow, find_line
from nepi_gui.panels.traces.trace_text import TraceText


class FindBar(QWidget):
    """A field for words, and the search for them; Escape ends both."""

    def __init__(self, text: TraceText, parent: QWidget) -> None:
        super().__init__(parent)
        self._text = text
        self._search: Iterator[int | None] | None = None
        self._is_forward = True
        self._stepping = QTimer(self, interval=0)
        self._stepping.timeout.connect(self._step)
        self.words = QLineEdit(self)
        self.words.setPlaceholderText(self.tr("Find"))
        self.words.setAccessibleName(self.tr("Words to find in the trace"))
        self.words.setClearButtonEnabled(True)
        self.told = QLabel(self)
        self.told.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.previous = self._button("▲", self.tr("Find what is before (Shift+Enter)"))
        self.next = self._button("▼", self.tr("Find what comes after (Enter)"))
        self.closing = self._button("", self.tr("Close the search (Escape)"))
        self.closing.setIcon(icons.icon("close"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for widget, share in ((self.words, 2), (self.previous, 0), (self.next, 0), (self.told, 1), (self.closing, 0)):
            row.addWidget(widget, share)
        self.next.clicked.connect(self._find_next)
        self.previous.clicked.connect(self._find_previous)
        self.closing.clicked.connect(self.leave)
        self.words.textEdited.connect(self.stop)
        self.hide()

    def _button(self, sign: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(sign)
        button.setAutoRaise(True)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    @property
    def is_searching(self) -> bool:
        """Whether the rest of the file is being searched."""
        return self._search is not None

    def open(self) -> None:
        """Show the field; words that are chosen in the text stand in it."""
        self.show()
        chosen = self._text.textCursor().selectedText()
        if chosen and "\u2029" not in chosen:
            self.words.setText(chosen)
        self.words.selectAll()
        self.words.setFocus()

    def leave(self) -> None:
        """End the search, and go back to the text."""
        self.stop()
        self.hide()
        self._text.setFocus()

    def stop(self) -> None:
        """End the search."""
        self._search = None
        self._stepping.stop()
        self.told.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.search(not event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        else:
            super().keyPressEvent(event)

    def _find_next(self) -> None:
        self.search(True)

    def _find_previous(self) -> None:
        self.search(False)

    # -- searching -------------------------------------------------------------------------------------

    def search(self, is_forward: bool) -> None:
        """Go to the next place that has the words, or to the one before."""
        self.stop()
        part = self._text.window_on
        if not self.words.text() or part is None:
            return
        self._is_forward = is_forward
        self._text.follow(False)
        if not self._text.find_words(self.words.text(), is_forward):
            self._search = self._places(part)
            self._stepping.start()
            self.told.setText(self.tr("Searching…"))

    def _places(self, part: FileWindow) -> Iterator[int | None]:
        """Search the rest of the file, then round from its other end through all that is shown."""
        path, words, size = part.path, self.words.text(), part.size
        if self._is_forward:
            yield from find_line(path, words, part.end, size)
            yield from find_line(path, words, 0, part.end)
        else:
            yield from find_line(path, words, part.begin, 0)
            yield from find_line(path, words, size, part.begin)

    def _step(self) -> None:
        if self._search is None:
            return
        try:
            place = next(self._search)
        except StopIteration:
            self.stop()
            self.told.setText(self.tr("Nothing found."))
        except OSError as error:
            self.stop()
            self.told.setText(self.tr("The trace cannot be read: {0}.").format(error.strerror or error))
        else:
            if place is not None:
                self.stop()
                self._show(place)

    def _show(self, place: int) -> None:
        """Show a line that has the words in it, and choose them."""
        part = self._text.window_on
        if part is None:
            return
        if part.begin <= place < part.end:
            is_forward = self._is_forward
            self._text.set_cursor_at(part.begin if is_forward else part.end)
        else:
            is_forward = True
            self._text.show_from(place)
        if not self._text.find_words(self.words.text(), is_forward):
            self.told.setText(self.tr("Found, but cut by a long line."))
