"""What resources of an experiment share: made once, closed after the resources were released."""

from __future__ import annotations

import pytest

from nepi_core import ExperimentController, ResourceManager
from nepi_core.attribute import Attribute
from nepi_core.errors import AttributeValueError, NepiError
from nepi_core.factory import ResourceFactory


class Line:
    """Something that is closed."""

    def __init__(self, log: list[str], name: str = "line") -> None:
        self._log = log
        self._name = name

    def close(self) -> None:
        self._log.append(self._name)


class Wire(Line):
    """Something else."""


def test_there_is_one_of_a_kind() -> None:
    log: list[str] = []
    with ExperimentController("shared", persist=False) as ec:
        first = ec.shared(Line, lambda: Line(log))
        assert ec.shared(Line, lambda: Line(log)) is first
        assert ec.shared(Wire, lambda: Wire(log)) is not first
        assert log == []
    assert log == ["line", "line"]


def test_those_made_last_are_closed_first() -> None:
    log: list[str] = []
    with ExperimentController("shared", persist=False) as ec:
        ec.shared(Line, lambda: Line(log, "first"))
        ec.shared(Wire, lambda: Wire(log, "second"))
    assert log == ["second", "first"]


def test_nothing_is_shared_after_the_shutdown() -> None:
    with ExperimentController("shared", persist=False) as ec:
        pass
    with pytest.raises(NepiError, match="shut down"):
        ec.shared(Line, lambda: Line([]))


class Dial(ResourceManager, rtype="test::Dial"):
    """Refuses 3 when it is set."""

    position = Attribute(help="Where it stands", default=0, range=(0, 9))

    def do_set(self, name: str) -> None:
        if self.get(name) == 3:
            raise AttributeValueError("it jams at 3")


@pytest.fixture
def dial():
    ResourceFactory.register_type(Dial)
    yield "test::Dial"
    ResourceFactory.unregister_type("test::Dial")


def test_a_value_that_cannot_be_carried_out_is_taken_back(dial) -> None:
    with ExperimentController("shared", persist=False) as ec:
        guid = ec.register_resource(dial)
        ec.set(guid, "position", 2)
        with pytest.raises(AttributeValueError, match="jams"):
            ec.set(guid, "position", 3)
        assert ec.get(guid, "position") == 2
        ec.set(guid, "position", None)
        with pytest.raises(AttributeValueError, match="jams"):
            ec.set(guid, "position", 3)
        assert ec.get(guid, "position") == 0
        assert "position" not in ec.description.resources[guid].attributes
