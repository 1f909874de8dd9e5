"""The table that the panels at the bottom share."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QItemSelectionModel, QStringListModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QWidget
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


def test_rows_of_a_plain_list_are_copied(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    table = RowTable(QStringListModel(["a", "b"], parent), parent)
    table.selectAll()
    table.copy()
    assert QGuiApplication.clipboard().text() == "a\nb"


def test_enter_that_ends_an_edit_confirms_nothing(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    table = RowTable(QStringListModel(["a"], parent), parent)
    parent.show()
    told: list[object] = []
    table.confirmed.connect(told.append)
    table.setCurrentIndex(table.model().index(0, 0))
    table.edit(table.currentIndex())
    (editor,) = table.findChildren(QLineEdit)
    qtbot.keyClicks(editor, "news")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: table.currentIndex().data() == "news", timeout=20_000)
    assert told == []
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert len(told) == 1
