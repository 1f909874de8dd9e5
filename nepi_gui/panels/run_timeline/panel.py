"""The panel with the time line: what is planned, and what has happened in the run that is watched."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from nepi_gui.editor import Editor
from nepi_gui.panels.run_timeline.chart import RunChart
from nepi_gui.panels.run_timeline.replay_bar import ReplayBar
from nepi_gui.panels.timeline import TimelinePanel


class TimelineDock(QWidget):
    """Shows the schedule as long as no run is watched; then the run, or the schedule if somebody wants it.

    Attributes:
        schedule: what follows from the conditions.
        chart: what has happened in the run.
        bar: buttons and fields of the chart.
        planned, happened: switch between the two.
    """

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor
        self.schedule = TimelinePanel(editor)
        self.schedule.setAccessibleName(self.tr("Schedule"))
        self.chart = RunChart(editor)
        self.chart.setAccessibleName(self.tr("Time line of the run"))
        self.bar = ReplayBar(self.chart, editor)
        self.planned = self._switch(self.tr("Schedule"), self.tr("What follows from the conditions"))
        self.happened = self._switch(self.tr("Run"), self.tr("What has happened in the run that is watched"))
        self._header = QWidget(self)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.schedule)
        self._pages.addWidget(self.chart)
        self._lay_out()
        self.planned.clicked.connect(self.show_schedule)
        self.happened.clicked.connect(self.show_run)
        editor.run_changed.connect(self._on_run)
        self._on_run()

    def _switch(self, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setCheckable(True)
        button.setAutoExclusive(True)
        button.setAutoRaise(True)
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout(self._header)
        row.setContentsMargins(4, 2, 4, 2)
        row.setSpacing(2)
        row.addWidget(self.planned)
        row.addWidget(self.happened)
        row.addSpacing(6)
        row.addWidget(self.bar, 1)
        row.addStretch(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._header)
        layout.addWidget(self._pages)

    def _on_run(self) -> None:
        is_watched = self._editor.run is not None
        self._header.setVisible(is_watched)
        if is_watched:
            self.show_run()
        else:
            self.show_schedule()

    @property
    def shows_run(self) -> bool:
        """Whether the run is shown, not the schedule."""
        return self._pages.currentWidget() is self.chart

    def show_schedule(self) -> None:
        """Show what is planned."""
        self._show(self.schedule)

    def show_run(self) -> None:
        """Show what has happened; nothing is done when no run is watched."""
        if self._editor.run is not None:
            self._show(self.chart)

    def _show(self, page: QWidget) -> None:
        had_keyboard = any(each.hasFocus() for each in (self.schedule, self.chart))
        self._pages.setCurrentWidget(page)
        self.setFocusProxy(page)
        self.bar.setVisible(page is self.chart)
        self.planned.setChecked(page is self.schedule)
        self.happened.setChecked(page is self.chart)
        if had_keyboard:
            page.setFocus()
