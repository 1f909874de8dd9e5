"""What stands beside a plot: how it shows its series, and their legend."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from nepi_gui import icons
from nepi_gui.plots.contents import Kind
from nepi_gui.plots.legend import Legend

_WIDTH = 300
_CLOSE = QSize(12, 12)


class PlotSide(QWidget):
    """Buttons and legend; the plot listens to them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.legend = Legend(self)
        self.kind_box = self._kind_box()
        self.log_button = self._switch(self.tr("log"), self.tr("Logarithmic scale"))
        self.band_button = self._switch(self.tr("mean"), self.tr("Mean and percentiles 5 to 95"))
        self.close_button = self._button(self.tr("Close this plot"))
        self.close_button.setIcon(icons.icon("close"))
        self.close_button.setIconSize(_CLOSE)
        self.setFixedWidth(_WIDTH)
        self._lay_out()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setContentsMargins(0, 4, 0, 0)
        buttons.setSpacing(2)
        buttons.addWidget(self.kind_box, 1)
        for button in (self.log_button, self.band_button, self.close_button):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 4, 4)
        column.setSpacing(2)
        column.addLayout(buttons)
        column.addWidget(self.legend, 1)

    def _kind_box(self) -> QComboBox:
        box = QComboBox(self)
        box.setAccessibleName(self.tr("How the series are shown"))
        titles = {
            Kind.TIME: self.tr("Along the time"),
            Kind.HISTOGRAM: self.tr("Histogram"),
            Kind.CDF: self.tr("Distribution (CDF)"),
        }
        for kind, title in titles.items():
            box.addItem(title, kind)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(6)
        return box

    def _switch(self, text: str, tip: str) -> QToolButton:
        button = self._button(tip)
        button.setText(text)
        button.setCheckable(True)
        return button

    def _button(self, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setAutoRaise(True)
        return button
