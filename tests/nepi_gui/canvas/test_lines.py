"""Lines follow the document step by step: as if all of them were made anew each time."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings
from PySide6.QtCore import QPointF

from nepi_gui.appearance import Appearance
from nepi_gui.canvas.scene import CanvasScene
from nepi_gui.canvas.selection import Selection
from nepi_gui.document import resources
from nepi_gui.document.attributes import set_values
from nepi_gui.document.document import Document

NODES = 4

pairs = st.tuples(st.integers(1, NODES), st.integers(1, NODES)).filter(lambda pair: pair[0] != pair[1])
steps = st.lists(st.one_of(pairs, st.sampled_from(["undo", "redo", "move", "remove"])), max_size=14)


def shown(scene: CanvasScene) -> dict[tuple[int, int], tuple[object, ...]]:
    """Return all that tells where the lines of a scene are."""
    return {line.key: (line.ends, line.shift, line.way) for line in scene.lines.all()}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_after_any_steps_the_lines_are_where_a_new_scene_has_them(qapp, steps):
    document, appearance = Document(), Appearance("light")
    for number in range(NODES):
        resources.add_resource(document, "netns::Node", (200.0 * number, 100.0 * (number % 2)))
    scene = CanvasScene(document, Selection(document), appearance)
    for step in steps:
        take(document, step)
        assert shown(scene) == shown(CanvasScene(document, Selection(document), appearance))
        assert all(line.way and scene.lines.near(line.way.center(), 1.0) for line in scene.lines.all())


def take(document, step):
    links = [guid for guid, each in document.description.resources.items() if each.rtype == "netns::Link"]
    if isinstance(step, tuple):
        resources.add_link(document, "netns::Link", *step)
    elif step == "undo" and len(links) > 0:
        document.history.undo()
    elif step == "redo":
        document.history.redo()
    elif step == "move":
        resources.move(document, {1: (50.0 * len(links), 700.0)})
    elif step == "remove" and links:
        resources.remove(document, links[:1])


def test_a_line_to_a_badge_ends_where_the_badge_hangs(qapp):
    document = Document()
    for place in ((0.0, 0.0), (300.0, 0.0)):
        resources.add_resource(document, "netns::Node", place)
    badge = resources.add_resource(document, "check::Reach", (0.0, 0.0))
    resources.connect(document, badge, 1)
    resources.connect(document, badge, 2)
    appearance = Appearance("light")
    scene = CanvasScene(document, Selection(document), appearance)
    assert ends_at(scene, badge)
    resources.move(document, {1: (100.0, 500.0)})
    assert ends_at(scene, badge)
    scene.show_at({1: QPointF(-50.0, 20.0)})
    assert ends_at(scene, badge)


def ends_at(scene: CanvasScene, badge: int) -> bool:
    """Tell whether the lines of a badge, of which there are some, end at it."""
    place = scene.badges[badge].pos()
    lines = scene.lines.at(badge)
    return bool(lines) and all(line.way is not None and place in (line.way.p1(), line.way.p2()) for line in lines)


def test_a_label_takes_the_room_that_there_is(qapp):
    document, appearance = Document(), Appearance("light")
    for place in ((0.0, 0.0), (150.0, 0.0), (500.0, 0.0), (0.0, 300.0)):
        resources.add_resource(document, "netns::Node", place)
    near, far, down = (resources.add_link(document, "netns::Link", 1, end) for end in (2, 3, 4))
    resources.rename(document, far, "a name that says a lot")
    resources.rename(document, near, "a name")
    set_values(document, [near, far], "rate", 10.0)
    set_values(document, [near, far], "queue", 1000)
    scene = CanvasScene(document, Selection(document), appearance)
    assert scene.lines[near, 0].label_room < scene.lines[far, 0].label_room == scene.lines[down, 0].label_room
    room = scene.lines[far, 0].label_room
    assert scene.lines[far, 0].rect().width() >= room
    shown = {guid: scene.painter.line_label(scene.lines[guid, 0].label, room) for guid in (near, far)}
    assert shown[near] == scene.lines[near, 0].label == "a name · 10 Mbit/s · 1000 packets"
    assert shown[far] == "a name that says a lot · 10 Mbit/s …"
