"""The table that the panels at the bottom share."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QItemSelectionModel, QStringListModel
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from nepi_gui.panels.row_table import RowTable


def test_a_table_keeps_nothing_of_the_models_before(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    models = [QStringListModel(["a", "b"], parent), QStringListModel(["c"], parent)]
    table = RowTable(models[0], parent)
    for _ in range(3):
        for model in models:
            table.setModel(model)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert table.findChildren(QItemSelectionModel) == [table.selectionModel()]
