"""Choosing which series of several runs come onto a plot, one over the other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from nepi_gui.background import Background
from nepi_gui.plots.series import SeriesKey
from nepi_gui.runs.comparing import series_of

_KEY = Qt.ItemDataRole.UserRole


class SeriesDialog(QDialog):
    """Asks for series that some runs have.

    Signals:
        chosen: with a list of `SeriesKey`, and whether the mean of the runs is wanted as well.
    """

    chosen = Signal(list, bool)

    def __init__(self, folders: Sequence[Path], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Compare {0} runs on a plot").format(len(folders)))
        self.resize(420, 440)
        self.words = QLineEdit(self)
        self.words.setPlaceholderText(self.tr("Words"))
        self.words.setAccessibleName(self.tr("Words in the name of a series"))
        self.words.setClearButtonEnabled(True)
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Series"))
        self.state = QLabel(self.tr("Reading…"), self)
        self.mean = QCheckBox(self.tr("&Mean of the runs, with its 95 % interval"), self)
        self.mean.setChecked(len(folders) > 2)
        self.mean.setEnabled(len(folders) > 1)
        self._background = Background(self)
        self._lay_out()
        self._listen()
        self._background.run(partial(series_of, folders))

    def _lay_out(self) -> None:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.show_button = buttons.addButton(self.tr("&Plot"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.show_button.setEnabled(False)
        buttons.accepted.connect(self._choose)
        buttons.rejected.connect(self.reject)
        rows = QVBoxLayout(self)
        for each in (self.words, self.list, self.state, self.mean, buttons):
            rows.addWidget(each)

    def _listen(self) -> None:
        self.words.textChanged.connect(self._filter)
        self.list.itemChanged.connect(self._refresh)
        self._background.finished.connect(self._take)
        self._background.failed.connect(self.state.setText)
        self.finished.connect(self._background.close)

    def _take(self, found: dict[SeriesKey, str]) -> None:
        for key, name in found.items():
            item = QListWidgetItem(name)
            item.setData(_KEY, tuple(key))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.state.setVisible(not found)
        self.state.setText(self.tr("They measured nothing."))
        if len(found) == 1:
            self.list.item(0).setCheckState(Qt.CheckState.Checked)
        self.list.setCurrentRow(0)
        self.list.setFocus()

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        for item in self._items():
            item.setHidden(not all(word in item.text().casefold() for word in words))

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def _keys(self) -> list[SeriesKey]:
        checked = [item for item in self._items() if item.checkState() is Qt.CheckState.Checked]
        return [SeriesKey(*item.data(_KEY)) for item in checked]

    def _refresh(self) -> None:
        self.show_button.setEnabled(bool(self._keys()))

    def _choose(self) -> None:
        keys, wants_mean = self._keys(), self.mean.isChecked() and self.mean.isEnabled()
        self.accept()
        self.chosen.emit(keys, wants_mean)
