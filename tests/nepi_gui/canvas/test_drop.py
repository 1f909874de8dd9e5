"""What is dragged onto the canvas from elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QImage

from nepi_gui.canvas.marks import Verdict
from nepi_gui.document import linking, resources
from tests.nepi_gui.canvas import mouse
from tests.nepi_gui.canvas.test_linking import A, B, C, description, pair, told

__all__ = ["pair", "told"]

EXAMPLES = Path(__file__).parents[3] / "examples"
CONTROL = Qt.KeyboardModifier.ControlModifier


def test_a_node_is_added_where_it_is_dropped(window):
    assert mouse.drop_data(window, mouse.type_data("netns::Node"), QPointF(43, 58))
    layout = description(window).resources[1].layout
    assert (layout.x, layout.y) == (40, 60)
    assert window.editor.selection.guids == [1]
    assert window.editor.document.history.texts() == ["Add node1"]


def test_with_control_five_are_added_in_one_step(window):
    mouse.drop_data(window, mouse.type_data("netns::Node"), A, CONTROL)
    assert len(window.scene.nodes) == 5
    assert len({item.pos().toTuple() for item in window.scene.nodes.values()}) == 5
    assert window.editor.document.history.texts() == ["Add 5 Node"]


def test_a_badge_hangs_at_what_it_is_dropped_on(pair):
    mouse.drop_data(pair, mouse.type_data("linux::Ping"), B)
    assert pair.scene.structure.attached == {2: [3]}
    assert pair.editor.document.history.texts()[-1] == "Add Ping to node2"


def test_a_badge_dropped_on_another_badge_hangs_at_the_node(pair):
    ping = linking.attach(pair.editor.document, "linux::Ping", [1])[0]
    mouse.drop_data(pair, mouse.type_data("netns::Route"), pair.scene.centre(ping))
    assert len(pair.scene.structure.attached[1]) == 2


def test_a_badge_on_the_empty_canvas_stands_alone(pair):
    mouse.drop_data(pair, mouse.type_data("linux::Ping"), C)
    assert 3 in pair.scene.nodes
    assert not pair.scene.structure.attached


def test_while_a_badge_is_dragged_its_hosts_light_up(pair, qtbot):
    document = pair.editor.document
    line = linking.join(document, "netns::Link", 1, 2)
    switch = resources.add_resource(document, "netns::Switch", C.toTuple())
    assert mouse.drag_data(pair, mouse.type_data("linux::Ping"), A + (B - A) / 2)
    qtbot.waitUntil(lambda: len(pair.view.marks.verdicts) == 4)
    wanted = {1: Verdict.GOOD, 2: Verdict.GOOD, line: Verdict.REFUSED, switch: Verdict.POSSIBLE}
    assert pair.view.marks.verdicts == wanted
    assert "cannot be connected to a linux::Ping" in pair.view.marks.sentence
    pair.grab()
    mouse.drag_data(pair, QMimeData(), A)
    assert not pair.view.marks.verdicts


def test_a_badge_that_may_not_hang_there_is_refused(pair, told):
    line = linking.join(pair.editor.document, "netns::Link", 1, 2)
    mouse.drop_data(pair, mouse.type_data("linux::Ping"), pair.scene.centre(line))
    assert len(description(pair).resources) == 3
    assert "cannot be connected" in told[0]


def test_a_node_dropped_on_a_link_is_put_into_it(pair):
    document = pair.editor.document
    line = linking.join(document, "netns::Link", 1, 2)
    with document.edit("Delay") as edit:
        edit.resource(line).attributes["delay"] = 5.0
    before = description(pair).copy()
    mouse.drop_data(pair, mouse.type_data("netns::Switch"), pair.scene.centre(line))
    assert sorted(pair.scene.structure.joined.values()) == [(1, 4), (2, 4)]
    assert {each.attributes.get("delay") for each in map(description(pair).resource, pair.scene.structure.joined)} == {
        5.0
    }
    pair.commands["edit.undo"].trigger()
    assert description(pair).resources == before.resources


def test_a_node_that_may_not_stand_in_a_link_is_refused(pair, told):
    line = linking.join(pair.editor.document, "netns::Link", 1, 2)
    mouse.drop_data(pair, mouse.type_data("linux::Node"), pair.scene.centre(line))
    assert len(description(pair).resources) == 3
    assert told


def test_a_line_joins_the_two_that_are_selected(pair):
    pair.editor.selection.set([1, 2])
    mouse.drop_data(pair, mouse.type_data("netns::Link"), C)
    assert pair.scene.structure.joined == {3: (1, 2)}


def test_a_line_alone_stands_by_itself(pair):
    mouse.drop_data(pair, mouse.type_data("netns::Link"), C)
    assert 3 in pair.scene.nodes


def test_a_line_dropped_on_a_node_asks_for_its_other_end(pair):
    mouse.drop_data(pair, mouse.type_data("netns::Link"), A)
    mouse.hover(pair, B)
    mouse.press(pair, B)
    mouse.release(pair, B)
    assert pair.scene.structure.joined == {3: (1, 2)}


@pytest.mark.parametrize("kind", ["text", "picture", "html", "web", "other file", "unknown type", "broken type"])
def test_foreign_data_is_left_alone(pair, kind, tmp_path):
    data = QMimeData()
    if kind == "text":
        data.setText("netns::Node")
    elif kind == "picture":
        data.setImageData(QImage(4, 4, QImage.Format.Format_RGB32))
    elif kind == "html":
        data.setHtml("<b>netns::Node</b>")
    elif kind == "web":
        data.setUrls([QUrl("http://localhost/three.xml")])
    elif kind == "other file":
        data.setUrls([QUrl.fromLocalFile(str(tmp_path / "letter.txt"))])
    else:
        data = mouse.type_data("no::Such") if kind == "unknown type" else mouse.type_data("")
        data.setData("application/x-nepi-rtype", b"\xff\xfe" if kind == "broken type" else b"no::Such")
    before = description(pair).copy()
    assert not mouse.drag_data(pair, data, A)
    assert not mouse.drop_data(pair, data, A)
    assert description(pair).resources == before.resources


def test_a_file_is_opened(pair, application, qtbot):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(EXAMPLES / "two-hosts.xml"))])
    assert mouse.drop_data(pair, data, A)
    qtbot.waitUntil(lambda: len(application.windows) == 2)
    assert application.windows[-1].editor.document.path == EXAMPLES / "two-hosts.xml"
