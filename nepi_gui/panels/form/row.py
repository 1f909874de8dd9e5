"""A row of the form: the name of an attribute, its field, and what is to be said about the value."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QGridLayout, QLabel, QMenu, QToolButton, QToolTip, QWidget

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.errors import AttributeValueError
from nepi_gui import icons
from nepi_gui.appearance import Appearance
from nepi_gui.canvas.items import plain_tool_tip
from nepi_gui.document.attributes import Shown, check
from nepi_gui.panels.form import words
from nepi_gui.panels.form.choices import ChoiceField, SwitchField
from nepi_gui.panels.form.host_field import HostField
from nepi_gui.panels.form.lines import CredentialField, LineField, NumberField
from nepi_gui.panels.form.page import PageField

AnyField = LineField | PageField | ChoiceField | SwitchField

_MARGIN = 12
"""Left of the name, where the dot of a changed value is."""
_DOT = 3.0
_BUTTON = 22
_LOCK = 14
_GAP = 4


class AttributeRow(QWidget):
    """Edits one attribute.

    Signals:
        committed: the user wants a value: name of the attribute, and the value, None for the default.
        hosts_wanted: this `HostField` is about to need the names of hosts.

    Attributes:
        field: what the value is edited in.
        refusal: why the value that was typed last cannot be, "" when it can.
    """

    committed = Signal(str, object)
    hosts_wanted = Signal(object)

    def __init__(self, attribute: Attribute, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self.attribute = attribute
        self._appearance = appearance
        self.refusal = ""
        self._problem = ""
        self._reason = ""
        self._remark = ""
        self._said: QLabel | None = None
        self._button: QToolButton | None = None
        self._sign: QLabel | None = None
        self.field: AnyField = make_field(attribute, self)
        self.label = QLabel(self._title(), self)
        self._lay_out()
        self._take_field()

    def _title(self) -> str:
        return f"{self.attribute.name} *" if self.attribute.required else self.attribute.name

    def _lay_out(self) -> None:
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(_MARGIN, 2, 2, 2)
        self._grid.setHorizontalSpacing(0)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnMinimumWidth(2, _BUTTON + _GAP)
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(self.label, 0, 0)

    def _take_field(self) -> None:
        """Put the field where it belongs, and listen to it."""
        self._grid.addWidget(self.field, 0, 1)
        is_page = isinstance(self.field, PageField)
        self._grid.setAlignment(self.label, Qt.AlignmentFlag.AlignTop if is_page else Qt.AlignmentFlag.AlignVCenter)
        self.label.setBuddy(self.field)
        self.field.setAccessibleName(self.attribute.name)
        self.field.setAccessibleDescription(self.attribute.help)
        self.field.committed.connect(self._commit)
        self.field.restored.connect(self._forgive)
        self.field.menu_wanted.connect(self._add_to_menu)
        if isinstance(self.field, HostField):
            self.field.hosts_wanted.connect(self._ask_for_hosts)
        if isinstance(self.field, LineField):
            self.field.page_wanted.connect(self.write_page)
        elif isinstance(self.field, PageField):
            self.field.line_wanted.connect(self._leave_page)

    # -- how wide ------------------------------------------------------------------------------------

    def label_width(self) -> int:
        """Return how wide the name is when it is bold."""
        font = QFont(self.font())
        font.setBold(True)
        return QFontMetrics(font).horizontalAdvance(self._title()) + 2

    def set_label_width(self, width: int) -> None:
        """Have the field begin where those of the other rows do; a longer name is cut."""
        self.label.setFixedWidth(width + _GAP)
        font = QFont(self.font())
        font.setBold(True)
        self.label.setText(QFontMetrics(font).elidedText(self._title(), Qt.TextElideMode.ElideMiddle, width))

    # -- what is shown -------------------------------------------------------------------------------

    def show_value(self, shown: Shown, reason: str = "", anew: bool = False) -> None:
        """Show a value.

        Args:
            reason: why it cannot be set, "" when it can.
            anew: it is the value of something else than before, so that what was typed is of no use.
        """
        if anew:
            self.field.accept_value()
        self._choose_field(shown, anew)
        if anew or shown != self.field.shown:
            self.refusal = ""
        self.field.show_value(shown)
        self._reason = reason
        self.field.lock(bool(reason))
        self._mark(shown)
        self._show_lock()
        self._say()

    def _choose_field(self, shown: Shown, anew: bool) -> None:
        """Have a page where the text has several lines, a line where it has one."""
        has_lines = isinstance(shown.value, str) and "\n" in shown.value
        if has_lines and isinstance(self.field, LineField):
            self._swap(PageField(self.attribute, self))
        elif isinstance(self.field, PageField) and anew and not has_lines:
            self._swap(make_field(self.attribute, self))

    def _mark(self, shown: Shown) -> None:
        is_changed = shown.is_set or (shown.is_mixed and not shown.default)
        if self.label.font().bold() != is_changed:
            font = QFont(self.font())
            font.setBold(is_changed)
            self.label.setFont(font)
        if self.is_resettable:
            self._shown_button().show()
        elif self._button is not None:
            self._button.hide()
        self.update()

    def _show_lock(self) -> None:
        """Show a lock where the button would be, with the reason why the value cannot be set."""
        if self._sign is None and self._reason:
            self._sign = QLabel(self, pixmap=icons.icon("lock").pixmap(_LOCK, _LOCK))
            self._sign.setFixedSize(_BUTTON, _BUTTON)
            self._sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._grid.addWidget(self._sign, 0, 2, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
        if self._sign is not None:
            self._sign.setToolTip(plain_tool_tip(self._reason))
            self._sign.setVisible(bool(self._reason))

    @property
    def is_resettable(self) -> bool:
        """Whether there is a default to return to."""
        needs = self.attribute.required and self.attribute.default is None
        return self.field.shown.is_set and not self._reason and not needs

    def _shown_button(self) -> QToolButton:
        if self._button is None:
            self._button = QToolButton(self)
            self._button.setIcon(icons.icon("reset"))
            self._button.setAutoRaise(True)
            self._button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # a key and the menu do the same
            self._button.setFixedSize(_BUTTON, _BUTTON)
            told = self.tr("Return {0} to its default").format(self.attribute.name)
            self._button.setToolTip(f"{told} (Ctrl+Backspace)")
            self._button.setAccessibleName(told)
            self._button.clicked.connect(self.reset)
            self._grid.addWidget(self._button, 0, 2, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
        return self._button

    def _say(self) -> None:
        """Show below the field why a value cannot be, or what there is to be known about it."""
        self._problem = problem = self.refusal or self._fault()
        hints = (self.field.hint() or self._shared_hint(), self._remark)
        text = problem or "\n".join(each for each in hints if each)
        if not text:
            if self._said is not None:
                self._said.hide()
            return
        if self._said is None:
            self._said = QLabel(self, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
            self._grid.addWidget(self._said, 1, 1, 1, 2)
        self._said.setForegroundRole(QPalette.ColorRole.BrightText if problem else QPalette.ColorRole.PlaceholderText)
        self._said.setText(text)
        self._said.show()

    def show_remark(self, text: str) -> None:
        """Say something more below the field; "" for nothing."""
        if text != self._remark:
            self._remark = text
            self._say()

    def _shared_hint(self) -> str:
        return self.tr("The same for all of this type") if self.attribute.has_flag(Flags.Global) else ""

    @property
    def said(self) -> str:
        """What stands below the field."""
        return self._said.text() if self._said is not None and not self._said.isHidden() else ""

    def _fault(self) -> str:
        """Return why the value that is there, such as one from a file, is not allowed."""
        shown = self.field.shown
        if not shown.is_set or shown.is_mixed or shown.value is None:
            return ""
        try:
            check(self.attribute, shown.value)
        except AttributeValueError as error:
            return str(error)
        return ""

    # -- what the user does --------------------------------------------------------------------------

    def _commit(self, value: object) -> None:
        self.committed.emit(self.attribute.name, value)

    def _ask_for_hosts(self) -> None:
        self.hosts_wanted.emit(self.field)

    def settle(self) -> None:
        """Tell what was typed."""
        self.field.settle()

    def reset(self) -> None:
        """Return to the default."""
        if self.is_resettable or self.field.is_pending:
            self.field.accept_value()
            self.committed.emit(self.attribute.name, None)

    def refuse(self, reason: str) -> None:
        """Say why the value that was told cannot be; what was typed stays, to be corrected."""
        self.refusal = reason
        if not self.field.is_pending:
            self.field.show_value(self.field.shown)
        self._say()
        self.update()

    def accept_value(self) -> None:
        """Take note that the value was kept."""
        self.refusal = ""
        self.field.accept_value()

    def _forgive(self) -> None:
        self.refusal = ""
        self._say()
        self.update()

    # -- one line or several ---------------------------------------------------------------------------

    def write_page(self, text: str | None = None) -> None:
        """Have several lines to write in, and go there."""
        before = self.field
        page = PageField(self.attribute, self)
        page.show_value(before.shown)
        if text is not None and text != page.toPlainText():
            page.setPlainText(text)
            page.document().setModified(True)
        before.accept_value()
        self._swap(page)
        page.moveCursor(page.textCursor().MoveOperation.End)
        page.setFocus()

    def _leave_page(self) -> None:
        """Go back to one line, when the text has no more."""
        page = self.field
        if isinstance(page, PageField) and not page.is_pending and "\n" not in page.toPlainText():
            line = make_field(self.attribute, self)
            line.show_value(page.shown)
            self._swap(line)
            line.setFocus()

    def _swap(self, field: AnyField) -> None:
        gone = self.field
        has_focus = gone.hasFocus()
        gone.committed.disconnect(self._commit)
        self._grid.removeWidget(gone)
        self.field = field
        self._take_field()
        QWidget.setTabOrder(gone, field)
        field.show()
        if has_focus:
            field.setFocus()
        gone.hide()
        gone.deleteLater()

    # -- menu and tool tip -----------------------------------------------------------------------------

    def _add_to_menu(self, menu: QMenu) -> None:
        if not menu.isEmpty():
            menu.addSeparator()
        reset = QAction(icons.icon("reset"), self.tr("Return to the default"), menu)
        reset.setEnabled(self.is_resettable)
        reset.triggered.connect(self.reset)
        menu.addAction(reset)
        if isinstance(self.field, LineField) and self.field.takes_lines and not self._reason:
            lines = QAction(self.tr("Write several lines (Ctrl+Return)"), menu)
            lines.triggered.connect(self._begin_page)
            menu.addAction(lines)
            if self.attribute.default not in (None, ""):
                empty = QAction(self.tr("Set to an empty text"), menu)
                empty.triggered.connect(self._empty)
                menu.addAction(empty)

    def _begin_page(self) -> None:
        self.write_page()

    def _empty(self) -> None:
        self.field.accept_value()
        self.committed.emit(self.attribute.name, "")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._add_to_menu(menu)
        menu.popup(event.globalPos())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and self._reason:
            self.field.lock(True)  # in the greys of the other theme

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), words.tool_tip(self.attribute, self._reason), self)
            return True
        return super().event(event)

    # -- drawing ---------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._appearance.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if colour := self._dot_colour():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            place = self.label.geometry()
            middle = place.center().y() if not isinstance(self.field, PageField) else place.top() + 8
            painter.drawEllipse(QRectF(_MARGIN / 2 - _DOT, middle - _DOT + 0.5, 2 * _DOT, 2 * _DOT))
        if self._problem:
            painter.setPen(QPen(QColor(theme.danger), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.field.geometry()).adjusted(-1, -1, 1, 1), 3, 3)

    def _dot_colour(self) -> str:
        """Return the colour of the dot before the name: something was changed, or is missing; "" for no dot."""
        shown = self.field.shown
        if shown.is_set:
            return self._appearance.theme.accent
        is_missing = self.attribute.required and shown.value in (None, "")
        return self._appearance.theme.danger if is_missing else ""


def make_field(attribute: Attribute, parent: QWidget) -> AnyField:
    """Return the field for an attribute's type."""
    if attribute.has_flag(Flags.Credential):
        return CredentialField(attribute, parent)
    if attribute.type is Types.Bool and attribute.default is not None:
        return SwitchField(attribute, parent)
    if attribute.type is Types.Bool or attribute.allowed is not None:
        return ChoiceField(attribute, parent)
    if attribute.type in (Types.Integer, Types.Double):
        return NumberField(attribute, parent)
    if attribute.names_host and attribute.type is Types.String:
        return HostField(attribute, parent)
    return LineField(attribute, parent)
