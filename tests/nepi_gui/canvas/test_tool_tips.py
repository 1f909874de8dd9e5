"""What is told of what the mouse rests on."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from nepi_core.loading import Finding, Severity
from nepi_gui.canvas.tool_tips import ToolTips
from nepi_gui.document import resources
from tests.nepi_gui.canvas.mouse import pixel


def rest(window, place):
    """Have Qt ask for a tool tip there; tell whether there is one."""
    at = pixel(window, place)
    event = QHelpEvent(QHelpEvent.Type.ToolTip, at, window.view.viewport().mapToGlobal(at))
    return QApplication.sendEvent(window.view.viewport(), event)


def test_a_node_tells_its_whole_name_and_what_is_wrong(window, monkeypatch):
    guid = resources.add_resource(window.editor.document, "netns::Node", (0, 0))
    resources.rename(window.editor.document, guid, "<b>" + "long " * 30 + "</b>")
    found = [Finding(Severity.ERROR, guid, 0, "", f"Fault {number}.") for number in range(8)]
    monkeypatch.setattr(window.editor.findings, "_found", tuple(found))
    window.view.look_at(QPointF(0, 0))
    assert rest(window, (0, 0))
    assert "&lt;b&gt;long long" in QToolTip.text()
    assert "netns::Node" in QToolTip.text()
    lines = window.view.findChild(ToolTips).text(guid).splitlines()
    assert lines[2:] == [*(f"Fault {number}." for number in range(5)), "… and 3 more"]
    QToolTip.hideText()


def test_the_empty_canvas_tells_nothing(window):
    rest(window, (0, 0))
    assert not QToolTip.text()
