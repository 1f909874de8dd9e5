"""Plug-ins whose own code raises: the window goes on, and says so."""

from __future__ import annotations

from typing import ClassVar

import pytest

from nepi_core.backend import Backend
from nepi_core.description import ExperimentDescription, ResourceDescription
from nepi_core.factory import ResourceFactory
from nepi_core.loading import Severity, validate
from nepi_core.resource import ResourceManager
from nepi_gui.document import topologies
from nepi_gui.document.document import Document
from nepi_gui.document.joints import Joints
from nepi_gui.document.live_schedule import LiveSchedule
from nepi_gui.document.python_script import to_python


class Rude(ResourceManager, rtype="rude::Rude"):
    """Raises in the methods that are named."""

    raises: ClassVar[set[str]] = set()

    def do_connect(self, guid: int) -> None:
        self._perhaps_raise("do_connect")

    def do_disconnect(self, guid: int) -> None:
        self._perhaps_raise("do_disconnect")

    def connection_refusal(self, guid: int) -> str:
        self._perhaps_raise("connection_refusal")
        return ""

    def deployment_refusal(self) -> str:
        self._perhaps_raise("deployment_refusal")
        return ""

    def ends_by_itself(self) -> bool:
        self._perhaps_raise("ends_by_itself")
        return False

    def _perhaps_raise(self, name: str) -> None:
        if name in self.raises:
            raise LookupError(name)


class RudeBackend(Backend, name="rude"):
    """Raises when it is to build a network."""

    def add_topology(self, *_: object, **options: object) -> None:
        raise LookupError("topology")


METHODS = ("do_connect", "do_disconnect", "connection_refusal", "deployment_refusal", "ends_by_itself")


@pytest.fixture(params=METHODS)
def rude(request, monkeypatch):
    monkeypatch.setattr(Rude, "raises", {request.param})
    ResourceFactory.register_type(Rude)
    yield request.param
    ResourceFactory.unregister_type("rude::Rude")


@pytest.fixture
def description():
    made = ExperimentDescription(resources={guid: ResourceDescription(guid, "rude::Rude") for guid in (1, 2, 3)})
    made.connect(1, 2)
    return made


def test_what_may_be_joined_is_still_told(rude, description):
    joint = Joints(description).between(1, 3)
    assert ("LookupError" in joint.refusal) == (rude == "connection_refusal")


def test_the_schedule_is_still_made(rude, description, qtbot):
    document = Document(description)
    schedule = LiveSchedule(document, document)
    with qtbot.waitSignal(schedule.changed):
        schedule.look("test", True)
    assert schedule.is_current
    assert schedule.now.plans.keys() == {1, 2, 3}
    schedule.close()


@pytest.mark.parametrize("rude", ["do_connect", "connection_refusal"], indirect=True)
def test_a_connection_that_its_type_fails_at_is_a_finding(rude, description):
    found = [each for each in validate(description) if each.severity is Severity.ERROR]
    assert [each.guid for each in found] == [1]
    assert f"rude::Rude 1: an error of the plug-in, LookupError: {rude}" in found[0].message


def test_the_script_is_still_written(rude, description):
    assert "rude::Rude" in to_python(description)


def test_a_backend_that_cannot_build_hides_no_other(toy, monkeypatch):
    backends = {"rude": RudeBackend(), **ResourceFactory._backends}
    monkeypatch.setattr(ResourceFactory, "_backends", backends)
    assert topologies.node_types()[0] == "toy::Station"
