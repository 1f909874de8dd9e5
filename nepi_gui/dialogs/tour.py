"""The tour: points at one part of the window after the other, and says what it is for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeySequence, QPainter, QPainterPath, QPaintEvent, QPen, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from nepi_gui import icons
from nepi_gui.appearance import Appearance

_SHADE = 120  # of 255: how dark the rest becomes
_RIM = 5  # pixels around what is pointed at
_GAP = 14  # between that and the text
_WIDTH = 330  # of the text
_PRAISE = 900  # ms in which one sees that the step is done


@dataclass(frozen=True, slots=True)
class Stop:
    """A step of the tour.

    Attributes:
        title: what it is about.
        text: what the user may do; simple HTML.
        targets: gives the parts of the window to point at, the first of which the text stands beside.
        prepare: brings them into view.
    """

    title: str
    text: str
    targets: Callable[[], Sequence[QWidget]]
    prepare: Callable[[], object] | None = None


class Bubble(QFrame):
    """The text of a step, and the buttons."""

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.setAccessibleName(self.tr("Tour"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._title, self._count = QLabel(self), QLabel(self)
        self._text = QLabel(self, wordWrap=True, textFormat=Qt.TextFormat.RichText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        font = self._title.font()
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() * 1.1)
        self._title.setFont(font)
        self._done = QLabel(self)
        self.skip = QPushButton(self.tr("&Skip"), self, flat=True)
        self.back = QPushButton(self.tr("&Back"), self)
        self.next = QPushButton(self, default=True)
        self._lay_out()

    def _lay_out(self) -> None:
        head, buttons, column = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        head.addWidget(self._title, 1)
        head.addWidget(self._done)
        head.addWidget(self._count)
        buttons.addWidget(self.skip)
        buttons.addStretch(1)
        buttons.addWidget(self.back)
        buttons.addWidget(self.next)
        column.setContentsMargins(16, 12, 16, 12)
        column.addLayout(head)
        column.addWidget(self._text)
        column.addLayout(buttons)

    def show_stop(self, stop: Stop, number: int, total: int) -> None:
        """Show a step, counted from 0."""
        self._title.setText(stop.title)
        self._text.setText(stop.text)
        self._count.setText(self.tr("{0} of {1}").format(number + 1, total))
        self._done.clear()
        self.back.setEnabled(number > 0)
        self.next.setText(self.tr("&Finish") if number + 1 == total else self.tr("&Next"))
        self.setAccessibleDescription(f"{stop.title}. {stop.text}")

    def praise(self) -> None:
        """Show that the step is done."""
        self._done.setPixmap(icons.icon("ok").pixmap(18))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._appearance.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.accent), 1.5))
        painter.setBrush(QColor(theme.plate))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 9, 9)


class Tour(QWidget):
    """Lies over the window and leaves light what it points at; mouse and keys go through it.

    Signals:
        ended: it is over, whether to the end or not.

    Attributes:
        bubble: the text with its buttons.
        praise: milliseconds from a step that the user has really done to the next one.
    """

    ended = Signal()

    def __init__(self, stops: Sequence[Stop], appearance: Appearance, window: QWidget) -> None:
        super().__init__(window)
        self.praise = _PRAISE
        self._window = window
        self._stops = stops
        self._number = 0
        self._watched: list[QWidget] = []
        self._appearance = appearance
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setObjectName("tour")
        self.bubble = Bubble(appearance, window)
        self.bubble.next.clicked.connect(self.go_on)
        self.bubble.back.clicked.connect(self.go_back)
        self.bubble.skip.clicked.connect(self.end)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.activated.connect(self.end)
        escape.activatedAmbiguously.connect(self.end)
        self._placing = QTimer(self, singleShot=True, interval=0)
        self._placing.timeout.connect(self._place)
        self._next = QTimer(self, singleShot=True)
        self._next.timeout.connect(self.go_on)
        appearance.changed.connect(self.update)
        window.installEventFilter(self)

    @property
    def number(self) -> int:
        """Which step is shown, counted from 0."""
        return self._number

    def begin(self) -> None:
        """Show the first step."""
        self._show_stop(0)
        self.show()
        self.bubble.show()
        self.bubble.next.setFocus()

    def go_on(self) -> None:
        """Show the next step; end after the last one."""
        if self._number + 1 < len(self._stops):
            self._show_stop(self._number + 1)
        else:
            self.end()

    def go_back(self) -> None:
        """Show the step before."""
        self._show_stop(max(0, self._number - 1))

    def note_done(self, number: int) -> None:
        """The user has really done a step: go on in a moment, if it is the one that is shown."""
        if number == self._number and not self._next.isActive():
            self.bubble.praise()
            self._next.start(self.praise)

    def end(self) -> None:
        """Take the tour away."""
        self._next.stop()
        self._placing.stop()
        self._watch(())
        self._window.removeEventFilter(self)
        self.hide()
        self.bubble.hide()
        self.ended.emit()
        self.bubble.deleteLater()
        self.deleteLater()

    def _show_stop(self, number: int) -> None:
        self._next.stop()
        self._number = number
        stop = self._stops[number]
        if stop.prepare is not None:
            stop.prepare()
        self._watch(stop.targets())
        self.bubble.show_stop(stop, number, len(self._stops))
        self._place()
        self._placing.start()  # once more when panels that were just shown have their places

    # -- where -----------------------------------------------------------------------------------------

    def _watch(self, targets: Sequence[QWidget]) -> None:
        for widget in self._watched:
            widget.removeEventFilter(self)
        self._watched = list(targets)
        for widget in self._watched:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide):
            self._placing.start()
        return False

    def _place(self) -> None:
        window = self._window
        self.setGeometry(window.rect())
        size = self.bubble.sizeHint()
        width = min(_WIDTH, window.width() - 2 * _GAP)
        size.setWidth(width)
        size.setHeight(self.bubble.heightForWidth(width))
        bubble = QRect(QPoint(0, 0), size)
        lit = self.lit()
        self.bubble.setGeometry(beside(bubble, lit[0] if lit else window.rect(), window.rect(), lit))
        self.raise_()
        self.bubble.raise_()
        self.update()

    def lit(self) -> list[QRect]:
        """Return what is pointed at, in the window's pixels."""
        window, found = self._window, []
        for widget in self._watched:
            if widget.isVisible():
                place = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
                found.append(place.adjusted(-_RIM, -_RIM, _RIM, _RIM) & window.rect())
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        light = QPainterPath()
        for place in self.lit():
            light.addRoundedRect(QRectF(place), 8, 8)
        everything = QPainterPath()
        everything.addRect(QRectF(self.rect()))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(everything - light, QColor(0, 0, 0, _SHADE))
        painter.setPen(QPen(QColor(self._appearance.theme.accent), 2))
        painter.drawPath(light.simplified())


