"""Resources with an attribute of every kind, and their form as a user has it, for tests of the attributes panel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.factory import ResourceFactory
from nepi_core.resource import ResourceManager
from nepi_core.trace import Trace
from nepi_gui.document import resources


class Gadget(ResourceManager, rtype="test::Gadget"):
    """Has an attribute of every kind."""

    text = Attribute(help="Some words", default="usual")
    must = Attribute(help="Cannot do without", required=True)
    number = Attribute(help="How many", default=5, range=(0, 10), flags=Flags.Design)
    delay = Attribute(help="How long", type=Types.Double, range=(0, 60000), unit="ms")
    mode = Attribute(help="How", default="fast", allowed=("fast", "slow"))
    way = Attribute(help="Which way", allowed=("up", "down"))
    on = Attribute(help="Whether", default=False)
    maybe = Attribute(help="Whether, or not said", type=Types.Bool)
    password = Attribute(help="A secret", flags=Flags.Credential)
    shared = Attribute(help="The same for all", default=1, flags=Flags.Global)

    numbers = Trace(help="What it counts", enabled=True)


class Gizmo(Gadget, rtype="test::Gizmo"):
    """Has an attribute of its own."""

    own = Attribute(help="Its own")


class Wide(Gadget, rtype="test::Wide"):
    """Takes any number."""

    number = Attribute(help="How many", default=5)


class Form:
    """The panel, as a user has it."""

    def __init__(self, window, qtbot):
        self.window, self.qtbot = window, qtbot
        self.panel = window.docks["attributes"].widget()
        self.document = window.editor.document
        window.show_panel("attributes")
        self.select(1)

    def select(self, *keys):
        self.window.editor.selection.set(keys)
        self.panel.refresh()

    def row(self, name):
        return self.panel.resources.form.row(name)

    def field(self, name):
        assert self.panel.focus_attribute(name)
        return self.row(name).field

    def type(self, name, text, end=Qt.Key.Key_Return):
        field = self.field(name)
        field.selectAll()
        self.qtbot.keyClicks(field, text)
        if end:
            self.qtbot.keyClick(field, end)
        return field

    def values(self, guid=1):
        return self.document.description.resources[guid].attributes

    @property
    def steps(self):
        return self.document.history.texts()


@pytest.fixture
def gadget(application) -> Iterator[str]:
    for each in (Gadget, Gizmo, Wide):
        ResourceFactory.register_type(each)
    yield "test::Gadget"
    for each in (Gadget, Gizmo, Wide):
        ResourceFactory.unregister_type(each.get_rtype())


@pytest.fixture
def form(gadget, window, qtbot) -> Form:
    """Show the form of a gadget (1); there are another one (2) and a gizmo (3)."""
    for rtype in ("test::Gadget", "test::Gadget", "test::Gizmo"):
        resources.add_resource(window.editor.document, rtype)
    window.editor.document.history.clear()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return Form(window, qtbot)
