"""Texts that are edited where they stand: names of resources, and what is written on notes and areas."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QFontMetricsF, QKeyEvent, QPalette
from PySide6.QtWidgets import QFrame, QLineEdit, QPlainTextEdit, QWidget

from nepi_core.structure import shown_name
from nepi_gui.canvas.items import BadgeItem, NodeItem
from nepi_gui.canvas.note_text import MARGIN, lay_out
from nepi_gui.canvas.scene import CanvasScene
from nepi_gui.canvas.selection import Key
from nepi_gui.canvas.view import CanvasView
from nepi_gui.document import notes, resources
from nepi_gui.document.change import Change

_LONGEST_NAME = 200
_NAME_SIZE = QSize(150, 26)  # pixels
_NOTE_SIZE = QSize(160, 48)
_SMALLEST_FONT = 9.0  # points: what is edited must be readable, however small the canvas is shown
_ELSEWHERE = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
"""Reasons of losing the keyboard after which it comes back: the field's own menu, another window."""


class _NameField(QLineEdit):
    """A line; Return and losing the keyboard accept it, Escape does not."""

    ended = Signal(bool)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.ended.emit(False)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.ended.emit(True)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in _ELSEWHERE:
            self.ended.emit(True)

    def text_in_it(self) -> str:
        """Return what is written, without what nobody sees."""
        return " ".join(self.text().split())


class _NoteField(QPlainTextEdit):
    """Several lines; Ctrl+Return and losing the keyboard accept them, Escape does not."""

    ended = Signal(bool)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_return = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() == Qt.Key.Key_Escape:
            self.ended.emit(False)
        elif is_return and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.ended.emit(True)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in _ELSEWHERE:
            self.ended.emit(True)

    def text_in_it(self) -> str:
        """Return what is written."""
        return self.toPlainText().rstrip()


