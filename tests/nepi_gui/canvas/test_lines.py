"""Lines follow the document step by step: as if all of them were made anew each time."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from nepi_gui.appearance import Appearance
from nepi_gui.canvas.scene import CanvasScene
from nepi_gui.canvas.selection import Selection
from nepi_gui.document import resources
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
