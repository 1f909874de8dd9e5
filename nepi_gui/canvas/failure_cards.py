"""The cards of what FAILED: the first ones open by themselves where they have room, the others when somebody asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QMouseEvent, Qt

from nepi_core.states import ResourceState
from nepi_core.structure import shown_name
from nepi_gui.appearance import Appearance
from nepi_gui.canvas.failure_card import ARROW, FailureCard
from nepi_gui.canvas.items import NodeItem
from nepi_gui.canvas.looks import LABELS_FROM, PLATE
from nepi_gui.canvas.run_states import RunStates
from nepi_gui.canvas.view import CanvasView
from nepi_gui.number_text import duration_text

_MOST_BY_THEMSELVES = 3
_SMALLEST_TARGET = 10  # pixels of what a card points at, however far away it is seen
_EDGE = 6
_COVERS_CARD = 10  # how much worse it is to cover a pixel of another card than one of what has FAILED, too
_COVERS_NODE = 8000  # how bad it is to cover a node, as pixels of what has FAILED
_MOST_AVOIDED = 60


class FailureCards(QObject):
    """Opens, places and closes cards over a view.

    Signals:
        log_wanted: the user wants to see the log of this resource.
        copied: a cause was put into the clipboard.
    """

    log_wanted = Signal(int)
    copied = Signal()

    def __init__(self, view: CanvasView, states: RunStates, appearance: Appearance) -> None:
        super().__init__(view)
        self._view = view
        self._scene = view.canvas
        self._states = states
        self._appearance = appearance
        self._cards: dict[int, FailureCard] = {}
        self._asked_for: set[int] = set()
        self._announced: set[int] = set()
        self._placing = QTimer(self, singleShot=True, interval=0)
        self._placing.timeout.connect(self._place)
        view.looked.connect(self._placing.start)
        self._scene.moved.connect(self._on_move)
        self._scene.selection.changed.connect(self._on_selection)
        states.shown_anew.connect(self._refresh)
        states.failures_changed.connect(self._refresh)
        view.installEventFilter(self)
        view.viewport().installEventFilter(self)

    @property
    def open_guids(self) -> list[int]:
        """The resources whose cards are open, in the order in which these were opened."""
        return list(self._cards)

    def card(self, guid: int) -> FailureCard:
        """Return the card of a resource, which is open."""
        return self._cards[guid]

    def forget(self) -> None:
        """Close all cards, and tell of each failure anew: another run is watched."""
        self.close_all()
        self._announced.clear()

    # -- opening and closing -----------------------------------------------------------------------------

    def open(self, guid: int, with_keyboard: bool = False) -> None:
        """Open the card of a FAILED resource, above the others; nothing happens when it is not FAILED.

        Args:
            with_keyboard: it takes the keyboard.
        """
        if self._states.states.get(guid) is not ResourceState.FAILED:
            return
        self._asked_for.add(guid)
        self._open(guid)
        if with_keyboard:
            self._place()
            self._cards[guid].log.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open(self, guid: int) -> None:
        change, run = self._states.change(guid), self._states.run
        if change is None or run is None:
            return
        card = self._cards.pop(guid, None) or self._make(guid)
        self._cards[guid] = card  # the last one now
        resource = self._scene.document.description.resources[guid]
        when = self.tr("after {0}").format(duration_text(change.time - run.began)) if run.began is not None else ""
        card.show_failure(shown_name(resource), when, change.cause or self.tr("No cause was given."))
        self._placing.start()

    def _make(self, guid: int) -> FailureCard:
        card = FailureCard(guid, self._appearance, self._view)
        card.closed.connect(self._close_by_user)
        card.log_wanted.connect(self.log_wanted)
        card.copy_wanted.connect(self._copy)
        return card

    def close_all(self) -> bool:
        """Close all cards; tell whether there were any."""
        had = bool(self._cards)
        self._close(list(self._cards))
        return had

    def _close(self, guids: Iterable[int]) -> None:
        for guid in guids:
            card = self._cards.pop(guid)
            self._asked_for.discard(guid)
            if card.isAncestorOf(QGuiApplication.focusObject() or self):  # type: ignore[arg-type]
                self._view.setFocus()
            card.hide()
            card.deleteLater()

    def _close_by_user(self, guid: int) -> None:
        self._close([guid])
        self._view.setFocus()

    def _refresh(self) -> None:
        """Close the cards of what is not FAILED any more, and open some for what is so now."""
        failed = self._states.failed()
        self._close([guid for guid in self._cards if guid not in failed])
        new = [guid for guid in failed if guid not in self._announced]
        self._announced.update(new)
        if self._states.run is not None and self._states.run.moment is None:
            for guid in new[: max(0, _MOST_BY_THEMSELVES - len(self._cards))]:
                self._open(guid)

    def _on_selection(self) -> None:
        keys = self._scene.selection.keys
        if len(keys) == 1:
            self.open(next(iter(keys)))

    def _copy(self, guid: int) -> None:
        QGuiApplication.clipboard().setText(self._cards[guid].cause)
        self.copied.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Close the cards when the user clicks elsewhere, or presses Escape while nothing else goes on."""
        if event.type() is QEvent.Type.Resize:
            self._placing.start()
        elif not self._cards:
            return False
        elif event.type() is QEvent.Type.MouseButtonPress and watched is self._view.viewport():
            self._on_press(event)
        elif event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return event.key() == Qt.Key.Key_Escape and (self._view.cancel_gesture() or self.close_all())
        return False

    def _on_press(self, event: QEvent) -> None:
        if not isinstance(event, QMouseEvent) or event.button() is not Qt.MouseButton.LeftButton:
            return
        key = self._view.hit_at(event.position()).key
        if key not in self._cards:
            self.close_all()
        self.open(key)  # also when it is selected already

    # -- places ------------------------------------------------------------------------------------------

    def _on_move(self, _: object) -> None:
        self._placing.start()

    def _place(self) -> None:
        """Put each card next to its resource; one that would cover another waits, unless the user has asked for it."""
        room = self._view.viewport().rect()
        if not self._cards:
            return
        asked = [guid for guid in reversed(self._cards) if guid in self._asked_for]
        order = [*asked, *(guid for guid in self._cards if guid not in self._asked_for)]
        rather_not = [self._anchor(guid) for guid in (*self._states.failed()[:_MOST_AVOIDED], *self._hosts(order))]
        taken: list[QRect] = []
        for guid in order:
            card, anchor = self._cards[guid], self._anchor(guid)
            found = _moved_into(self._best(card, anchor, room, taken, rather_not), room)
            covers = any(found.intersects(each) for each in taken)
            card.setVisible(anchor.intersects(room) and (guid in self._asked_for or not covers))
            if not card.isHidden():
                card.stand(found.topLeft() - QPoint(ARROW, ARROW), anchor.center())
                taken.append(found)
        for guid in reversed(order):
            self._cards[guid].raise_()

    def _hosts(self, guids: Iterable[int]) -> list[int]:
        """Return the nodes at which badges hang, so that one sees whose badges they are."""
        hosts = (self._scene.structure.hosts.get(guid, guid) for guid in guids)
        return [host for host in hosts if self._scene.shows(host)]

    def _best(
        self, card: FailureCard, anchor: QRect, room: QRect, taken: Iterable[QRect], rather_not: Iterable[QRect]
    ) -> QRect:
        """Return where a card covers least that is to be seen; the first place of those that are alike."""

        def badness(frame: QRect) -> int:
            inside = _moved_into(frame, room)
            moved = abs(inside.x() - frame.x()) + abs(inside.y() - frame.y())
            return (
                _COVERS_CARD * sum(_area(inside & each) for each in taken)
                + sum(_area(inside & each) for each in rather_not)
                + self._nodes_below(inside) * _COVERS_NODE
                + moved * moved
            )

        return min(_places(anchor, card.frame().size()), key=badness)

    def _nodes_below(self, frame: QRect) -> int:
        """Return how many nodes something covers, even in part; 0 where these are too small to be recognised."""
        if self._view.zoom < LABELS_FROM:
            return 0
        field = self._view.mapToScene(frame).boundingRect()
        plates = (PLATE.translated(item.pos()) for item in self._scene.items(field) if isinstance(item, NodeItem))
        return sum(field.intersects(plate) for plate in plates)

    def _anchor(self, guid: int) -> QRect:
        """Return what a card points at, in pixels of the view."""
        rect = self._view.mapFromScene(self._scene.rect(guid)).boundingRect()
        if (guid, 0) in self._scene.lines:  # a card in the middle of a line, however long it is
            rect = QRect(rect.center(), rect.center())
        grown = max(0, (_SMALLEST_TARGET - min(rect.width(), rect.height())) // 2)
        return rect.adjusted(-grown, -grown, grown, grown)


def _places(anchor: QRect, size: QSize) -> Iterator[QRect]:
    """Yield where a card could stand, the best place first: beside what it points at, above it, below it."""
    width, height, middle = size.width(), size.height(), anchor.center()
    for shift in (0, height // 2 - ARROW, ARROW - height // 2):
        top = middle.y() - height // 2 + shift
        yield QRect(QPoint(anchor.right() + ARROW, top), size)
        yield QRect(QPoint(anchor.left() - ARROW - width, top), size)
    for shift in (0, width // 2 - ARROW, ARROW - width // 2):
        left = middle.x() - width // 2 + shift
        yield QRect(QPoint(left, anchor.top() - ARROW - height), size)
        yield QRect(QPoint(left, anchor.bottom() + ARROW), size)


def _area(rect: QRect) -> int:
    return rect.width() * rect.height() if not rect.isEmpty() else 0


def _moved_into(rect: QRect, room: QRect) -> QRect:
    """Return a rectangle moved so that as much of it as possible is in a room."""
    inner, moved = room.adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE), QRect(rect)
    moved.moveLeft(max(inner.left(), min(rect.left(), inner.right() - rect.width())))
    moved.moveTop(max(inner.top(), min(rect.top(), inner.bottom() - rect.height())))
    return moved