class InlineText(QObject):
    """Puts a field over a name or note of a view, and takes a step when it is accepted; one at a time."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._scene: CanvasScene = view.canvas
        self._field: _NameField | _NoteField | None = None
        self._key: Key = 0
        self._before = ""
        view.looked.connect(self._follow)
        self._scene.moved.connect(self._follow)
        self._scene.document.changed.connect(self._on_change)

    @property
    def field(self) -> QWidget | None:
        """The field in which something is edited just now."""
        return self._field

    def edit(self, key: Key) -> None:
        """Have the user edit the name of a resource, or what is written on a note or area."""
        self.end(accepted=True)
        self._view.reveal(key)
        self._key = key
        self._field = self._note_field() if key < 0 else self._name_field()
        self._before = self._field.text_in_it()
        self._field.ended.connect(self.end)
        self._follow()
        self._field.show()
        self._field.selectAll()
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)

    def end(self, accepted: bool) -> None:
        """Take the field away, and with ``accepted`` keep what was written."""
        if self._field is None:
            return
        field, self._field = self._field, None
        had_keyboard = field.hasFocus()
        field.hide()
        field.deleteLater()
        if self._key < 0:
            self._scene.notes[-self._key - 1].write(False)
        if accepted:
            self._keep(field)
        if had_keyboard:
            self._view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _keep(self, field: _NameField | _NoteField) -> None:
        text, document = field.text_in_it(), self._scene.document
        if text == self._before:
            return
        if self._key > 0:
            resources.rename(document, self._key, text)
            return
        number = -self._key - 1
        note = document.description.canvas.notes[number]
        needed = self._needed_height(text, note.width)
        notes.set_text(document, number, text, max(note.height, needed) if note.kind == "note" else None)

    def _needed_height(self, text: str, width: float) -> float:
        looks = self._scene.painter
        return lay_out(text, looks.label_font, width - 2 * MARGIN, 0).height + 2 * MARGIN

    # -- fields --------------------------------------------------------------------------------------

    def _name_field(self) -> _NameField:
        resource = self._scene.document.description.resources[self._key]
        field = _NameField(resource.label, self._view)
        field.setAccessibleName(self.tr("Name"))
        field.setPlaceholderText(shown_name(resource))
        field.setMaxLength(max(_LONGEST_NAME, len(field.text())))
        field.setAlignment(Qt.AlignmentFlag.AlignCenter)
        return field

    def _note_field(self) -> _NoteField:
        item = self._scene.notes[-self._key - 1]
        item.write(True)
        field = _NoteField(item.note.text, self._view)
        field.setAccessibleName(self.tr("Text of the area") if item.is_area else self.tr("Text of the note"))
        field.setPlaceholderText(self.tr("Title") if item.is_area else self.tr("Write here"))
        field.setTabChangesFocus(True)
        field.setFrameShape(QFrame.Shape.NoFrame)
        field.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        field.document().setDocumentMargin(0)
        self._colour(field, item.colour())
        field.textChanged.connect(self._follow)
        return field

    def _colour(self, field: QWidget, ground: QColor) -> None:
        palette = field.palette()
        palette.setColor(QPalette.ColorRole.Base, ground)
        field.setPalette(palette)

    # -- following -----------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Keep the field where its text stands, and as large as it is shown."""
        field = self._field
        if field is None or not self._scene.shows(self._key):
            return
        field.setFont(_zoomed(self._scene.painter.label_font, self._view.zoom))
        if isinstance(field, _NoteField):
            field.setGeometry(self._note_geometry(field))
        else:
            field.setGeometry(self._name_geometry(field))

    def _name_geometry(self, field: QLineEdit) -> QRect:
        middle = self._view.mapFromScene(label_rect(self._scene, self._key).center())
        text = field.text() or field.placeholderText()
        width = max(_NAME_SIZE.width(), round(QFontMetricsF(field.font()).horizontalAdvance(text)) + 24)
        size = QSize(min(width, 2 * _NAME_SIZE.width()), max(_NAME_SIZE.height(), field.sizeHint().height()))
        return self._inside(QRect(middle - QPoint(size.width() // 2, size.height() // 2), size))

    def _note_geometry(self, field: QPlainTextEdit) -> QRect:
        item = self._scene.notes[-self._key - 1]
        body = item.body().translated(item.pos()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        shown = self._view.mapFromScene(body).boundingRect()
        needed = round((field.document().size().height() + 0.5) * QFontMetricsF(field.font()).lineSpacing())
        height = max(_NOTE_SIZE.height(), needed if item.is_area else max(needed, shown.height()))
        return self._inside(QRect(shown.topLeft(), QSize(max(_NOTE_SIZE.width(), shown.width()), height)))

    def _inside(self, wanted: QRect) -> QRect:
        """Return a rectangle of the same size that the view shows, as far as it has room."""
        room = self._view.viewport().rect()
        wanted.setSize(wanted.size().boundedTo(room.size()))
        wanted.moveLeft(max(room.left(), min(wanted.left(), room.right() - wanted.width())))
        wanted.moveTop(max(room.top(), min(wanted.top(), room.bottom() - wanted.height())))
        return wanted

    def _on_change(self, change: Change) -> None:
        if self._field is None:
            return
        is_gone = self._key in change.removed or (self._key < 0 and "notes" in change.parts)
        if change.anew or is_gone:
            self._abandon()

    def _abandon(self) -> None:
        """Take the field away from something that is no longer there."""
        if self._field is not None:
            field, self._field = self._field, None
            field.hide()
            field.deleteLater()
            for item in self._scene.notes:
                item.write(False)


def label_rect(scene: CanvasScene, key: Key) -> QRectF:
    """Return where the name of a resource stands on the canvas."""
    item: NodeItem | BadgeItem | None = scene.nodes.get(key) or scene.badges.get(key)
    if isinstance(item, NodeItem):
        return item.label_rect().translated(item.pos())
    if item is not None:
        return item.name_rect().translated(item.pos())
    middle = scene.centre(key)
    line = scene.lines[key, 0]
    text = scene.painter.line_label(line.label, line.label_room)
    width = scene.painter.chip_metrics.horizontalAdvance(text) + 8
    return QRectF(middle.x() - width / 2, middle.y() - 8, width, 16)


def _zoomed(font: QFont, zoom: float) -> QFont:
    zoomed = QFont(font)
    zoomed.setPointSizeF(max(_SMALLEST_FONT, font.pointSizeF() * zoom))
    return zoomed
