"""Random editing: what undo and redo bring back is what was there, what is shown is what the document has."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from nepi_core.description import Condition
from nepi_core.errors import NepiError
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.structure import Structure
from nepi_core.topology import NetGraph
from nepi_core.xml_format import read_xml, read_xml_text, to_xml, write_xml
from nepi_gui.appearance import Appearance
from nepi_gui.canvas.scene import CanvasScene
from nepi_gui.canvas.selection import Selection
from nepi_gui.document import (
    arranging,
    attributes,
    clipboard,
    conditions,
    experiment,
    files,
    linking,
    notes,
    resources,
    topologies,
    traces,
)
from nepi_gui.document.document import Document
from nepi_gui.document.layouts import topology_places
from nepi_gui.document.schedule import ConditionKey

BADGES = ("netns::Interface", "netns::Capture", "netns::IPv4Address", "linux::Ping")
TYPES = ("netns::Node", "netns::Switch", "netns::Link", "linux::Node", "no::Such", *BADGES)
PLACES = st.tuples(st.integers(-500, 500), st.integers(-500, 500))
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=8)
VALUES = TEXTS | st.integers(-5, 5) | st.booleans() | st.sampled_from((None, "", "20 ms", "1 s", "env:KEY"))
CONDITIONS = st.builds(
    Condition,
    st.sampled_from(ResourceAction),
    st.just(()),
    st.sampled_from(ResourceState),
    st.sampled_from((None, "2s", "soon")),
)


class Editing(RuleBasedStateMachine):
    """A document that is edited at random; it remembers what it looked like after each step."""

    @initialize()
    def begin(self) -> None:
        self.document = Document()
        self.selection = Selection(self.document)
        self.scene = CanvasScene(self.document, self.selection, Appearance("light"))
        self.moments = {0: self.document.freeze()}

    def is_small(self) -> bool:
        return len(self.document.description.resources) < 40

    def _pick(self, data: st.DataObject, most: int = 1, rtypes: tuple[str, ...] = TYPES) -> list[int]:
        found = sorted(guid for guid, each in self.document.description.resources.items() if each.rtype in rtypes)
        return data.draw(st.lists(st.sampled_from(found), min_size=1, max_size=most, unique=True)) if found else []

    def _pick_keys(self, data: st.DataObject) -> list[int]:
        """Return some resources and notes."""
        numbers = range(-len(self.document.description.canvas.notes), 0)
        found = [*numbers, *sorted(self.document.description.resources)]
        return data.draw(st.lists(st.sampled_from(found), min_size=1, max_size=4, unique=True)) if found else []

    def _pick_line(self, data: st.DataObject) -> int | None:
        lines = sorted(Structure(self.document.description.resources).joined)
        return data.draw(st.sampled_from(lines)) if lines else None

    def _pick_condition(self, data: st.DataObject) -> ConditionKey | None:
        described = self.document.description
        keys = [(guid, index) for guid, each in described.resources.items() for index in range(len(each.conditions))]
        keys += [(0, index) for index in range(len(described.changes))]
        return data.draw(st.sampled_from(sorted(keys))) if keys else None

    def _do(self, step: Callable[..., object], *arguments: Any) -> None:
        """Take a step, or none at all when it is refused."""
        before = self.document.freeze()
        try:
            step(self.document, *arguments)
        except NepiError:
            assert self.document.description == before
        self._done()

    def _done(self) -> None:
        """Note what the document looks like; a step that changes nothing is none, and leaves what was taken back."""
        history = self.document.history
        last = len(history) if history.can_redo() else history.done
        self.moments = {number: each for number, each in self.moments.items() if number <= last}
        self.moments[history.done] = self.document.freeze()

    # -- resources and what joins them -----------------------------------------------------------------

    @precondition(lambda self: self.is_small())
    @rule(data=st.data(), rtype=st.sampled_from(TYPES), place=PLACES, number=st.integers(1, 3))
    def add(self, data, rtype, place, number):
        line = self._pick_line(data) if number == 3 else None
        if number == 1:
            self._do(resources.add_resource, rtype, place)
        elif line:
            self._do(linking.add_spliced, rtype, place, line)
        else:
            self._do(linking.add_many, rtype, place, number, 50.0)

    @rule(data=st.data(), rtype=st.sampled_from(("netns::Link", "")))
    def join(self, data, rtype):
        ends = self._pick(data, 2)
        if len(ends) == 2:
            self._do(linking.join, rtype, ends[0], ends[1])

    @precondition(lambda self: self.is_small())
    @rule(data=st.data(), rtype=st.sampled_from(("netns::Node", "linux::Node")), place=PLACES)
    def add_joined(self, data, rtype, place):
        for start in self._pick(data):
            self._do(linking.add_joined, rtype, place, start, "netns::Link" if rtype == "netns::Node" else "")

    @precondition(lambda self: self.is_small())
    @rule(data=st.data(), rtype=st.sampled_from(BADGES))
    def attach(self, data, rtype):
        if hosts := self._pick(data, 3):
            self._do(linking.attach, rtype, hosts)

    @rule(data=st.data())
    def reattach(self, data):
        badges, hosts = self._pick(data, 2, BADGES), self._pick(data)
        if badges and hosts and hosts[0] not in badges:
            self._do(linking.reattach, badges, hosts[0])

    @rule(data=st.data(), step=st.sampled_from((linking.splice, linking.move_end, linking.take_out, linking.cut)))
    def alter_line(self, data, step):
        line, nodes = self._pick_line(data), self._pick(data, rtypes=("netns::Node", "netns::Switch"))
        if step is linking.take_out and nodes:
            self._do(step, nodes[0])
        elif line and nodes and step is linking.splice:
            self._do(step, line, nodes[0])
        elif line and nodes and step is linking.move_end:
            ends = Structure(self.document.description.resources).joined[line]
            self._do(step, line, data.draw(st.sampled_from(ends)), nodes[0])
        elif line and step is linking.cut:
            self._do(step, [line])

    @rule(data=st.data())
    def disconnect(self, data):
        ends = self._pick(data, 2)
        if len(ends) == 2:
            self._do(resources.disconnect, *ends)

    @rule(data=st.data())
    def remove(self, data):
        self._do(resources.remove, self._pick(data, 3))

    @precondition(lambda self: self.is_small())
    @rule(kind=st.sampled_from(("ring", "star")), edge=st.sampled_from(("netns::Link", "")), pings=st.booleans())
    def insert_topology(self, kind, edge, pings):
        graph = NetGraph(topo_type=kind, node_count=4)
        graph.set_source(graph.nodes()[0])
        graph.set_target(graph.nodes()[2])
        recipe = topologies.Recipe("netns::Node" if edge else "linux::Node", edge, pings=pings)
        places = topologies.beside(self.document.description, topology_places(graph), (0, 0))
        self._do(topologies.insert_topology, graph, recipe, places)

    # -- what is said of them --------------------------------------------------------------------------

    @rule(data=st.data(), value=VALUES)
    def set_value(self, data, value):
        chosen = self._pick(data, 2)
        common = attributes.common_attributes(attributes.types_of(self.document.description, chosen))
        if common:
            self._do(attributes.set_values, chosen, data.draw(st.sampled_from(common)).name, value)

    @rule(data=st.data(), on=st.booleans())
    def set_trace(self, data, on):
        chosen = self._pick(data, 2, ("linux::Ping", "netns::Capture"))
        common = traces.common_traces(attributes.types_of(self.document.description, chosen))
        if common:
            self._do(traces.set_trace, chosen, data.draw(st.sampled_from(common)).name, on)

    @rule(number=st.integers(0, 2), value=VALUES)
    def set_of_experiment(self, number, value):
        self._do(experiment.set_of_experiment, experiment.experiment_attributes()[number], value)

    @rule(data=st.data(), text=TEXTS, what=st.sampled_from((resources.rename, resources.set_note)))
    def name(self, data, text, what):
        for guid in self._pick(data):
            self._do(what, guid, text)

    @rule(data=st.data(), condition=CONDITIONS)
    def add_condition(self, data, condition):
        chosen, group = self._pick(data), self._pick(data, 3)
        key = self._pick_condition(data)
        if not chosen:
            return
        condition = replace(condition, group=tuple(group))
        if key and key[0]:
            self._do(conditions.replace_condition, key, condition)
        else:
            self._do(conditions.add_condition, chosen[0], condition)

    @rule(data=st.data(), step=st.sampled_from((conditions.duplicate, conditions.give_condition, None)))
    def alter_condition(self, data, step):
        key, chosen = self._pick_condition(data), self._pick(data)
        if key and step:
            self._do(step, key, *(chosen if step is conditions.give_condition else ()))
        elif key:
            self._do(conditions.remove_conditions, [key])

    @rule(data=st.data(), group=st.integers(1, 2))
    def plan_change(self, data, group):
        guess = conditions.guess_change(self.document.description, self._pick(data))
        if guess:
            key, guess = self._pick_condition(data), replace(guess, group=tuple(sorted(self._pick(data, group))))
            step, where = (conditions.add_change, ()) if key is None or key[0] else (conditions.replace_change, (key,))
            self._do(step, *where, guess)

    # -- the canvas ------------------------------------------------------------------------------------

    @rule(data=st.data(), place=PLACES, merge=st.sampled_from((None, "drag")))
    def move(self, data, place, merge):
        self._do(resources.move, dict.fromkeys(self._pick_keys(data), place), merge)

    @rule(data=st.data(), how=st.sampled_from((*arranging.Edge, *arranging.Way, "across", "upright", "grid")))
    def arrange(self, data, how):
        boxes = {key: arranging.Box(node.x(), node.y(), 40, 30) for key, node in self.scene.nodes.items()}
        boxes = {key: boxes[key] for key in self._pick(data, 4) if key in boxes}
        match how:
            case arranging.Edge():
                places = arranging.aligned(boxes, how)
            case arranging.Way():
                places = arranging.shifted(boxes, how, 20)
            case "grid":
                places = arranging.snapped(boxes, 20)
            case _:
                places = arranging.distributed(boxes, how == "upright")
        self._do(resources.move, places)

    @rule(data=st.data(), colour=st.sampled_from(("", "#ff0000", "#00ff00")))
    def colour(self, data, colour):
        self._do(notes.set_colours, self._pick_keys(data), colour)

    @rule(kind=st.sampled_from(("note", "area")), place=PLACES, text=TEXTS)
    def add_note(self, kind, place, text):
        self._do(notes.add_note, kind, notes.Box.around(place[0], place[1], notes.size_of(kind)), text)

    @precondition(lambda self: self.document.description.canvas.notes)
    @rule(data=st.data(), text=TEXTS, what=st.sampled_from(("text", "size", "gone")))
    def alter_note(self, data, text, what):
        number = data.draw(st.integers(0, len(self.document.description.canvas.notes) - 1))
        if what == "text":
            self._do(notes.set_text, number, text, 90.0)
        elif what == "size":
            self._do(notes.resize, number, notes.Box(0, 0, 50, 60))
        else:
            self._do(notes.remove_notes, [number])

    # -- parts and wholes ------------------------------------------------------------------------------

    @precondition(lambda self: self.is_small())
    @rule(data=st.data())
    def duplicate(self, data):
        self._do(clipboard.duplicate, self._pick_keys(data))

    @precondition(lambda self: self.is_small())
    @rule(data=st.data(), goes=st.booleans())
    def cut_and_paste(self, data, goes):
        structure, keys = Structure(self.document.description.resources), self._pick_keys(data)
        part = clipboard.part_of(self.document.description, clipboard.with_dependents(structure, keys))
        part = read_xml_text(to_xml(part), "the clipboard")
        if goes:
            self._do(resources.remove, [key for key in keys if key > 0])
        self._do(clipboard.insert, part, (10.0, 10.0))

    @rule(data=st.data())
    def become_as_it_was(self, data):
        """Take over an earlier state, as a file that is loaded again."""
        was = self.moments[data.draw(st.sampled_from(sorted(self.moments)))].copy()
        self._do(files.put_in_place, was, "Reload")
        assert self.document.description == was

    @rule(data=st.data())
    def fail(self, data):
        before = self.document.freeze()
        try:
            with self.document.edit("Fail") as edit:
                resources.remove(self.document, self._pick(data, 2))
                edit.notes().clear()
                raise RuntimeError
        except RuntimeError:
            pass
        assert self.document.description == before

    # -- there and back --------------------------------------------------------------------------------

    @rule(done=st.integers(0, 30))
    def go_to(self, done):
        self.document.history.go_to(done)
        assert self.document.description == self.moments[self.document.history.done]

    @precondition(lambda self: self.document.history.can_undo())
    @rule()
    def undo_all_and_redo_all(self):
        self.document.history.go_to(0)
        assert self.document.description == self.moments[0]
        self.document.history.go_to(len(self.document.history))
        assert self.document.description == self.moments[self.document.history.done]

    @rule()
    def select_all(self):
        self.selection.everything()

    @rule()
    def save(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "saved.xml"
            write_xml(self.document.freeze(), path)
            saved = read_xml(path)
        assert saved == self.document.description
        self.document.history.set_clean()

    # -- what always holds -----------------------------------------------------------------------------

    @invariant()
    def the_scene_shows_the_document(self):
        if not hasattr(self, "document"):
            return
        described = self.document.description
        structure = Structure(described.resources)
        assert set(self.scene.nodes) == set(structure.standing())
        assert set(self.scene.badges) == {each for badges in structure.attached.values() for each in badges}
        assert {line.key[0] for line in self.scene.lines.all() if line.is_link} == set(structure.joined)
        for guid, node in self.scene.nodes.items():
            layout = described.resources[guid].layout
            if layout is not None and layout.x is not None:
                assert (node.x(), node.y()) == pytest.approx((layout.x, layout.y))  # as exactly as Qt compares them
            assert node.look.is_selected == (guid in self.selection)
        assert len(self.scene.notes) == len(described.canvas.notes)
        assert self.selection.keys <= {*described.resources, *range(-len(described.canvas.notes), 0)}

    @invariant()
    def nothing_names_what_is_not_there(self):
        if not hasattr(self, "document"):
            return
        found, changes = self.document.description.resources, self.document.description.changes
        assert all(guid in found[other].connections for guid, each in found.items() for other in each.connections)
        assert all(guid == each.guid for guid, each in found.items())
        assert all(condition.group for each in found.values() for condition in each.conditions)
        assert all(found.keys() >= set(waits.group) for each in found.values() for waits in each.conditions)
        assert all(found.keys() >= {*change.group, *change.guids} for change in changes)


TestEditing = pytest.mark.usefixtures("qapp")(Editing.TestCase)
TestEditing.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
