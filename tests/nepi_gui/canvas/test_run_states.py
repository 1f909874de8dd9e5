"""States of a run on the canvas."""

from __future__ import annotations

from contextlib import closing

import pytest
from PySide6.QtGui import QColor

from nepi_core.lifecycle import StateChange
from nepi_core.states import ResourceState as State
from nepi_gui.canvas.export import Print, Wish
from nepi_gui.document import linking, resources
from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window.overview import OverviewFeature
from nepi_gui.window.showing_states import ShowingStatesFeature
from tests.nepi_gui.recorded import BEGAN, begin, changes_of, record


@pytest.fixture
def built(window):
    """Two nodes (1, 2), a ping at the first (3), a link between them (4)."""
    document = window.editor.document
    for place in ((0, 0), (400, 0)):
        resources.add_resource(document, "netns::Node", place)
    linking.attach(document, "linux::Ping", [1])
    linking.join(document, "netns::Link", 1, 2)
    return window


def watch(window, folder) -> WatchedRun:
    run = WatchedRun(folder)
    window.editor.watch(run)
    return run


def look(window, guid):
    scene = window.scene
    item = scene.nodes.get(guid) or scene.badges.get(guid)
    return item.look if item else scene.lines[guid, 0]


LIVES = [
    *changes_of(1, State.READY, State.STARTED, State.STOPPED, State.RELEASED),
    *changes_of(2, State.READY, State.STARTED),
    *changes_of(3, State.READY, State.FAILED, State.RELEASED, cause="it broke"),
    *changes_of(4, State.DISCOVERED, State.PROVISIONED, State.READY),
]


def test_nodes_badges_and_lines_show_what_became_of_them(built, tmp_path):
    assert look(built, 1).state is None
    watch(built, record(tmp_path / "run", built.editor.document.description, LIVES))
    assert [look(built, guid).state for guid in (1, 2, 3, 4)] == [
        State.STOPPED,
        State.STARTED,
        State.FAILED,
        State.READY,
    ]
    built.editor.watch(None)
    assert [look(built, guid).state for guid in (1, 2, 3, 4)] == [None] * 4


def test_a_moment_that_is_looked_at(built, tmp_path):
    run = watch(built, record(tmp_path / "run", built.editor.document.description, LIVES))
    run.look_at(BEGAN + 1.5)
    assert [look(built, guid).state for guid in (1, 2, 3, 4)] == [*3 * [State.READY], State.DISCOVERED]
    run.look_at(BEGAN)
    assert look(built, 3).state is State.NEW
    assert not ShowingStatesFeature.of(built).states.failed()
    run.look_at(None)
    assert look(built, 3).state is State.FAILED


def test_what_has_failed_stays_so_while_all_is_released(built, tmp_path):
    with closing(begin(tmp_path / "run", built.editor.document.description, LIVES)):
        run = watch(built, tmp_path / "run")
        assert run.is_live
        assert look(built, 1).state is State.RELEASED
        assert look(built, 3).state is State.FAILED


def test_what_is_not_in_the_run_is_a_draft_with_no_state(built, tmp_path):
    document = built.editor.document
    folder = record(tmp_path / "run", document.freeze(), LIVES)
    new = resources.add_resource(document, "netns::Node", (0, 400))
    watch(built, folder)
    assert look(built, new).is_draft
    assert look(built, new).state is None
    assert not look(built, 1).is_draft
    newer = resources.add_resource(document, "netns::Node", (400, 400))
    assert look(built, newer).is_draft
    built.editor.watch(None)
    assert not look(built, new).is_draft


def test_a_resource_of_another_type_has_not_the_state_of_its_namesake(built, tmp_path):
    described = built.editor.document.description.copy()
    described.resources[3].rtype = "linux::Application"
    watch(built, record(tmp_path / "run", described, LIVES))
    assert look(built, 3).state is None
    assert look(built, 3).is_draft
    assert list(ShowingStatesFeature.of(built).words(3)) == ["Not in this run"]


def test_what_joins_a_run_is_a_draft_no_longer(built, tmp_path, qtbot):
    document = built.editor.document
    described = document.freeze()
    new = resources.add_resource(document, "netns::Node", (0, 400))
    with closing(begin(tmp_path / "run", described, LIVES)) as store:
        watch(built, tmp_path / "run")
        assert look(built, new).is_draft
        store.resource(new, "netns::Node")
        store.state_changed(StateChange(new, State.NEW, State.READY, BEGAN + 9, ""))
        qtbot.waitUntil(lambda: look(built, new).state is State.READY)
        assert not look(built, new).is_draft


def test_undone_and_redone_resources_have_their_states_again(built, tmp_path):
    watch(built, record(tmp_path / "run", built.editor.document.description, LIVES))
    resources.remove(built.editor.document, [3])
    built.editor.document.history.undo()
    assert look(built, 3).state is State.FAILED


def test_the_map_shows_what_has_failed(built, tmp_path, qtbot):
    resources.add_resource(built.editor.document, "netns::Node", (5000, 0))
    built.view.zoom_to(1.0)
    minimap = OverviewFeature.of(built).minimap
    qtbot.waitUntil(minimap.isVisible)
    watch(built, record(tmp_path / "run", built.editor.document.description, LIVES))
    red = QColor(built.editor.appearance.theme.states[State.FAILED]).rgb()

    def shows_red() -> bool:
        image = minimap.grab().toImage()
        return any(image.pixel(x, y) == red for x in range(image.width()) for y in range(image.height()))

    qtbot.waitUntil(shows_red)


def test_printed_pictures_show_states_only_when_asked(built, tmp_path):
    def printed(has_states: bool) -> bytes:
        made = Print(built.editor.document.freeze(), (), built.editor.appearance, built)
        if has_states:
            made.show_run(built.scene)
        data = made.data(Wish(scale=1))
        made.close()
        return data

    before = printed(False)
    watch(built, record(tmp_path / "run", built.editor.document.description, LIVES))
    assert printed(False) == before
    assert printed(True) != before


def test_the_legend_counts_and_selects(built, tmp_path):
    feature = ShowingStatesFeature.of(built)
    legend = feature.legend
    assert legend.isHidden()
    watch(built, record(tmp_path / "run", built.editor.document.description, LIVES))
    assert not legend.isHidden()
    legend.chosen.emit(State.FAILED)
    assert built.editor.selection.keys == {3}
    built.commands["view.legend"].trigger()
    assert legend.isHidden()


def test_a_record_without_anything_shows_nothing(built, tmp_path):
    watch(built, tmp_path)
    assert [look(built, guid).state for guid in (1, 2, 3, 4)] == [None] * 4
    assert not look(built, 1).is_draft
    assert ShowingStatesFeature.of(built).legend.isHidden()
