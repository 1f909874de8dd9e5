"""What links carry: where it stands, and how it is shown."""

from __future__ import annotations

from contextlib import closing

import pytest
from PySide6.QtTest import QTest

from nepi_core.series import Sample, Series
from nepi_core.states import ResourceState as State
from nepi_core.times import now
from nepi_gui.canvas import link_loads
from nepi_gui.canvas.lines import LOAD_STEPS, load_colour
from nepi_gui.canvas.link_loads import rate_text
from nepi_gui.canvas.load_series import directions_of
from nepi_gui.document import attributes, linking, resources, traces
from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window.showing_states import ShowingStatesFeature
from tests.nepi_gui.recorded import BEGAN, begin, changes_of, record


@pytest.fixture
def linked(window):
    """Two links (4, 5) between three nodes (1, 2, 3); of both it is collected what passes, one has a rate."""
    document = window.editor.document
    for number in range(3):
        resources.add_resource(document, "netns::Node", (300 * number, 0))
    for ends in ((1, 2), (2, 3)):
        line = linking.join(document, "netns::Link", *ends)
        traces.set_trace(document, [line], "counters", True)
    attributes.set_values(document, [4], "rate", 10.0)
    return window


def counted(guid: int, time: float, forward: float, back: float, queue: float = 0.0) -> list[Sample]:
    values = {"forward_rate": forward, "backward_rate": back, "forward_queue": queue, "backward_queue": 0.0}
    return [Sample(time, guid, "counters", name, value) for name, value in values.items()]


def lives():
    return [change for guid in range(1, 6) for change in changes_of(guid, State.READY, State.STARTED)]


def loads(window):
    return {guid: window.scene.lines[guid, 0].load for guid in (4, 5)}


def test_a_link_says_where_its_rates_and_limits_stand():
    found = directions_of("netns::Link")
    assert found is not None
    forward, back = found
    assert (forward.rate, forward.queue) == ("forward_rate", "forward_queue")
    assert (back.rate, back.queue) == ("backward_rate", "backward_queue")
    assert forward.limit({"rate": 2.0, "rateBack": 1.0}) == 2e6
    assert back.limit({"rate": 2.0, "rateBack": 1.0}) == 1e6
    assert back.limit({"rate": 2.0}) == 2e6
    assert forward.limit({}) is None


def test_other_types_carry_nothing():
    assert directions_of("linux::Ping") is None
    assert directions_of("no::Such") is None


def test_loads_at_moments_of_a_recorded_run(linked, tmp_path, qtbot):
    samples = [
        *counted(4, BEGAN + 10, 10.0, 0.0, 12),
        *counted(5, BEGAN + 10, 5.0, 2.5),
        *counted(4, BEGAN + 20, 2.5, 0.0),
        *counted(5, BEGAN + 20, 0.001, 0.0),
    ]
    folder = record(tmp_path / "run", linked.editor.document.freeze(), lives(), samples)
    run = WatchedRun(folder)
    linked.editor.watch(run)
    feature = ShowingStatesFeature.of(linked)
    assert loads(linked) == {4: None, 5: None}
    run.look_at(BEGAN + 11)
    qtbot.waitUntil(lambda: loads(linked) == {4: (LOAD_STEPS, 0), 5: (LOAD_STEPS // 2, LOAD_STEPS // 4)})
    words = list(feature.words(4))
    assert words[1:] == [
        "10 Mbit/s of 10 Mbit/s (100 %), queue 12 packets, node1 to node2",
        "0 bit/s of 10 Mbit/s (0 %), node2 to node1",
    ]
    assert "5 Mbit/s, node2 to node3" in list(feature.words(5))
    assert feature.legend.loads.isVisibleTo(feature.legend)
    run.look_at(BEGAN + 21)
    qtbot.waitUntil(lambda: loads(linked) == {4: (LOAD_STEPS // 4, 0), 5: (0, 0)})
    run.look_at(BEGAN + 40)
    qtbot.waitUntil(lambda: loads(linked) == {4: None, 5: None})
    assert not feature.legend.loads.isVisibleTo(feature.legend)


def test_loads_of_a_live_run_and_a_rate_that_is_set_live(linked, tmp_path, qtbot):
    with closing(begin(tmp_path / "run", linked.editor.document.freeze(), lives(), now())) as store:
        store.series(4, "counters", [Series("forward_rate", "Mbit/s")])
        run = WatchedRun(tmp_path / "run")
        linked.editor.watch(run)
        store.samples(counted(4, now(), 5.0, 0.0))
        qtbot.waitUntil(lambda: loads(linked)[4] == (LOAD_STEPS // 2, 0))
        run.values[4, "rate"] = 20.0
        store.samples(counted(4, now(), 20.0, 20.0))
        qtbot.waitUntil(lambda: loads(linked)[4] == (LOAD_STEPS, LOAD_STEPS))
        linked.editor.watch(None)
        qtbot.waitUntil(lambda: loads(linked)[4] is None)


def test_another_run_is_watched_while_loads_are_read(linked, tmp_path, qtbot, monkeypatch):
    description = linked.editor.document.freeze()
    samples = [*counted(4, BEGAN + 3, 4.0, 1.0), *counted(5, BEGAN + 3, 2.0, 2.0)]
    first, second = (WatchedRun(record(tmp_path / name, description, lives(), samples)) for name in ("one", "two"))
    monkeypatch.setattr(link_loads, "_AT_ONCE", 0.0)  # each line is read by itself
    linked.editor.watch(first)
    first.look_at(BEGAN + 3.5)
    ShowingStatesFeature.of(linked).loads._read()
    linked.editor.watch(second)
    QTest.qWait(0)
    assert loads(linked) == {4: None, 5: None}
    second.look_at(BEGAN + 3.5)
    qtbot.waitUntil(lambda: None not in loads(linked).values())


def test_a_rate_that_was_set_before_somebody_watched(linked, tmp_path, qtbot):
    description = linked.editor.document.freeze()
    with closing(begin(tmp_path / "run", description, lives(), now())) as store:
        run = WatchedRun(tmp_path / "run")
        run.values[4, "rate"] = 100.0
        linked.editor.watch(run)
        store.samples(counted(4, now(), 10.0, 0.0))
        store.flush()
        qtbot.waitUntil(lambda: loads(linked)[4] == (1, 0), timeout=20_000)


def test_a_line_with_a_load_is_drawn_in_both_themes(linked):
    linked.scene.show_loads({4: (0, LOAD_STEPS), 5: (3, 4)})
    linked.view.fit()
    for theme in ("light", "dark"):
        linked.editor.appearance.choose(theme)
        image = linked.view.grab().toImage()
        wanted = load_colour(linked.editor.appearance.theme, LOAD_STEPS).rgb()
        assert any(image.pixel(x, y) == wanted for x in range(image.width()) for y in range(0, image.height(), 2))


def test_rates_as_people_write_them():
    assert [rate_text(each) for each in (0, 999, 40_000, 1.94e6, 2.5e9)] == [
        "0 bit/s",
        "999 bit/s",
        "40 kbit/s",
        "1.94 Mbit/s",
        "2.5 Gbit/s",
    ]
