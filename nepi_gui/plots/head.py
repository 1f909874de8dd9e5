"""What stands above a plot: the legend of its series, and how it shows them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QToolButton, QWidget

from nepi_gui import icons
from nepi_gui.plots.contents import Kind
from nepi_gui.plots.legend import Legend

_HIGHEST = 0.25  # part of the plot's height that the legend may take
_CLOSE = QSize(12, 12)


class PlotHead(QWidget):
    """Buttons and legend; the plot listens to them."""

    def __init__(self, plot: QWidget) -> None:
        super().__init__(plot)
        self._plot = plot
        self.legend = Legend(self)
        self.kind_box = self._kind_box()
        self.log_button = self._switch(self.tr("log"), self.tr("Logarithmic scale"))
        self.band_button = self._switch(self.tr("mean"), self.tr("Mean and percentiles 5 to 95"))
        self.close_button = self._button(self.tr("Close this plot"))
        self.close_button.setIcon(icons.icon("close"))
        self.close_button.setIconSize(_CLOSE)
        self._lay_out()
        self.legend.curves.modelReset.connect(self.fit_legend)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(2)
        row.addWidget(self.legend, 1)
        for button in (self.kind_box, self.log_button, self.band_button, self.close_button):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit_legend()

    def fit_legend(self) -> None:
        """Give the legend the rows that it needs, within bounds: the rest can be scrolled."""
        self.legend.fit(int(self._plot.height() * _HIGHEST))

    def _kind_box(self) -> QComboBox:
        box = QComboBox(self)
        box.setAccessibleName(self.tr("How the series are shown"))
        titles = {
            Kind.TIME: self.tr("Time"),
            Kind.HISTOGRAM: self.tr("Histogram"),
            Kind.CDF: self.tr("CDF"),
        }
        for kind, title in titles.items():
            box.addItem(title, kind)
        box.setToolTip(self.tr("Along the time, as a histogram, or as the cumulative distribution of what is seen"))
        box.setFrame(False)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(5)
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
