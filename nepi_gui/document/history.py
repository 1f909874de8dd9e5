"""The steps that were done and can be taken back.

Not Qt's undo stack: its commands, written in Python, take the garbage collector down (PySide6 6.11).
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from nepi_gui.document.edit import Step


class History(QObject):
    """Steps in their order, and how many of them are done; the others were taken back.

    Signals:
        changed: a step was done, taken back or done again, or the history begins anew.
        clean_changed: the document is now as it was saved, or no longer.

    Args:
        apply: does a step again, or takes it back.
    """

    changed = Signal()
    clean_changed = Signal()

    def __init__(self, apply: Callable[[Step, bool], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._apply = apply
        self._steps: list[Step] = []
        self._done = 0
        self._clean = 0  # how many steps were done when it was saved; -1 when no way leads there any more

    # -- questions -------------------------------------------------------------------------------------

    def __len__(self) -> int:
        """Return how many steps there are, with those that were taken back."""
        return len(self._steps)

    @property
    def done(self) -> int:
        """How many steps are done."""
        return self._done

    @property
    def is_clean(self) -> bool:
        """Whether the document is as it was saved."""
        return self._done == self._clean

    @property
    def clean(self) -> int:
        """How many steps were done when it was saved; -1 when neither undo nor redo leads there."""
        return self._clean

    def texts(self) -> list[str]:
        """Return what the steps are called."""
        return [step.text for step in self._steps]

    def can_undo(self) -> bool:
        """Tell whether there is a step to be taken back."""
        return self._done > 0

    def can_redo(self) -> bool:
        """Tell whether there is a step that was taken back."""
        return self._done < len(self._steps)

    # -- what happens ----------------------------------------------------------------------------------

    def note(self, step: Step, announce: Callable[[], None]) -> None:
        """Take in a step that was done just now; what was taken back before is gone.

        Args:
            announce: tells what the step has changed. It is called when the step is in its place, before those that
                listen to the history are told: whoever takes a step because of this one takes it after this one.
        """
        was_clean, last = self.is_clean, self._steps[self._done - 1] if self._done else None
        if last is not None and not was_clean and not self.can_redo() and last.absorb(step):
            if last.changes_nothing:
                self._steps.pop()
                self._done -= 1
        else:
            del self._steps[self._done :]
            if self._clean > self._done:
                self._clean = -1
            self._steps.append(step)
            self._done += 1
        announce()
        self._tell(was_clean)

    def complete(self, step: Step) -> None:
        """Have something belong to the last step that is done; to none, and never be taken back, when there is none."""
        if self._done:
            last = self._steps[self._done - 1]
            last.parts_before = step.parts_before | last.parts_before
            last.parts_after = last.parts_after | step.parts_after

    def undo(self) -> None:
        """Take the last step back, if there is one."""
        self.go_to(self._done - 1)

    def redo(self) -> None:
        """Do again the step that was taken back last, if there is one."""
        self.go_to(self._done + 1)

    def go_to(self, done: int) -> None:
        """Take steps back, or do them again, until so many are done."""
        was_clean, done = self.is_clean, min(max(done, 0), len(self._steps))
        if done == self._done:
            return
        while self._done > done:
            self._done -= 1
            self._apply(self._steps[self._done], True)
        while self._done < done:
            self._done += 1
            self._apply(self._steps[self._done - 1], False)
        self._tell(was_clean)

    def set_clean(self) -> None:
        """Note that the document was saved as it is."""
        was_clean, self._clean = self.is_clean, self._done
        self._tell(was_clean)

    def set_unclean(self) -> None:
        """Note that the document is nowhere saved as it is, such as when it was recovered."""
        was_clean, self._clean = self.is_clean, -1
        self._tell(was_clean)

    def clear(self) -> None:
        """Begin anew with a document that is as it was saved."""
        was_clean = self.is_clean
        self._steps, self._done, self._clean = [], 0, 0
        self._tell(was_clean)

    def _tell(self, was_clean: bool) -> None:
        self.changed.emit()
        if was_clean != self.is_clean:
            self.clean_changed.emit()
