"""What stands above the time line of a run: going through it, its rows, what is seen of it."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction, QActionGroup, QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QMenu, QSizePolicy, QToolButton, QWidget

from nepi_gui import icons
from nepi_gui.editor import Editor
from nepi_gui.number_text import number_text
from nepi_gui.panels.run_timeline.chart import RunChart
from nepi_gui.panels.run_timeline.replay import SPEEDS
from nepi_gui.panels.run_timeline.rows import Grouping
from nepi_gui.panels.run_timeline.scale import axis_text, clock_text

_GROUPING = "timeline/grouping"
_SECOND = 200  # ms between two looks at the clock while it is live


class ReplayBar(QWidget):
    """Buttons and fields for a time line."""

    def __init__(self, chart: RunChart, editor: Editor) -> None:
        super().__init__()
        self._chart = chart
        self._editor = editor
        self.back = self._button("step-back", self.tr("To the state change before (of what is selected)"))
        self.playing = self._button("play", self.tr("Play from this moment on"))
        self.forward = self._button("step-forward", self.tr("To the next state change (of what is selected)"))
        self.now = self._button("now", self.tr("Back to now, or to the end of the run"))
        self.failure = self._button("first-failure", self.tr("To the first failure"))
        self.speeds = self._make_speeds()
        self.time = QLabel(self)
        self.time.setMinimumWidth(60)
        self.time.setAccessibleName(self.tr("Moment that is looked at"))
        self.words = self._make_words()
        self.linked = self._button("linked", self.tr("Linked: time line and plots show the same part of the time"))
        self.linked.setCheckable(True)
        self.whole = self._button("fit", self.tr("Show the whole run"))
        self.rows = self._make_rows()
        self._ticking = QTimer(self, interval=_SECOND)
        self._ticking.timeout.connect(self._show_time)
        self._lay_out()
        self._listen()

    def _button(self, icon: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icons.icon(icon))
        button.setAutoRaise(True)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    def _make_speeds(self) -> QComboBox:
        speeds = QComboBox(self)
        speeds.setAccessibleName(self.tr("Speed"))
        speeds.setToolTip(self.tr("How fast the run is played; 1x is real time"))
        for speed in SPEEDS:
            text = self.tr("real time") if speed == 1 else self.tr("{0}x").format(number_text(speed))
            speeds.addItem(text, speed)
        speeds.setCurrentIndex(SPEEDS.index(1.0))
        return speeds

    def _make_words(self) -> QLineEdit:
        words = QLineEdit(self)
        words.setPlaceholderText(self.tr("Filter"))
        words.setAccessibleName(self.tr("Words in the name, the type or the state"))
        words.setToolTip(self.tr("Only what has these words in its name, its type or its state, such as “FAILED”"))
        words.setClearButtonEnabled(True)
        words.setMinimumWidth(60)
        words.setMaximumWidth(180)
        words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        return words

    def _make_rows(self) -> QToolButton:
        button = self._button("settings", self.tr("How the rows are arranged"))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu, group = QMenu(button), QActionGroup(self)
        texts = {
            Grouping.HOST: self.tr("By &host"),
            Grouping.BACKEND: self.tr("By &backend"),
            Grouping.NONE: self.tr("&One by one"),
        }
        kept = self._editor.settings.text(_GROUPING, Grouping.HOST)
        chosen = Grouping(kept) if kept in set(Grouping) else Grouping.HOST
        for grouping, text in texts.items():
            action = QAction(text, group)
            action.setCheckable(True)
            action.setData(grouping)
            action.setChecked(grouping is chosen)
            menu.addAction(action)
        group.triggered.connect(self._group)
        button.setMenu(menu)
        self._chart.arrange(chosen)
        return button

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for each in (self.back, self.playing, self.forward, self.now, self.failure, self.speeds):
            layout.addWidget(each)
        layout.addSpacing(4)
        layout.addWidget(self.time, 1)
        layout.addWidget(self.words, 1)
        for button in (self.linked, self.whole, self.rows):
            layout.addWidget(button)

    def _listen(self) -> None:
        replay = self._chart.replay
        self.back.clicked.connect(self._step_back)
        self.forward.clicked.connect(self._step_forward)
        self.playing.clicked.connect(replay.toggle)
        self.now.clicked.connect(self._go_to_now)
        self.failure.clicked.connect(self._chart.first_failure)
        self.speeds.activated.connect(self._choose_speed)
        self.words.textChanged.connect(self._filter)
        self.linked.toggled.connect(self._link)
        self.whole.clicked.connect(self._chart.fit)
        replay.changed.connect(self._show_playing)
        self._editor.run_changed.connect(self._on_run)
        self._on_run()

    # -- what is shown ---------------------------------------------------------------------------------

    def _on_run(self) -> None:
        if run := self._editor.run:
            run.moment_changed.connect(self._show_time)
            run.states_changed.connect(self._show_failure)
            run.ended.connect(self._on_end)
            run.range.linked_changed.connect(self._show_link)
            self._show_link()
            self._show_failure()
            self._filter(self.words.text())
        self._on_end()

    def _on_end(self) -> None:
        run = self._editor.run
        if run is not None and run.is_live and self.isVisible():
            self._ticking.start()
        else:
            self._ticking.stop()
        self._show_time()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_failure()
        self._on_end()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._ticking.stop()

    def _show_time(self) -> None:
        run = self._editor.run
        if run is None or not self.isVisible():
            return
        moment = run.newest if run.moment is None else run.moment
        seconds = axis_text(moment - run.span[0], 0.1 if run.moment is None else 0.001)
        state = "" if run.moment is not None else self.tr("now") if run.is_live else self.tr("end")
        self.time.setText(f"{seconds} {state}".rstrip())
        self.time.setToolTip(clock_text(moment))
        self.now.setEnabled(run.moment is not None)

    def _show_failure(self) -> None:
        if self.isVisible():
            self.failure.setEnabled(self._chart.has_failure)

    def _show_link(self) -> None:
        if run := self._editor.run:
            self.linked.setChecked(run.range.is_linked)

    def _show_playing(self) -> None:
        plays = self._chart.replay.is_playing
        self.playing.setIcon(icons.icon("pause" if plays else "play"))
        text = self.tr("Pause") if plays else self.tr("Play from this moment on")
        self.playing.setToolTip(text)
        self.playing.setAccessibleName(text)
        self.speeds.setCurrentIndex(SPEEDS.index(self._chart.replay.speed))

    # -- what is done ----------------------------------------------------------------------------------

    def _step_back(self) -> None:
        self._chart.step(-1)

    def _step_forward(self) -> None:
        self._chart.step(1)

    def _go_to_now(self) -> None:
        self._chart.replay.go_to(None)

    def _choose_speed(self, number: int) -> None:
        self._chart.replay.set_speed(SPEEDS[number])

    def _filter(self, words: str) -> None:
        self._chart.arrange(words=words)

    def _link(self, linked: bool) -> None:
        if run := self._editor.run:
            run.range.link(linked)

    def _group(self, action: QAction) -> None:
        grouping = Grouping(action.data())
        self._editor.settings.keep(_GROUPING, grouping)
        self._chart.arrange(grouping)
