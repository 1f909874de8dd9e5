"""The findings: what is listed, how one gets to what is wrong, and the count in the status bar."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from nepi_gui.document import resources
from nepi_gui.window.problems import ProblemsFeature


@pytest.fixture
def panel(window, qtbot):
    window.show_panel("findings")
    qtbot.waitUntil(lambda: window.editor.findings.is_current)
    return window.docks["findings"].widget()


@pytest.fixture
def faulty(window, panel, qtbot):
    """Two resources with a finding each, the first with one about an attribute as well."""
    document = window.editor.document
    with qtbot.waitSignal(window.editor.findings.changed, timeout=20_000):
        resources.add_resource(document, "linux::Ping", (0, 0))
        resources.add_resource(document, "no::Such", (200, 0))
    qtbot.waitUntil(lambda: not panel._refreshing.is_stale)
    return window


def rows(panel):
    model = panel.model
    return [[model.index(row, column).data() for column in range(4)] for row in range(model.rowCount())]


def shown_text(panel):
    return panel._nothing.text() if panel._nothing.isVisible() else ""


def click(panel, row, qtbot):
    place = panel.table.visualRect(panel.model.index(row, 3)).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_empty_canvas_and_faultless_experiment(window, panel, qtbot):
    assert shown_text(panel) == "There is nothing on the canvas yet."
    resources.add_resource(window.editor.document, "netns::Node", (0, 0))
    assert panel._checking.text() == "Checking…"
    qtbot.waitUntil(lambda: "Nothing to complain about" in shown_text(panel), timeout=20_000)
    assert panel._checking.text() == ""
    assert window.features[ProblemsFeature].count.text() == "No findings"


def test_lists_what_is_wrong_without_saying_the_name_twice(faulty, panel):
    table = rows(panel)
    assert [each[:3] for each in table[:2]] == [["Error", "Ping 1", "target"], ["Error", "Ping 1", ""]]
    assert table[0][3].startswith("attribute 'target' has no value")
    assert table[2][:2] == ["Error", "such1"]
    assert "there is no resource type" in table[2][3]
    assert panel.model.index(0, 3).data(Qt.ItemDataRole.ToolTipRole).startswith("<qt>linux::Ping 1: attribute")


def test_count_leads_to_the_list(faulty, panel, qtbot):
    count = faulty.features[ProblemsFeature].count
    assert count.text() == "3 errors"
    assert faulty.docks["findings"].windowTitle() == "Findings (3)"
    faulty.docks["findings"].hide()
    qtbot.mouseClick(count, Qt.MouseButton.LeftButton)
    assert panel.isVisible()


def test_click_and_enter_reveal_the_resource(faulty, panel, qtbot):
    with qtbot.assertNotEmitted(panel.attribute_wanted):
        click(panel, 2, qtbot)
    assert faulty.editor.selection.guids == [2]
    qtbot.keyClick(panel.table, Qt.Key.Key_Up)
    qtbot.keyClick(panel.table, Qt.Key.Key_Up)
    with qtbot.waitSignal(panel.attribute_wanted) as wanted:
        qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    assert wanted.args == [1, "target"]
    assert faulty.editor.selection.guids == [1]
    assert faulty.docks["attributes"].isVisible()


def test_filter_by_severity(faulty, panel, qtbot):
    assert panel.errors.text() == "Errors: 3"
    qtbot.mouseClick(panel.errors, Qt.MouseButton.LeftButton)
    assert rows(panel) == []
    assert "switch errors or warnings on" in shown_text(panel)
    qtbot.mouseClick(panel.errors, Qt.MouseButton.LeftButton)
    assert len(rows(panel)) == 3


def test_next_and_previous_go_round_also_when_the_list_is_hidden(faulty, panel, qtbot):
    faulty.docks["findings"].hide()
    told: list[str] = []
    faulty.editor.told.connect(told.append)
    guids = []
    for name in ("next", "next", "next", "next", "previous"):
        faulty.commands[f"findings.{name}"].trigger()
        guids.append(faulty.editor.selection.guids)
    assert guids == [[1], [1], [2], [1], [2]]
    assert "there is no resource type" in told[-1]


def test_there_is_no_next_without_findings(window, panel, qtbot):
    window.commands.refresh()
    assert not window.commands["findings.next"].isEnabled()
    with qtbot.waitSignal(window.editor.told) as told:
        window.features[ProblemsFeature].go(1)
    assert "Nothing" in told.args[0]


def test_the_chosen_one_stays_chosen_when_others_come_and_goes_with_its_resource(faulty, panel, qtbot):
    click(panel, 2, qtbot)
    with qtbot.waitSignal(faulty.editor.findings.changed, timeout=20_000):
        resources.add_resource(faulty.editor.document, "linux::Ping", (0, 200))
    assert rows(panel)[panel.table.currentIndex().row()][1] == "such1"
    resources.remove(faulty.editor.document, [2])
    click(panel, panel.table.currentIndex().row(), qtbot)  # of a resource that is gone: nothing to be seen
    with qtbot.waitSignal(faulty.editor.findings.changed, timeout=20_000):
        pass
    assert "such1" not in {row[1] for row in rows(panel)}


def test_what_is_put_right_gives_its_place_to_the_next(faulty, panel, qtbot):
    problems, document = faulty.features[ProblemsFeature], faulty.editor.document
    for _ in range(2):
        problems.go(1)
    assert rows(panel)[1][:3] == ["Error", "Ping 1", ""]
    with qtbot.waitSignal(faulty.editor.findings.changed, timeout=20_000):
        resources.connect(document, 1, resources.add_resource(document, "netns::Node"))
    problems.go(1)
    assert faulty.editor.selection.guids == [2]
    problems.go(1)
    assert panel.table.currentIndex().row() == 0


def test_keys_in_the_list_are_not_for_the_canvas(faulty, panel, qtbot):
    faulty.activateWindow()
    qtbot.waitUntil(faulty.isActiveWindow)
    panel.table.setFocus()
    faulty.editor.selection.set([1])
    panel.table.setCurrentIndex(panel.model.index(0, 0))
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert 1 in faulty.editor.document.description.resources
    qtbot.keyClick(panel.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().startswith("Error  Ping 1  target  attribute 'target' has no value")


def test_what_looks_like_html_is_shown_as_it_is(faulty, panel, qtbot):
    with qtbot.waitSignal(faulty.editor.findings.changed, timeout=20_000):
        resources.rename(faulty.editor.document, 1, "a<b>c")
    qtbot.waitUntil(lambda: not panel._refreshing.is_stale)
    assert "a&lt;b&gt;c" in panel.model.index(0, 3).data(Qt.ItemDataRole.ToolTipRole)
