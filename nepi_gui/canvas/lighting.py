"""Says of what is in view whether a gesture may end there: a few at a time, so that the mouse never waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from nepi_gui.canvas.items import BadgeItem, NodeItem
from nepi_gui.canvas.marks import Verdict
from nepi_gui.document.joints import Joint

if TYPE_CHECKING:
    from nepi_gui.canvas.view import CanvasView

_AT_ONCE = 25  # some 5 ms


class Lighting(QObject):
    """Lights up legal ends, and dims the others.

    Args:
        ask: tells how the gesture could join a resource.
    """

    def __init__(self, view: CanvasView, ask: Callable[[int], Joint]) -> None:
        super().__init__(view)
        self._view = view
        self._ask = ask
        self._known: dict[int, Joint] = {}
        self._waiting: list[int] = []
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._judge_some)
        view.looked.connect(self._look)
        self._look()

    def joint(self, guid: int) -> Joint:
        """Return how the gesture could join a resource."""
        if guid not in self._known:
            joint = self._known[guid] = self._ask(guid)
            self._view.marks.judge(guid, verdict_of(joint))
        return self._known[guid]

    @property
    def is_done(self) -> bool:
        """Whether everything in view has been judged."""
        return not self._waiting

    def end(self) -> None:
        """Say nothing any more."""
        self._timer.stop()
        self._view.looked.disconnect(self._look)
        self._view.marks.clear()
        self.deleteLater()

    def _look(self) -> None:
        """Note what is in view now, nodes before badges before links."""
        scene, shown = self._view.canvas, self._view.shown()
        items = scene.items(shown)
        seen = [item.guid for item in items if isinstance(item, NodeItem)]
        seen += [item.guid for item in items if isinstance(item, BadgeItem)]
        seen += [line.key[0] for line in scene.lines.all() if line.is_link and shown.intersects(line.rect())]
        self._waiting = [guid for guid in reversed(seen) if guid not in self._known]
        self._timer.start()

    def _judge_some(self) -> None:
        for _ in range(min(_AT_ONCE, len(self._waiting))):
            self.joint(self._waiting.pop())
        if not self._waiting:
            self._timer.stop()


def verdict_of(joint: Joint) -> Verdict:
    """Return how what may be joined in such a way is marked."""
    if joint.refusal:
        return Verdict.REFUSED
    return Verdict.GOOD if joint.is_useful else Verdict.POSSIBLE
