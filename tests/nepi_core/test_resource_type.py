"""What a type declares about itself, in our way and in NEPI's."""

from __future__ import annotations

import pytest

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.errors import AttributeValueError, UnknownAttributeError, UnknownTraceError
from nepi_core.resource import ResourceManager
from nepi_core.resource_type import Drawn, clsinit, clsinit_copy
from nepi_core.trace import Trace
from tests.nepi_core.resource_types import Guest, Old, Scripted

EVERY = ["critical", "hardRelease"]


def names(rclass: type[ResourceManager]) -> list[str]:
    return [each.name for each in rclass.get_attributes()]


def test_declared_in_the_class_body():
    assert names(Scripted) == [*EVERY, "speed", "size", "secret", "result", "shared"]
    assert [each.name for each in Scripted.get_traces()] == ["output", "noise"]
    assert Scripted.get_rtype() == "test::Scripted"
    assert Scripted.get_backend() == "test"
    assert Scripted.get_help() == 'Does what a test wants: ``script["start"]`` is called by `do_start`, and so on.'


def test_inherited():
    assert names(Guest) == names(Scripted)
    assert Guest.get_attribute("speed") is Scripted.get_attribute("speed")


def test_a_type_that_overrides_an_attribute_leaves_its_base_alone():
    class Faster(Scripted, rtype="test::Faster", drawn=Drawn.BADGE, icon="hare"):
        speed = Attribute(help="More", default=5.0)
        extra = Attribute(default="x", required=True)

    assert Faster.get_attribute("speed").default == 5.0
    assert Scripted.get_attribute("speed").default == 1.0
    assert "extra" not in names(Scripted)
    assert Faster._required == ("extra",)
    assert (Faster.drawn, Faster.icon, Scripted.drawn) == (Drawn.BADGE, "hare", Drawn.NODE)


def test_several_bases():
    class Left(ResourceManager, rtype="test::Left"):
        left = Attribute(default=1)
        both = Attribute(default="left")

    class Right(ResourceManager, rtype="test::Right"):
        right = Attribute(default=2)
        both = Attribute(default="right")

    class Child(Left, Right, rtype="test::Child"):
        pass

    assert set(names(Child)) == {*EVERY, "left", "right", "both"}
    assert Child.get_attribute("both").default == "left"


def test_nepis_way():
    assert names(Old) == [*EVERY, "port"]
    assert [each.name for each in Old.get_traces()] == ["log"]
    assert (Old.get_rtype(), Old.get_help(), Old.get_backend()) == ("test::Old", "An old one", "nepi")


def test_clsinit_begins_anew_but_every_resource_is_critical_and_can_be_released_hard():
    @clsinit
    class Bare(Scripted):
        _rtype = "test::Bare"

        @classmethod
        def _register_attributes(cls):
            cls._register_attribute(Attribute("own", type=Types.Double))

    assert names(Bare) == [*EVERY, "own"]
    assert Bare.get_traces() == []


def test_clsinit_copy_begins_with_what_the_bases_have_and_can_drop_some_of_it():
    @clsinit_copy
    class Less(Scripted):
        _rtype = "test::Less"

        @classmethod
        def _register_attributes(cls):
            cls._remove_attribute("speed")

        @classmethod
        def _register_traces(cls):
            cls._remove_trace("noise")
            cls._register_trace(Trace("more", "More of it", True))

    assert "speed" not in names(Less)
    assert [each.name for each in Less.get_traces()] == ["output", "more"]
    assert "speed" in names(Scripted)


@pytest.mark.parametrize("name", ["sped", "", None, 5, []])
def test_unknown_attribute(name):
    with pytest.raises(UnknownAttributeError, match="Resource type test::Scripted has no attribute"):
        Scripted.get_attribute(name)


def test_nearest_names():
    with pytest.raises(UnknownAttributeError, match=r"Did you mean 'speed'\?"):
        Scripted.get_attribute("sped")
    with pytest.raises(UnknownTraceError, match=r"has no trace 'outputt'. Did you mean 'output'\?"):
        Scripted.get_trace("outputt")


def test_class_wide_value_is_for_all_experiments_and_not_for_other_types(types):
    Scripted.set_global("shared", "b")
    assert Scripted.get_global("shared") == "b"
    assert Guest.get_global("shared") == "a"
    Scripted.set_global("shared", None)
    assert Scripted.get_global("shared") == "a"


def test_class_wide_value_is_checked(types):
    with pytest.raises(AttributeValueError, match="cannot be 'c'"):
        Scripted.set_global("shared", "c")
    with pytest.raises(AttributeValueError, match="attribute 'speed' is not class-wide"):
        Scripted.set_global("speed", 2)
    with pytest.raises(UnknownAttributeError):
        Scripted.get_global("nothing")


def test_attribute_is_read_and_set_as_a_variable_of_the_resource(ec):
    resource = ec.get_resource(ec.register_resource("test::Scripted"))
    resource.speed = "2.5"
    assert resource.speed == ec.get(resource.guid, "speed") == 2.5
    assert isinstance(Scripted.speed, Attribute)
    assert Scripted.size.has_flag(Flags.Design)


def test_how_it_is_drawn_is_one_of_three():
    with pytest.raises(TypeError, match="'circle'; it is one of node, edge, badge"):
        type("Round", (ResourceManager,), {"_rtype": "test::Round", "drawn": "circle"})
