"""Random editing: what undo and redo bring back is what was there, what is shown is what the document has."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from PySide6.QtWidgets import QApplication

from nepi_core.description import CanvasNote
from nepi_core.errors import NepiError
from nepi_core.structure import Structure
from nepi_core.xml_format import read_xml, write_xml
from nepi_gui.appearance import Appearance
from nepi_gui.canvas.scene import CanvasScene
from nepi_gui.canvas.selection import Selection
from nepi_gui.document import resources
from nepi_gui.document.document import Document

TYPES = ("netns::Node", "netns::Switch", "netns::Link", "netns::Interface", "linux::Ping", "linux::Node", "no::Such")
PLACES = st.tuples(st.integers(-500, 500), st.integers(-500, 500))
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=8)


class Editing(RuleBasedStateMachine):
    """A document that is edited at random; it remembers what it looked like after each step."""

    @initialize()
    def begin(self) -> None:
        QApplication.instance() or QApplication([])
        self.document = Document()
        self.selection = Selection(self.document)
        self.scene = CanvasScene(self.document, self.selection, Appearance("light"))
        self.moments = {0: self.document.freeze()}

    def _pick(self, data: st.DataObject, most: int = 1) -> list[int]:
        guids = sorted(self.document.description.resources)
        return data.draw(st.lists(st.sampled_from(guids), min_size=1, max_size=most, unique=True)) if guids else []

    def _done(self) -> None:
        done = self.document.history.done
        self.moments = {number: each for number, each in self.moments.items() if number < done}
        self.moments[done] = self.document.freeze()

    # -- steps -----------------------------------------------------------------------------------------

    @rule(rtype=st.sampled_from(TYPES), place=PLACES)
    def add(self, rtype, place):
        resources.add_resource(self.document, rtype, place)
        self._done()

    @rule(data=st.data(), rtype=st.sampled_from(("netns::Link", "direct")))
    def join(self, data, rtype):
        ends = self._pick(data, 2)
        if len(ends) < 2:
            return
        before = self.document.freeze()
        try:
            if rtype == "direct":
                resources.connect(self.document, ends[0], ends[1])
            else:
                resources.add_link(self.document, rtype, ends[0], ends[1])
        except NepiError:
            assert self.document.description == before
        self._done()

    @rule(data=st.data())
    def disconnect(self, data):
        ends = self._pick(data, 2)
        if len(ends) == 2:
            resources.disconnect(self.document, ends[0], ends[1])
            self._done()

    @rule(data=st.data())
    def remove(self, data):
        resources.remove(self.document, self._pick(data, 3))
        self._done()

    @rule(data=st.data(), place=PLACES, merge=st.sampled_from((None, "drag")))
    def move(self, data, place, merge):
        resources.move(self.document, dict.fromkeys(self._pick(data, 3), place), merge)
        self._done()

    @rule(data=st.data(), text=TEXTS, what=st.sampled_from((resources.rename, resources.set_note)))
    def name(self, data, text, what):
        for guid in self._pick(data):
            what(self.document, guid, text)
            self._done()

    @rule(data=st.data(), colour=st.sampled_from(("", "#ff0000", "#00ff00")))
    def colour(self, data, colour):
        resources.set_colour(self.document, self._pick(data, 3), colour)
        self._done()

    @rule(place=PLACES, text=TEXTS)
    def note(self, place, text):
        with self.document.edit("Note") as edit:
            edit.notes().append(CanvasNote("note", place[0], place[1], 100.0, 50.0, text))
        self._done()

    @rule(exp_id=st.sampled_from(("a", "b")))
    def rename_experiment(self, exp_id):
        with self.document.edit("Experiment") as edit:
            edit.set_part("exp_id", exp_id)
        self._done()

    @rule(data=st.data())
    def fail(self, data):
        before = self.document.freeze()
        try:
            with self.document.edit("Fail") as edit:
                edit.remove(self._pick(data, 2))
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
        assert saved.resources == self.document.description.resources
        assert saved.canvas.notes == self.document.description.canvas.notes
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
                assert (node.x(), node.y()) == (layout.x, layout.y)
            assert node.look.is_selected == (guid in self.selection)
        assert len(self.scene.notes) == len(described.canvas.notes)
        assert self.selection.keys <= {*described.resources, *range(-len(described.canvas.notes), 0)}

    @invariant()
    def connections_stand_on_both_sides(self):
        if not hasattr(self, "document"):
            return
        found = self.document.description.resources
        assert all(guid in found[other].connections for guid, each in found.items() for other in each.connections)


TestEditing = Editing.TestCase
TestEditing.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
