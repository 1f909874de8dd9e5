"""What stands above the plots: which time is seen, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QToolButton, QWidget

from nepi_gui import icons

if TYPE_CHECKING:
    from nepi_gui.plots.stack import PlotStack

_WINDOWS: tuple[float | None, ...] = (None, 10.0, 30.0, 60.0, 300.0, 1800.0, 3600.0)


class Controls(QWidget):
    """Buttons for all plots together."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._stack: PlotStack | None = None
        self.window_box = QComboBox(self)
        self.window_box.setAccessibleName(self.tr("Time that is seen"))
        self.window_box.setToolTip(self.tr("How much of the run is seen while it goes on"))
        texts = (
            self.tr("Whole run"),
            self.tr("Last 10 s"),
            self.tr("Last 30 s"),
            self.tr("Last minute"),
            self.tr("Last 5 minutes"),
            self.tr("Last 30 minutes"),
            self.tr("Last hour"),
        )
        for text, seconds in zip(texts, _WINDOWS, strict=True):
            self.window_box.addItem(text, seconds)
        self.list = self._button(self.tr("Series"), self.tr("List all series of the run, to choose from"), True)
        self.pause = self._button(self.tr("Pause"), self.tr("Stand still while the run goes on (Space)"), True)
        self.fit = self._button(self.tr("Fit"), self.tr("Show the whole run and all values (Home)"), False)
        self.fit.setIcon(icons.icon("fit"))
        self.clock = self._button(self.tr("Clock"), self.tr("Time of day instead of seconds since the begin"), True)
        self.link = self._button(self.tr("Linked"), self.tr("Show the same time as the time line"), True)
        self.new = self._button(self.tr("New plot"), self.tr("Add an empty plot, to drop series on"), False)
        self.save = self._button(self.tr("Save"), self.tr("Save all plots as a picture, or their numbers"), False)
        self._lay_out()
        self._connect()
        self.setEnabled(False)

    def _button(self, text: str, tip: str, is_switch: bool) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(f"{text}: {tip}")
        button.setCheckable(is_switch)
        button.setAutoRaise(True)
        button.setIconSize(QSize(14, 14))
        return button

    def _lay_out(self) -> None:
        menu = QMenu(self.save)
        self._png = menu.addAction(self.tr("As &PNG…"))
        self._svg = menu.addAction(self.tr("As &SVG…"))
        self._csv = menu.addAction(self.tr("Numbers as &CSV…"))
        self.save.setMenu(menu)
        self.save.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        layout.setSpacing(4)
        layout.addWidget(self.list)
        layout.addWidget(self.window_box)
        for button in (self.pause, self.fit, self.clock, self.link):
            layout.addWidget(button)
        layout.addStretch(1)
        layout.addWidget(self.new)
        layout.addWidget(self.save)

    def _connect(self) -> None:
        self.window_box.activated.connect(self._choose_window)
        self.pause.clicked.connect(self._pause)
        self.fit.clicked.connect(self._fit)
        self.clock.clicked.connect(self._show_clock)
        self.link.clicked.connect(self._link)
        self.new.clicked.connect(self._add)
        self._png.triggered.connect(self._save_png)
        self._svg.triggered.connect(self._save_svg)
        self._csv.triggered.connect(self._save_csv)

    def watch(self, stack: PlotStack) -> None:
        """Be about some plots."""
        if self._stack is not stack:
            self._stack = stack
            stack.time.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show which time is seen."""
        if self._stack is None:
            return
        seen = self._stack.time.range
        place = self.window_box.findData(seen.length) if seen.is_following else -1
        self.window_box.setCurrentIndex(place if seen.length is not None else 0 if seen.is_following else -1)
        self.pause.setChecked(not seen.is_following)
        self.pause.setEnabled(self._stack.time.is_live or not seen.is_following)
        self.clock.setChecked(self._stack.shows_clock)
        self.link.setChecked(self._stack.time.is_linked)

    def _choose_window(self) -> None:
        if self._stack is not None:
            self._stack.time.range.follow(self.window_box.currentData())

    def _pause(self, is_on: bool) -> None:
        if self._stack is not None:
            self._stack.time.pause(is_on)

    def _fit(self) -> None:
        if self._stack is not None:
            self._stack.fit()

    def _show_clock(self, is_on: bool) -> None:
        if self._stack is not None:
            self._stack.shows_clock = is_on
            self._stack.refresh()

    def _link(self, is_on: bool) -> None:
        if self._stack is not None:
            self._stack.time.link(is_on)

    def _add(self) -> None:
        if self._stack is not None:
            self._stack.add_plot()
            self._stack.refresh()
            self._stack.changed.emit()

    def _save_png(self) -> None:
        self._save("png")

    def _save_svg(self) -> None:
        self._save("svg")

    def _save_csv(self) -> None:
        self._save("csv")

    def _save(self, kind: str) -> None:
        if self._stack is not None:
            self._stack.exporting.emit(None, kind)
