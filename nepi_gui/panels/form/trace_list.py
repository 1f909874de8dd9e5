"""The traces of what is selected: which are collected, and what numbers can be plotted from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget

from nepi_core.trace import Trace
from nepi_gui.canvas.items import plain_tool_tip
from nepi_gui.panels.form import words
from nepi_gui.panels.form.outline import box_of, draw_edge
from nepi_gui.translation import translate


class TraceBox(QCheckBox):
    """A trace that is collected or not, or both in several resources.

    Signals:
        wanted: the user wants it to be collected, or not.
    """

    wanted = Signal(str, bool)

    def __init__(self, trace: Trace, parent: QWidget) -> None:
        super().__init__(trace.name, parent)
        self.trace = trace
        self.setToolTip(plain_tool_tip(trace.help or trace.name))
        self.setAccessibleName(translate("Attributes", "Collect {0}").format(trace.name))
        self.setAccessibleDescription(trace.help)
        self.clicked.connect(self._tell)

    def show_state(self, on: bool | None) -> None:
        """Show whether it is collected; None for some of the resources only."""
        self.setTristate(on is None)
        state = Qt.CheckState.PartiallyChecked if on is None else Qt.CheckState.Checked if on else None
        self.setCheckState(state or Qt.CheckState.Unchecked)

    def nextCheckState(self) -> None:
        is_on = self.checkState() is Qt.CheckState.Checked
        self.setCheckState(Qt.CheckState.Unchecked if is_on else Qt.CheckState.Checked)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        draw_edge(QPainter(self), self, box_of(self))

    def _tell(self) -> None:
        self.wanted.emit(self.trace.name, self.checkState() is Qt.CheckState.Checked)


class TraceList(QWidget):
    """The traces of a type.

    Signals:
        wanted: the user wants a trace to be collected, or not.

    Attributes:
        boxes: the traces by name.
    """

    wanted = Signal(str, bool)

    def __init__(self, traces: Sequence[Trace], parent: QWidget) -> None:
        super().__init__(parent)
        self.boxes: dict[str, TraceBox] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 2, 4, 2)
        column.setSpacing(2)
        for trace in traces:
            box = self.boxes[trace.name] = TraceBox(trace, self)
            box.wanted.connect(self.wanted)
            column.addWidget(box)
            if trace.help or trace.series:
                column.addWidget(_about(trace, self))

    def show_states(self, look: Callable[[str], bool | None]) -> None:
        """Show which traces are collected."""
        for name, box in self.boxes.items():
            box.show_state(look(name))


def _about(trace: Trace, parent: QWidget) -> QLabel:
    """Return what stands below a trace: what it holds, and its numbers with their units."""
    numbers = words.series_text(trace)
    text = translate("Attributes", "{0}. Numbers: {1}").format(trace.help, numbers) if numbers else trace.help
    label = QLabel(text, parent, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    label.setContentsMargins(22, 0, 0, 4)
    return label
