"""The topology wizard: graphs are shown while they are thought of, and inserted in one step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog

from nepi_core.topology import NetGraph
from nepi_core.topology.generators import GENERATORS, TopologyType
from nepi_gui.dialogs.topology_draft import MOST_NODES, Request, draft, expected_size, looks_like_edges, plain_edges
from nepi_gui.dialogs.topology_recipe import Ends
from nepi_gui.dialogs.topology_source import FILE, TEXT
from nepi_gui.dialogs.topology_wizard import TopologyWizard
from nepi_gui.window.topologies import TopologiesFeature

ABILENE = Path(__file__).parents[3] / "examples" / "Abilene.graphml"


@pytest.fixture
def wizard(window, qtbot):
    made = TopologiesFeature.of(window).open_wizard()
    ready(made, qtbot)
    yield made
    for each in window.findChildren(TopologyWizard):
        each.close()


def opened(window):
    """Return the wizard that was opened last."""
    return window.findChildren(TopologyWizard)[-1]


def ready(wizard, qtbot):
    qtbot.waitUntil(wizard.insert_button.isEnabled)


def refused(wizard, qtbot, sentence):
    qtbot.waitUntil(lambda: sentence in wizard.notice.text())
    assert not wizard.insert_button.isEnabled()


def field(wizard, name):
    return wizard.source.form.fields[name]


def test_a_ring_with_the_keyboard_alone(window, qtbot):
    window.activateWindow()
    window.view.setFocus()
    qtbot.waitUntil(window.view.hasFocus)
    qtbot.keyClick(window.view, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    wizard = opened(window)
    editor = field(wizard, "node_count").editor
    editor.selectAll()
    qtbot.keyClicks(editor, "5")
    ready(wizard, qtbot)
    assert wizard.counts.text() == "5 nodes, 5 links"
    qtbot.mouseClick(wizard.insert_button, Qt.MouseButton.LeftButton)
    document = window.editor.document
    assert len(document.description.resources) == 10
    assert document.history.texts() == ["Insert topology Ring: 5 nodes"]
    assert window.editor.selection.guids == sorted(document.description.resources)
    assert all(window.view.shown().contains(item.pos()) for item in window.scene.nodes.values())


def test_another_kind_keeps_the_number_of_nodes_and_random_ones_have_a_seed(wizard, qtbot):
    field(wizard, "node_count").editor.setValue(12)
    wizard.source.choose(TopologyType.BARABASI_ALBERT)
    ready(wizard, qtbot)
    assert field(wizard, "node_count").value == 12
    assert wizard.source.seed.isVisible()
    seed = wizard.source.seed.value()
    wizard.source._dice.click()
    assert wizard.source.seed.value() != seed or wizard.source.request().seed == seed
    wizard.source.choose(TopologyType.STAR)
    assert not wizard.source.seed.isVisible()


def test_a_parameter_that_does_not_fit_is_told_at_its_field(wizard, qtbot):
    wizard.source.choose(TopologyType.FAT_TREE)
    field(wizard, "k").editor.setValue(5)
    told = field(wizard, "k")._fault
    qtbot.waitUntil(told.isVisible)
    assert told.text() == "It is 5, but it must be even."
    assert not wizard.insert_button.isEnabled()
    field(wizard, "k").editor.setValue(4)
    ready(wizard, qtbot)
    assert not told.isVisible()


def test_what_is_too_large_for_the_window_is_refused(wizard, qtbot):
    field(wizard, "node_count").editor.setValue(MOST_NODES + 1)
    refused(wizard, qtbot, "5,001 nodes")


def test_edges_are_written_by_hand(wizard, qtbot):
    wizard.source.choose(TEXT)
    qtbot.keyClicks(wizard.source.text, "a -- b")
    qtbot.keyClick(wizard.source.text, Qt.Key.Key_Return)
    qtbot.keyClicks(wizard.source.text, "b,c")
    ready(wizard, qtbot)
    assert wizard.counts.text() == "3 nodes, 2 links"
    qtbot.keyClick(wizard.source.text, Qt.Key.Key_Return)
    qtbot.keyClicks(wizard.source.text, "lonely")
    refused(wizard, qtbot, "Line 3: found 'lonely', expected two nodes.")


def test_a_map_from_a_file_with_delays_addresses_and_a_ping(window, wizard, qtbot):
    wizard.choose_file(ABILENE)
    ready(wizard, qtbot)
    wizard.recipe.by_distance.setChecked(True)
    wizard.recipe.family.setCurrentIndex(1)
    wizard.recipe.ends.setCurrentIndex(1)
    wizard.recipe.pings.setChecked(True)
    ready(wizard, qtbot)
    wizard.insert()
    description = window.editor.document.description
    kinds = [each.rtype for each in description.resources.values()]
    assert (kinds.count("netns::Node"), kinds.count("netns::Link"), kinds.count("linux::Ping")) == (11, 14, 1)
    delays = [each.attributes["delay"] for each in description.resources.values() if each.rtype == "netns::Link"]
    assert all(delays)
    assert all("net" in edge.annotations for edge in description.topology.edges)
    assert sum(node.source for node in description.topology.nodes) == 1
    assert len(window.editor.document.history) == 1


def test_a_file_that_is_none_is_refused(wizard, qtbot):
    wizard.source.choose(FILE)
    wizard.source.path.setText("/no/such.graphml")
    refused(wizard, qtbot, "there is no such file")


def test_a_block_that_is_too_small_is_told(wizard, qtbot):
    wizard.recipe.family.setCurrentIndex(1)
    wizard.recipe.block.setText("10.0.0.0/28")
    assert "too small" in wizard.recipe._fault.text()
    assert not wizard.insert_button.isEnabled()
    wizard.recipe.family.setCurrentIndex(2)
    assert wizard.insert_button.isEnabled()


def test_sources_and_targets_by_click_and_key(wizard, qtbot):
    wizard.recipe.ends.setCurrentIndex(wizard.recipe.ends.findData(Ends.CHOSEN))
    preview = wizard.preview
    at = {nid: preview.place_of(nid).toPoint() for nid in range(8)}
    qtbot.mouseClick(preview, Qt.MouseButton.LeftButton, pos=at[2])
    qtbot.mouseClick(preview, Qt.MouseButton.LeftButton, pos=at[5])
    qtbot.mouseClick(preview, Qt.MouseButton.LeftButton, pos=at[5])
    qtbot.mouseClick(preview, Qt.MouseButton.LeftButton, pos=preview.rect().center())
    assert (preview.sources, preview.targets) == ({2}, {5})
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Space):
        qtbot.keyClick(preview, key)
    assert (preview.sources, preview.targets) == ({2, 6}, {5})
    qtbot.mouseClick(preview, Qt.MouseButton.LeftButton, pos=at[5])
    assert preview.targets == set()
    wizard.recipe.ends.setCurrentIndex(0)
    assert not preview.sources


def test_other_types(window, wizard, qtbot):
    wizard.recipe.node_type.setCurrentIndex(wizard.recipe.node_type.findData("netns::Switch"))
    assert wizard.recipe.edge_type.currentData() == "netns::Link"
    wizard.recipe.node_type.setCurrentIndex(wizard.recipe.node_type.findData("linux::Node"))
    assert wizard.recipe.edge_type.currentText().startswith("A connection")
    wizard.insert()
    assert {each.rtype for each in window.editor.document.description.resources.values()} == {"linux::Node"}


def test_an_experiment_with_a_topology_keeps_its_addresses(window, wizard, qtbot):
    wizard.insert()
    second = TopologiesFeature.of(window).open_wizard()
    assert not second.recipe.family.isEnabled()
    second.close()


def test_what_a_backend_refuses_is_told_and_nothing_is_inserted(window, wizard, monkeypatch):
    monkeypatch.setattr(wizard.recipe, "assign", lambda netgraph: netgraph.assign_p2p_ips("10.0.0.0/30"))
    wizard.insert()
    assert "too small" in wizard.notice.text()
    assert wizard.isVisible()
    assert not len(window.editor.document.history)


def test_escape_while_a_topology_is_made(window, qtbot):
    wizard = TopologiesFeature.of(window).open_wizard()
    wizard.source.choose(TopologyType.WAXMAN)
    field(wizard, "node_count").editor.setValue(300)
    qtbot.waitUntil(lambda: wizard._background._thread is not None)
    qtbot.keyClick(wizard, Qt.Key.Key_Escape)
    assert not wizard.isVisible()


def test_dark_and_light(application, wizard):
    before = wizard.preview.grab().toImage()
    application.appearance.choose("dark")
    assert wizard.preview.grab().toImage() != before


# -- other ways into the wizard ------------------------------------------------------------------------------------


def test_a_pasted_list_opens_the_wizard(window, qtbot):
    QGuiApplication.clipboard().setText("1 2\n2 3\n")
    window.commands["insert.edges"].trigger()
    wizard = opened(window)
    ready(wizard, qtbot)
    assert wizard.counts.text() == "3 nodes, 2 links"
    wizard.close()
    feature = TopologiesFeature.of(window)
    assert not feature.read("This is a sentence that somebody has copied.")
    assert feature.read("a b\n")
    opened(window).close()


def test_a_file_that_is_chosen(window, qtbot, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(ABILENE), ""))
    window.commands["insert.graph"].trigger()
    wizard = opened(window)
    ready(wizard, qtbot)
    assert wizard.counts.text() == "11 nodes, 14 links"
    wizard.close()


def test_a_file_that_is_dropped(window, qtbot):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(ABILENE))])
    where, action, button = QPoint(200, 200), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(where, action, data, button, Qt.KeyboardModifier.NoModifier)
    window.view.dragEnterEvent(enter)
    assert enter.isAccepted()
    window.view.dropEvent(QDropEvent(QPointF(where), action, data, button, Qt.KeyboardModifier.NoModifier))
    wizard = opened(window)
    ready(wizard, qtbot)
    assert wizard.counts.text() == "11 nodes, 14 links"
    wizard.close()


def test_it_goes_with_its_window_also_while_a_graph_is_made(window, qtbot):
    wizard = TopologiesFeature.of(window).open_wizard()
    wizard.choose_text("\n".join(f"a{number} b{number * 7 % 1000}" for number in range(3000)))
    qtbot.waitUntil(lambda: wizard._background.is_busy)
    window.close()
    assert not wizard.isVisible()


def test_a_fault_that_looks_like_html_is_shown_as_it_is(wizard, qtbot):
    wizard.choose_text("a b\n<b>x</b>")
    qtbot.waitUntil(lambda: "<b>x</b>" in wizard.notice.text())
    assert wizard.notice.textFormat() is Qt.TextFormat.PlainText


# -- drafts --------------------------------------------------------------------------------------------------------

FIRST: dict[str, Any] = {"node_count": 24, "rows": 4, "columns": 6, "dimension": 4, "spines": 2, "leaves": 4}
FIRST |= {"hosts": 3, "k": 4, "probability": 0.2, "edges_per_node": 2, "neighbours": 4, "branches": 2}
FIRST |= {"alpha": 0.15, "beta": 0.4}


@pytest.mark.parametrize("kind", GENERATORS)
def test_the_size_is_known_before(kind):
    parameters: dict[str, Any] = {each.name: FIRST.get(each.name, each.default) for each in GENERATORS[kind].parameters}
    netgraph = NetGraph(topo_type=kind, seed=1, **parameters)
    nodes, edges = expected_size(kind, parameters)
    assert nodes == netgraph.order
    assert netgraph.size() / 3 <= edges <= 3 * max(1, netgraph.size())


def test_a_draft_with_one_node_has_no_ends():
    assert draft(Request(TopologyType.LINEAR, {"node_count": 1})).ends is None


words = st.from_regex(r"[A-Za-z0-9_]{1,8}", fullmatch=True)


@given(st.lists(st.tuples(words, words), min_size=1), st.sampled_from([" ", ",", " -- ", "->", "\t", "; "]))
def test_lists_of_edges_in_several_hands(edges, between):
    text = "\n".join(f"{first}{between}{second}" for first, second in edges)
    assert looks_like_edges(text)
    assert plain_edges(text).split() == [word for edge in edges for word in edge]


@given(st.text())
def test_any_text_can_be_looked_at(text):
    looks_like_edges(text)
