"""The registry of resource types."""

from __future__ import annotations

import pytest

from nepi_core.errors import NepiError, UnknownTypeError
from nepi_core.factory import ResourceFactory, populate_factory
from nepi_core.resource import ResourceManager
from tests.nepi_core.resource_types import ALL, Scripted


def test_registered_types_are_known(types):
    assert {each.get_rtype() for each in ALL} <= set(ResourceFactory.resource_types())
    assert ResourceFactory.get_resource_type("test::Scripted") is Scripted
    assert ResourceFactory.find("test::Scripted") is Scripted
    assert ResourceFactory.resource_types() == sorted(ResourceFactory.resource_types())


def test_own_types_are_found_on_first_use():
    populate_factory()
    assert ResourceFactory.get_resource_type("linux::Node").get_backend() == "linux"


def test_unknown_type_and_the_nearest(types):
    assert ResourceFactory.find("test::Nothing at all") is None
    with pytest.raises(
        UnknownTypeError, match=r"There is no resource type 'test::Scriptd'\. Did you mean 'test::Scripted'\?"
    ):
        ResourceFactory.get_resource_type("test::Scriptd")


def test_twice_is_harmless_but_another_class_is_refused(types):
    class Other(ResourceManager, rtype="test::Scripted"):
        pass

    ResourceFactory.register_type(Scripted)
    with pytest.raises(NepiError, match=r"test::Scripted is provided twice: by .*\.Scripted and by .*\.Other"):
        ResourceFactory.register_type(Other)
    assert ResourceFactory.find("test::Scripted") is Scripted


@pytest.mark.parametrize("thing", [int, "test::Scripted", None, object()])
def test_what_is_no_resource_type(thing):
    with pytest.raises(NepiError, match="is no resource type"):
        ResourceFactory.register_type(thing)


def test_unregistered_type_is_forgotten(types):
    ResourceFactory.unregister_type("test::Scripted")
    ResourceFactory.unregister_type("test::Scripted")
    assert ResourceFactory.find("test::Scripted") is None


def test_create_makes_the_manager_of_a_described_resource(ec):
    guid = ec.register_resource("test::Scripted")
    again = ResourceFactory.create("test::Scripted", ec, guid)
    assert isinstance(again, Scripted)
    assert again.data is ec.description.resources[guid]