def beside(bubble: QRect, target: QRect, window: QRect, lit: Sequence[QRect] = ()) -> QRect:
    """Return a place for a text beside what it is about: where it hides least of what is lit, and inside the window.

    Args:
        bubble: the text; only its size matters.
        target: what it is about.
        lit: all that the user must see.
    """
    middle, size = target.center(), bubble.size()
    places = [
        QPoint(target.right() + _GAP, middle.y() - size.height() // 2),
        QPoint(target.left() - _GAP - size.width(), middle.y() - size.height() // 2),
        QPoint(middle.x() - size.width() // 2, target.bottom() + _GAP),
        QPoint(middle.x() - size.width() // 2, target.top() - _GAP - size.height()),
        QPoint(window.center().x() - size.width() // 2, window.bottom() - _GAP - size.height()),
    ]

    def cost(place: QPoint) -> tuple[int, int]:
        rect = _pushed_in(QRect(place, size), window)
        pushed, far = (rect.topLeft() - place).manhattanLength(), (rect.center() - middle).manhattanLength()
        return sum(_area(rect & each) for each in [target, *lit]), pushed + far // 2

    return _pushed_in(QRect(min(places, key=cost), size), window)


def _pushed_in(rect: QRect, window: QRect) -> QRect:
    """Return a rectangle at the nearest place where a window holds it, with its upper left corner in any case."""
    room = window.adjusted(_GAP, _GAP, -_GAP, -_GAP)
    left = max(room.left(), min(rect.left(), room.right() - rect.width() + 1))
    top = max(room.top(), min(rect.top(), room.bottom() - rect.height() + 1))
    return QRect(QPoint(left, top), rect.size())


def _area(rect: QRect) -> int:
    return rect.width() * rect.height() if rect.isValid() else 0
