"""The palette: types by backend, its search, its keys, what is dragged from it, and plug-ins that failed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QModelIndex, Qt

from nepi_core.factory import ResourceFactory
from nepi_gui.panels.type_groups import BROKEN, LEGACY, fitting_types, type_groups
from nepi_gui.panels.type_model import MIME, Role


@pytest.fixture
def panel(window, qtbot):
    window.show_panel("palette")
    return window.docks["palette"].widget()


def heading(panel, group):
    model = panel.types.model()
    rows = (model.index(row, 0) for row in range(model.rowCount()))
    return next(index for index in rows if index.data(Role.GROUP) == group)


def entry(panel, group, text):
    parent = heading(panel, group)
    rows = (panel.types.model().index(row, 0, parent) for row in range(panel.types.model().rowCount(parent)))
    return next(index for index in rows if index.data() == text)


def listed(panel):
    model = panel.types.model()
    return [model.index(row, 0).data(Role.RTYPE) for row in range(model.rowCount())]


def test_types_stand_by_backend_nodes_first_and_those_for_files_of_nepi_apart():
    groups = {group.name: group for group in type_groups()}
    assert groups["netns"].provides == "emulated networks"
    assert groups["netns"].rtypes[0] == "netns::Node"
    assert "Collector" in groups["all"].rtypes
    assert set(groups[LEGACY].rtypes) == {"netns::IPv4Address", "linux::netns::Emulation"}
    assert "netns::IPv4Address" not in groups["netns"].rtypes
    assert list(groups)[-1] == LEGACY


def test_every_type_is_listed_once():
    listed = [rtype for group in type_groups() if group.name != BROKEN for rtype in group.rtypes]
    assert sorted(listed) == ResourceFactory.resource_types()


def test_what_fits_best_comes_first():
    assert fitting_types("pi")[0] == "linux::Ping"
    assert fitting_types("NODE")[:2] == ["linux::Node", "netns::Node"]
    assert fitting_types("icmp") == ["linux::Ping"]
    assert fitting_types("netns")[:3] == ["netns::Node", "netns::Switch", "netns::Link"]
    assert fitting_types("address")[-1] == "netns::IPv4Address"


def test_plugin_that_failed_is_listed_with_its_error(window, qtbot, monkeypatch):
    monkeypatch.setattr(ResourceFactory, "_broken", {"nepi_core.resources.lab": "ValueError: <what>"})
    panel = window.docks["palette"].widget()
    panel.search.setText("x")
    panel.search.clear()
    index = entry(panel, BROKEN, "lab")
    assert index.data(Role.DETAIL) == "ValueError: <what>"
    assert "ValueError: &lt;what&gt;" in index.data(Qt.ItemDataRole.ToolTipRole)
    assert not index.flags() & Qt.ItemFlag.ItemIsDragEnabled
    panel.types.setCurrentIndex(index)
    with qtbot.assertNotEmitted(panel.chosen):
        qtbot.keyClick(panel.types, Qt.Key.Key_Return)


def test_entry_tells_what_it_is_for(panel):
    index = entry(panel, "linux", "Ping")
    assert index.data(Role.DETAIL).startswith("Send ICMP echo requests")
    assert "linux::Ping" in index.data(Qt.ItemDataRole.ToolTipRole)
    assert "attributes" in index.data(Qt.ItemDataRole.ToolTipRole)


def test_search_by_keys_alone(panel, qtbot):
    qtbot.keyClicks(panel.search, "ping")
    assert listed(panel)[0] == "linux::Ping"
    with qtbot.waitSignal(panel.chosen) as chosen:
        qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    assert chosen.args == ["linux::Ping"]
    qtbot.keyClick(panel.search, Qt.Key.Key_Escape)
    assert panel.search.text() == ""
    assert heading(panel, "netns").isValid()


def test_down_goes_into_the_list_up_and_letters_lead_back(panel, qtbot):
    qtbot.keyClicks(panel.search, "n")
    qtbot.keyClick(panel.search, Qt.Key.Key_Down)
    qtbot.waitUntil(panel.types.hasFocus)
    qtbot.keyClick(panel.types, Qt.Key.Key_Down)
    second = listed(panel)[1]
    with qtbot.waitSignal(panel.chosen) as chosen:
        qtbot.keyClick(panel.types, Qt.Key.Key_Return)
    assert chosen.args == [second]
    qtbot.keyClick(panel.types, Qt.Key.Key_O)
    assert panel.search.text() == "no"
    assert panel.search.hasFocus()
    qtbot.keyClick(panel.search, Qt.Key.Key_Down)
    qtbot.keyClick(panel.types, Qt.Key.Key_Up)
    assert panel.search.hasFocus()


def test_nothing_fits(panel, qtbot):
    qtbot.keyClicks(panel.search, "no such thing")
    assert not panel.types.isVisible()
    with qtbot.assertNotEmitted(panel.chosen):
        qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    qtbot.keyClick(panel.search, Qt.Key.Key_Down)
    panel.search.clear()
    assert panel.types.isVisible()


def test_enter_in_an_empty_field_adds_nothing(panel, qtbot):
    with qtbot.assertNotEmitted(panel.chosen):
        qtbot.keyClick(panel.search, Qt.Key.Key_Return)


def test_double_click_chooses(panel, qtbot):
    ping = entry(panel, "linux", "Ping")
    panel.types.scrollTo(ping)
    place = panel.types.visualRect(ping).center()
    qtbot.mouseClick(panel.types.viewport(), Qt.MouseButton.LeftButton, pos=place)
    with qtbot.waitSignal(panel.chosen) as chosen:
        qtbot.mouseDClick(panel.types.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == ["linux::Ping"]


def test_groups_are_folded_by_click_and_keys_and_stay_so(panel, window, application, qtbot):
    assert not panel.types.isExpanded(heading(panel, LEGACY))
    place = panel.types.visualRect(heading(panel, "linux")).center()
    qtbot.mouseClick(panel.types.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert not panel.types.isExpanded(heading(panel, "linux"))
    other = application.open_window().docks["palette"].widget()
    assert not other.types.isExpanded(heading(other, "linux"))
    assert other.types.isExpanded(heading(other, "netns"))
    panel.types.setCurrentIndex(heading(panel, "linux"))
    qtbot.keyClick(panel.types, Qt.Key.Key_Right)
    assert panel.types.isExpanded(heading(panel, "linux"))
    qtbot.keyClick(panel.types, Qt.Key.Key_Down)
    qtbot.keyClick(panel.types, Qt.Key.Key_Left)
    assert panel.types.currentIndex() == heading(panel, "linux")
    qtbot.keyClick(panel.types, Qt.Key.Key_Space)
    assert not panel.types.isExpanded(heading(panel, "linux"))


def test_what_is_dragged(panel):
    drag = panel.types.drag_of(entry(panel, "linux", "Ping"))
    assert bytes(drag.mimeData().data(MIME).data()) == b"linux::Ping"
    assert not drag.pixmap().isNull()
    drag.deleteLater()
    panel.types.setCurrentIndex(QModelIndex())
    panel.types.startDrag(Qt.DropAction.CopyAction)


def test_chosen_type_stands_on_the_canvas(panel, window, qtbot):
    qtbot.keyClicks(panel.search, "netns::node")
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    assert [each.rtype for each in window.editor.document.description.resources.values()] == ["netns::Node"]
    assert window.editor.selection.guids == [1]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_is_drawn_in_both_themes_and_when_narrow(panel, application, theme):
    application.appearance.choose(theme)
    panel.types.setCurrentIndex(entry(panel, "linux", "Ping"))
    panel.resize(60, 300)
    assert not panel.grab().isNull()
