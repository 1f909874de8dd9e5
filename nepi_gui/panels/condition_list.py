"""The list of sentences: each part of them can be pressed, with the mouse and with the keyboard."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from nepi_core.description import AttributeChange, Condition
from nepi_gui import icons
from nepi_gui.canvas.items import plain_tool_tip
from nepi_gui.document.schedule import ConditionKey, Reason
from nepi_gui.document.sentences import Part, doubt_text, find, names, sentence, words_of
from nepi_gui.editor import Editor
from nepi_gui.panels.condition_layout import SentenceLayout, Tool, Typesetter

_Index = QModelIndex | QPersistentModelIndex
_MOST_IN_TIP = 40


class ConditionModel(QAbstractListModel):
    """Conditions and planned changes, by their keys."""

    def __init__(self, editor: Editor, parent: QWidget) -> None:
        super().__init__(parent)
        self._editor = editor
        self.keys: list[ConditionKey] = []

    def show_keys(self, keys: Sequence[ConditionKey]) -> None:
        """List these conditions, as they are now."""
        if list(keys) == self.keys:
            self.dataChanged.emit(self.index(0), self.index(len(self.keys) - 1))
            return
        self.beginResetModel()
        self.keys = list(keys)
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.keys)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        key = self.keys[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return sentence(self._editor.document.description, key)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{sentence(self._editor.document.description, key)}. {self.doubt(key)}".rstrip()
        return self._tip(key) if role == Qt.ItemDataRole.ToolTipRole else None

    def doubt(self, key: ConditionKey) -> str:
        """Return why a condition may never be met, "" when nothing speaks against it."""
        found = self._editor.schedule.now.doubts.get(key)
        return doubt_text(self._editor.document.description, found) if found else ""

    def is_mild(self, key: ConditionKey) -> bool:
        """Tell whether a condition may well be met: it waits for a failure."""
        found = self._editor.schedule.now.doubts.get(key)
        return found is not None and found.reason is Reason.FAILURE

    def _tip(self, key: ConditionKey) -> str | None:
        description = self._editor.document.description
        condition = find(description, key)
        several = [condition.group] if condition else []
        several += [condition.guids] if isinstance(condition, AttributeChange) else []
        lines = [names(description, each, _MOST_IN_TIP) for each in several if len(each) > 1]
        return plain_tool_tip("\n".join(lines)) if lines else None


class SentenceDelegate(QStyledItemDelegate):
    """Draws sentences; knows what stands where in them."""

    def __init__(self, editor: Editor, model: ConditionModel, view: ConditionList) -> None:
        super().__init__(view)
        self._editor = editor
        self._model = model
        self._view = view
        self._setter = Typesetter(view.font())
        self._laid: dict[tuple[str, str, int], SentenceLayout] = {}

    def forget(self) -> None:
        """Lay everything out anew."""
        self._laid.clear()

    def layout_of(self, key: ConditionKey, width: int) -> SentenceLayout:
        """Return how a sentence is drawn in a row of this width."""
        words = words_of(self._editor.document.description, key)
        doubt = self._model.doubt(key)
        name = ("\0".join(each.text for each in words), doubt, width)
        if name not in self._laid:
            self._laid[name] = self._setter.lay(words, doubt, width)
        return self._laid[name]

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return self.layout_of(self._model.keys[index.row()], self._view.viewport().width()).size.toSize()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        key = self._model.keys[index.row()]
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        laid = self.layout_of(key, rect.width())
        is_current = index == self._view.currentIndex() and self._view.hasFocus()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(rect.topLeft())
        self._paint_ground(painter, rect, bool(state & QStyle.StateFlag.State_Selected))
        self._paint_words(painter, laid, self._view.pointed(index.row()), self._view.part if is_current else None)
        self._paint_doubt(painter, laid, self._model.is_mild(key))
        if index.row() == self._view.hovered_row or is_current:
            for tool, place in laid.tools.items():
                icons.paint(painter, tool, place.adjusted(3, 3, -3, -3))
        painter.restore()

    def _paint_ground(self, painter: QPainter, rect: QRect, is_selected: bool) -> None:
        theme = self._editor.appearance.theme
        if is_selected:
            ground = QColor(theme.accent)
            ground.setAlpha(28)
            painter.fillRect(0, 0, rect.width(), rect.height(), ground)
        painter.setPen(QPen(QColor(theme.border), 0.6))
        painter.drawLine(0, rect.height(), rect.width(), rect.height())

    def _paint_words(self, painter: QPainter, laid: SentenceLayout, pointed: Part | None, current: Part | None) -> None:
        theme = self._editor.appearance.theme
        for each in laid.words:
            if each.part and each.part in (pointed, current):
                ground = QColor(theme.accent)
                ground.setAlpha(45)
                painter.setPen(QPen(QColor(theme.accent), 1.0) if each.part is current else Qt.PenStyle.NoPen)
                painter.setBrush(ground)
                painter.drawRoundedRect(each.rect, 3, 3)
            painter.setFont(self._setter.font_of(each.part))
            painter.setPen(QColor(theme.accent if each.part else theme.text))
            painter.drawText(each.rect, Qt.AlignmentFlag.AlignCenter, each.text)

    def _paint_doubt(self, painter: QPainter, laid: SentenceLayout, is_mild: bool) -> None:
        if not laid.doubt:
            return
        theme = self._editor.appearance.theme
        colour = QColor(theme.muted if is_mild else theme.warning)
        middle = QPointF(laid.doubt[0].rect.left() - 9, laid.doubt[0].rect.center().y())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon([middle + QPointF(0, -6), middle + QPointF(6.5, 5), middle + QPointF(-6.5, 5)])
        painter.setPen(QPen(QColor(theme.plate), 1.5))
        painter.drawLine(middle + QPointF(0, -2), middle + QPointF(0, 1))
        painter.drawPoint(middle + QPointF(0, 3.4))
        painter.setFont(self._setter.small)
        painter.setPen(colour)
        for line in laid.doubt:
            painter.drawText(line.rect, Qt.AlignmentFlag.AlignVCenter, line.text)


class ConditionList(QListView):
    """Shows sentences, and tells what the user wants to do with them.

    Signals:
        part_wanted: a condition's key, a `Part` of it to be edited, and where it stands on the screen.
        deletion_wanted: keys of conditions.
        copy_wanted: the key of a condition.

    Attributes:
        part: the part that the keyboard is at, in the current sentence.
        hovered_row: the row under the mouse, -1 for none.
    """

    part_wanted = Signal(object, str, QRect)
    deletion_wanted = Signal(list)
    copy_wanted = Signal(object)

    def __init__(self, editor: Editor, parent: QWidget) -> None:
        super().__init__(parent)
        self.conditions = ConditionModel(editor, self)
        self.part: Part | None = None
        self.hovered_row = -1
        self._pointed: Part | None = None
        self.setModel(self.conditions)
        self._delegate = SentenceDelegate(editor, self.conditions, self)
        self.setItemDelegate(self._delegate)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(100)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Conditions"))
        self.setAccessibleDescription(self.tr("Left and right choose a part of the sentence, Return edits it."))
        self.setFrameShape(QListView.Shape.NoFrame)

    # -- what is shown ---------------------------------------------------------------------------------

    def show_keys(self, keys: Sequence[ConditionKey]) -> None:
        """List these conditions, as they are now; the current one stays so."""
        current, chosen = self.current_key(), self.chosen()
        self._delegate.forget()
        self.conditions.show_keys(keys)
        if self.current_key() is None and current in self.conditions.keys:
            self.choose(current, chosen)
        self.doItemsLayout()

    def choose(self, key: ConditionKey | None, keys: Sequence[ConditionKey] = ()) -> None:
        """Make a condition the current one and select it, others as well."""
        rows = {each: row for row, each in enumerate(self.conditions.keys)}
        flags = QItemSelectionModel.SelectionFlag
        if key in rows:
            self.selectionModel().setCurrentIndex(self.conditions.index(rows[key]), flags.ClearAndSelect)
        for each in keys:
            if each in rows:
                self.selectionModel().select(self.conditions.index(rows[each]), flags.Select)

    def choose_row(self, row: int) -> None:
        """Make the condition in a row the current one, or the last one when there are fewer."""
        if self.conditions.keys:
            self.choose(self.conditions.keys[min(row, len(self.conditions.keys) - 1)])

    def current_key(self) -> ConditionKey | None:
        """Return the condition that the keyboard is at."""
        index = self.currentIndex()
        return self.conditions.keys[index.row()] if index.isValid() else None

    def chosen(self) -> list[ConditionKey]:
        """Return the selected conditions."""
        return [self.conditions.keys[index.row()] for index in self.selectionModel().selectedRows()]

    def part_rect(self, row: int, part: Part) -> QRect:
        """Return where a part of a sentence stands in the viewport."""
        laid = self._laid(row)
        return laid.rect_of(part).toAlignedRect().translated(self.visualRect(self.conditions.index(row)).topLeft())

    def tool_rect(self, row: int, tool: Tool) -> QRect:
        """Return where a button of a sentence stands in the viewport."""
        rect = self.visualRect(self.conditions.index(row))
        return self._laid(row).tools[tool].toAlignedRect().translated(rect.topLeft())

    def _laid(self, row: int) -> SentenceLayout:
        return self._delegate.layout_of(self.conditions.keys[row], self.viewport().width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._delegate.forget()
            self.scheduleDelayedItemsLayout()

    # -- the mouse -------------------------------------------------------------------------------------

    def pointed(self, row: int) -> Part | None:
        """Return the part of a row that is under the mouse."""
        return self._pointed if row == self.hovered_row else None

    def _find(self, place: QPointF) -> tuple[int, Part | None, Tool | None]:
        index = self.indexAt(place.toPoint())
        if not index.isValid():
            return -1, None, None
        inside = place - QPointF(self.visualRect(index).topLeft())
        laid = self._laid(index.row())
        return index.row(), laid.part_at(inside), laid.tool_at(inside)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hovered_row, self._pointed, tool = self._find(event.position())
        pointing = self._pointed is not None or tool is not None
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if pointing else Qt.CursorShape.ArrowCursor)
        self.viewport().update()
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered_row, self._pointed = -1, None
        self.viewport().update()
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        row, part, tool = self._find(event.position())
        is_plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if row < 0 or event.button() is not Qt.MouseButton.LeftButton or not is_plain:
            return
        if part is not None:
            self._want(row, part)
        elif tool is Tool.DELETE:
            self.deletion_wanted.emit([self.conditions.keys[row]])
        elif tool is Tool.DUPLICATE:
            self.copy_wanted.emit(self.conditions.keys[row])

    def _want(self, row: int, part: Part) -> None:
        self.part = part
        rect = self.part_rect(row, part)
        on_screen = QRect(self.viewport().mapToGlobal(rect.topLeft()), rect.size())
        self.part_wanted.emit(self.conditions.keys[row], part, on_screen)

    # -- the keyboard ----------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._takes(event):
            event.accept()  # these keys mean something else on the canvas
            return True
        return super().event(event)

    def _takes(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_D:
            return event.modifiers() == Qt.KeyboardModifier.ControlModifier
        return event.key() in _OWN_KEYS and event.modifiers() in (_NOTHING, Qt.KeyboardModifier.KeypadModifier)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, row = event.key(), self.currentIndex().row()
        parts = self._laid(row).parts() if row >= 0 else []
        if not parts or not self._takes(event):  # no parts: the condition was removed just now
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.deletion_wanted.emit(self.chosen() or [self.conditions.keys[row]])
        elif key == Qt.Key.Key_D:
            self.copy_wanted.emit(self.conditions.keys[row])
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._step(parts, 1 if key == Qt.Key.Key_Right else -1)
        else:
            self._want(row, self.part if self.part in parts else parts[0])

    def _step(self, parts: Sequence[Part], way: int) -> None:
        present = parts.index(self.part) if self.part in parts else (-1 if way > 0 else len(parts))
        self.part = parts[min(max(present + way, 0), len(parts) - 1)]
        self.viewport().update()


_NOTHING = Qt.KeyboardModifier.NoModifier
_OWN_KEYS = (
    Qt.Key.Key_Delete,
    Qt.Key.Key_Backspace,
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_F2,
    Qt.Key.Key_Space,
)


def keys_of(editor: Editor, guids: frozenset[int] | None) -> list[ConditionKey]:
    """Return the conditions and planned changes in which some resources play a part; all for None.

    What waits comes first, then those that are waited for.
    """
    description = editor.document.description
    own: list[ConditionKey] = []
    others: list[ConditionKey] = []
    for guid, resource in description.resources.items():
        for index, condition in enumerate(resource.conditions):
            if guids is None or guid in guids:
                own.append((guid, index))
            elif not guids.isdisjoint(condition.group):
                others.append((guid, index))
    for index, change in enumerate(description.changes):
        if guids is None or not guids.isdisjoint(_all_of(change)):
            others.append((0, index))
    return own + others


def _all_of(change: AttributeChange | Condition) -> set[int]:
    return {*change.group, *(change.guids if isinstance(change, AttributeChange) else ())}
