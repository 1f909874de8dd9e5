"""The main window as a whole: opens, shows, closes."""

from __future__ import annotations

from pathlib import Path

from nepi_gui.document import resources

EXAMPLES = Path(__file__).parents[3] / "examples"


def test_shows_an_example(application):
    window = application.open_file(EXAMPLES / "two-hosts.xml")
    assert set(window.scene.nodes) == {1, 2}
    assert set(window.scene.badges) == {4}
    assert (3, 0) in window.scene.lines
    assert "two-hosts.xml" in window.windowTitle()


def test_undo_by_its_key(window, qtbot):
    resources.add_resource(window.editor.document, "netns::Node", (0, 0))
    assert len(window.scene.nodes) == 1
    window.commands["edit.undo"].trigger()
    assert not window.scene.nodes
