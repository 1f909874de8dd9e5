"""Places and sizes that a file may say and nobody can draw; and what is drawn again when less is to be seen."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from PySide6.QtCore import QEvent, QObject, QPointF
from PySide6.QtGui import QRegion
from PySide6.QtWidgets import QApplication

from nepi_core.description import CanvasNote, ExperimentDescription, Layout, ResourceDescription
from nepi_core.loading import Severity
from nepi_gui.appearance import Appearance
from nepi_gui.canvas.scene import CanvasScene
from nepi_gui.canvas.selection import Selection
from nepi_gui.canvas.view import CanvasView
from nepi_gui.document import notes, resources
from nepi_gui.document.document import Document
from nepi_gui.document.notes import Box

numbers = st.floats(width=64) | st.sampled_from([math.nan, math.inf, -math.inf, 1e300, 0.0, -5.0])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.tuples(numbers, numbers), second=st.tuples(numbers, numbers), sides=st.tuples(numbers, numbers))
def test_whatever_a_file_says_the_canvas_shows_it_and_keeps_it(qapp, first, second, sides):
    description = ExperimentDescription()
    for guid, at in enumerate((first, second), 1):
        description.resources[guid] = ResourceDescription(guid, "netns::Node", layout=Layout(*at))
    description.resources[3] = ResourceDescription(3, "netns::Link")
    for end in (1, 2):
        description.connect(3, end)
    description.canvas.notes.append(CanvasNote("area", first[0], first[1], sides[0], sides[1], "text"))
    document = Document(description)
    view = CanvasView(CanvasScene(document, Selection(document), Appearance("light")))
    view.fit()
    view.grab()
    assert math.isfinite(view.zoom)
    for key in (1, 2, 3, -1):
        rect = view.canvas.rect(key)
        assert all(map(math.isfinite, (rect.left(), rect.top(), rect.right(), rect.bottom())))
    assert view.canvas.rect(-1).width() > 0
    kept = description.resources[1].layout
    assert kept is not None
    assert repr((kept.x, kept.y)) == repr(first)
    view.deleteLater()


@pytest.fixture
def link(window):
    """A link between two nodes; its guid."""
    document = window.editor.document
    first, second = (resources.add_resource(document, "netns::Node", (x, 0)) for x in (0, 300))
    window.view.fit()
    return resources.add_link(document, "netns::Link", first, second)


class Painted(QObject):
    """Notes which parts of a view are painted."""

    def __init__(self, view):
        super().__init__(view)
        self.region = QRegion()
        view.viewport().installEventFilter(self)

    def eventFilter(self, watched, event):  # noqa: N802 - Qt's name
        if event.type() is QEvent.Type.Paint:
            self.region = self.region.united(event.region())
        return False


@pytest.mark.parametrize("what", ["label", "finding"])
def test_what_a_line_no_longer_shows_is_painted_over(window, link, qtbot, what):
    if what == "label":
        resources.rename(window.editor.document, link, "uplink")
    else:
        window.scene.show_findings({link: Severity.ERROR})
    qtbot.waitUntil(window.isVisible)
    QApplication.processEvents()
    needed = window.view.mapFromScene(window.scene.centre(link) - QPointF(0, 8))
    painted = Painted(window.view)
    if what == "label":
        resources.rename(window.editor.document, link, "")
    else:
        window.scene.show_findings({})
    qtbot.waitUntil(lambda: not painted.region.isEmpty())
    assert painted.region.contains(needed)


def test_lines_that_were_moved_far_away_are_drawn_by_what_is_near_them(window, link):
    document = window.editor.document
    items = len(window.scene.items())
    resources.move(document, {1: (9000, 9000), 2: (9300, 9000)})
    assert len(window.scene.items()) == items
    assert window.scene.lines.near(window.scene.centre(1), 5) is not None
    assert all(item.boundingRect().left() > 5000 for item in window.scene.items() if item.boundingRect().width() > 200)


def test_a_note_stays_selected_whatever_number_it_has(window):
    document = window.editor.document
    for text in "abc":
        notes.add_note(document, "note", Box(0, 0, 100, 100), text)
    window.editor.selection.set([-1])
    notes.remove_notes(document, [0])
    assert not window.editor.selection, "the next one is another note"
    window.editor.selection.set([-1])
    document.history.undo()
    assert window.editor.selection.keys == {-2}
    notes.set_text(document, 1, "other")
    assert window.editor.selection.keys == {-2}
    document.history.undo()
    document.history.redo()
    assert window.editor.selection.keys == {-2}


def test_a_new_scene_can_be_scrolled_to_a_note_far_away(window):
    notes.add_note(window.editor.document, "note", Box(9000, 9000, 9100, 9100))
    assert window.scene.sceneRect().contains(window.scene.rect(-1))
