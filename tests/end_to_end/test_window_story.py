"""The story of the tutorial, by a real mouse on a real screen: from an empty canvas to a file that runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QApplication, QWidget

from nepi_core.description import Condition
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.xml_format import read_xml
from nepi_gui.document import attributes, resources
from nepi_gui.document.document import Document
from nepi_gui.panels.type_model import Role
from tests.end_to_end.screen import Screen, missing, open_screen

LEFT, RIGHT = (-120.0, 0.0), (120.0, 0.0)

pytestmark = [
    pytest.mark.skipif(bool(missing()), reason=f"needs {' and '.join(missing())}"),
    pytest.mark.timeout(180),
]


@pytest.fixture
def screen() -> Iterator[Screen]:
    """A screen of its own."""
    with open_screen() as opened:
        yield opened


@pytest.fixture
def program(screen, tmp_path) -> Iterator[subprocess.Popen[bytes]]:
    """The program on that screen, as a user starts it who has seen the tour."""
    settings = tmp_path / "config" / "nepi-gui" / "window.ini"
    settings.parent.mkdir(parents=True)
    settings.write_text("[tour]\nseen=true\n")
    environment = os.environ | {
        "DISPLAY": screen.display,
        "QT_QPA_PLATFORM": "xcb",
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }
    process = subprocess.Popen([sys.executable, "-m", "nepi_gui"], env=environment, cwd=tmp_path)
    screen.watched = process.pid
    yield process
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)


class Twin:
    """A second window, without a screen, in which the same is done by calls: it knows where things are in the first."""

    def __init__(self, window):
        self.window = window
        self.document = window.editor.document

    def of(self, widget: QWidget, at: QPoint | None = None) -> tuple[float, float]:
        """Return where a widget's middle, or a place in it, is in the window."""
        QApplication.processEvents()  # what was just shown gets its place
        place = widget.mapTo(self.window, at if at is not None else widget.rect().center())
        return place.x(), place.y()

    def of_type(self, rtype: str) -> tuple[float, float]:
        """Return where a resource type stands in the palette."""
        types = self.window.docks["palette"].widget().types
        index = types.indexAt(QPoint(5, 5))
        while index.data(Role.RTYPE) != rtype:
            index = types.indexBelow(index)
        return self.of(types.viewport(), types.visualRect(index).center())

    def field(self, attribute: str) -> QWidget:
        """Return what an attribute of the selected resource is edited with."""
        panel = self.window.docks["attributes"].widget()
        assert panel.focus_attribute(attribute)
        return panel.resources.form.row(attribute).field

    def of_canvas(self, x: float, y: float) -> tuple[float, float]:
        """Return where a place of the canvas is in the window."""
        return self.of(self.window.view.viewport(), self.window.view.mapFromScene(QPointF(x, y)))


def build(document: Document) -> tuple[int, int, int]:
    """Do by calls what the mouse does in the story; return the two nodes and the ping."""
    first = resources.add_resource(document, "netns::Node", LEFT)
    second = resources.add_resource(document, "netns::Node", RIGHT)
    resources.add_link(document, "netns::Link", first, second)
    return first, second, resources.add_resource(document, "linux::Ping", connected_to=[first])


def poll_until(is_so) -> None:
    deadline = time.monotonic() + 20
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)


def test_two_hosts_a_link_a_ping_and_a_condition(screen, program, window, tmp_path, qtbot):
    twin = Twin(window)
    screen.wait_for_window("NEPI-GUI")
    screen.press("ctrl+n")
    screen.drag(twin.of_type("netns::Node"), twin.of_canvas(*LEFT))
    screen.drag(twin.of_type("netns::Node"), twin.of_canvas(*RIGHT))
    screen.drag(twin.of_canvas(LEFT[0] + 33, 0), twin.of_canvas(*RIGHT))
    screen.drag(twin.of_type("linux::Ping"), twin.of_canvas(*LEFT))
    _, second, ping = build(twin.document)

    centre = window.scene.centre(ping)
    screen.click(*twin.of_canvas(centre.x(), centre.y()))
    window.editor.selection.set([ping])
    qtbot.waitUntil(lambda: window.editor.findings.is_current)  # they take room in the form
    for name, value in (("target", "node2"), ("count", "3")):
        field = twin.field(name)
        screen.click(*twin.of(field), times=3)
        screen.type(value)
        screen.press("Return")
        attributes.set_values(twin.document, [ping], name, value)
        qtbot.waitUntil(lambda: window.editor.findings.is_current)

    screen.click(*twin.of_canvas(centre.x(), centre.y()))
    screen.click(*twin.of_canvas(*RIGHT), holding="shift")
    screen.press("ctrl+shift+a")

    saved = tmp_path / "story.xml"
    screen.press("ctrl+s")
    screen.wait_for_window("Save the experiment")
    screen.type(str(saved))
    screen.press("Return")
    poll_until(saved.exists)

    description = read_xml(saved)
    assert [each.rtype for each in description.resources.values()] == [
        "netns::Node",
        "netns::Node",
        "netns::Link",
        "linux::Ping",
    ]
    assert description.resources[ping].attributes == {"target": "node2", "count": 3}
    started = Condition(ResourceAction.START, (second,), ResourceState.STARTED)
    assert description.resources[ping].conditions == [started]
    ran = subprocess.run(
        [sys.executable, "-m", "nepi_gui", "--run", str(saved), "--local-dir", str(tmp_path / "runs")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert program.poll() is None
