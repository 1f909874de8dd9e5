"""The story of the tutorial's page on the window, by a real mouse on a real screen: from nothing to a file that runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QWidget

from nepi_core.description import Condition
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.xml_format import read_xml
from nepi_gui.panels.type_model import Role
from tests.end_to_end.screen import Screen, missing, open_screen

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
        place = widget.mapTo(self.window, at if at is not None else widget.rect().center())
        return place.x(), place.y()

    def of_type(self, rtype: str) -> tuple[float, float]:
        """Return where a resource type stands in the palette."""
        types = self.window.docks["palette"].widget().types
        index = types.indexAt(QPoint(5, 5))
        while index.data(Role.RTYPE) != rtype:
            index = types.indexBelow(index)
        return self.of(types.viewport(), types.visualRect(index).center())

    def of_canvas(self, x: float, y: float) -> tuple[float, float]:
        """Return where a place of the canvas is in the window."""
        return self.of(self.window.view.viewport(), self.window.view.mapFromScene(QPointF(x, y)))


def test_two_hosts_a_link_a_ping_and_a_condition(screen, program, window, tmp_path, qtbot):
    twin = Twin(window)
    window.show_page(window.view)
    screen.wait_for_window("NEPI-GUI")
    screen.press("ctrl+n")
    screen.drag(twin.of_type("netns::Node"), twin.of_canvas(-120, 0))
    screen.drag(twin.of_type("netns::Node"), twin.of_canvas(120, 0))
    screen.drag(twin.of_canvas(-120 + 33, 0), twin.of_canvas(120, 0))
    screen.drag(twin.of_type("linux::Ping"), twin.of_canvas(-120, 0))
    subprocess.run(["scrot", "-o", "/tmp/proto/story.png"], env=os.environ | {"DISPLAY": screen.display})
