"""Attributes: types, ranges, allowed values, conversion of texts, and messages that are complete in themselves."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.errors import AttributeValueError

TAKEN = [
    (Types.String, "text", "text"),
    (Types.String, "", ""),
    (Types.String, 5, "5"),
    (Types.String, True, "True"),
    (Types.String, 1.5, "1.5"),
    (Types.Bool, True, True),
    (Types.Bool, 1, True),
    (Types.Bool, " Yes ", True),
    (Types.Bool, "off", False),
    (Types.Bool, "FALSE", False),
    (Types.Integer, 5, 5),
    (Types.Integer, "5", 5),
    (Types.Integer, " -5 ", -5),
    (Types.Integer, 5.0, 5),
    (Types.Double, 5, 5.0),
    (Types.Double, "1e-3", 0.001),
    (Types.Double, -0.5, -0.5),
]

NOT_TAKEN: dict[Types, list[object]] = {
    Types.String: [None, b"x", [], {}, object()],
    Types.Bool: [2, "maybe", "", 1.0, [], "2"],
    Types.Integer: ["5.5", 5.5, True, "five", "", [], math.inf, math.nan, "0x10", "9" * 5000],
    Types.Double: ["", "fast", True, [], "nan", "inf", math.inf, math.nan, 10**400],
}


@pytest.mark.parametrize(("kind", "value", "kept"), TAKEN)
def test_value_is_kept_in_the_type(kind, value, kept):
    found = Attribute("a", type=kind).check(value)
    assert (found, type(found)) == (kept, type(kept))


@pytest.mark.parametrize(
    ("kind", "value"),
    [(kind, value) for kind, values in NOT_TAKEN.items() for value in values],
    ids=lambda each: repr(each)[:20],
)
def test_value_of_another_type_is_refused(kind, value):
    with pytest.raises(AttributeValueError, match="attribute 'a' cannot be"):
        Attribute("a", type=kind).check(value)


@pytest.mark.parametrize("value", [0, 10, 5, "0", 10.0])
def test_range_includes_its_ends(value):
    assert Attribute("a", type=Types.Integer, range=(0, 10)).check(value) == int(value)


@pytest.mark.parametrize("value", [-1, 11, "11", 10**20])
def test_out_of_range(value):
    with pytest.raises(AttributeValueError, match=r"it takes a whole number from 0 to 10 in s\.$"):
        Attribute("a", type=Types.Integer, range=(0, 10), unit="s").check(value)


def test_allowed_values_by_value_or_by_text():
    attribute = Attribute("a", allowed=("tcp", 6, True))
    assert attribute.type is Types.Enumerate
    assert [attribute.check(value) for value in ("tcp", 6, "6", True, "True")] == ["tcp", 6, 6, True, True]


def test_allowed_values_of_another_type():
    attribute = Attribute("a", type=Types.Integer, allowed=(1, 2))
    assert attribute.check("2") == 2
    with pytest.raises(AttributeValueError, match="one of 1, 2"):
        attribute.check(3)


def test_message_names_resource_attribute_value_what_is_allowed_and_the_nearest():
    with pytest.raises(AttributeValueError) as caught:
        Attribute("protocol", allowed=("tcp", "udp", "sctp")).check("sctpp", "linux::Iperf3Client 7")
    assert str(caught.value) == (
        "linux::Iperf3Client 7: attribute 'protocol' cannot be 'sctpp'; it takes one of tcp, udp, sctp. "
        "Did you mean 'sctp'?"
    )


def test_message_of_a_huge_value_is_short():
    with pytest.raises(AttributeValueError) as caught:
        Attribute("a", type=Types.Integer).check("x" * 100_000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("kind", Types)
@pytest.mark.parametrize("value", [10**5000, [10**5000]], ids=["number", "list"])
def test_message_of_a_number_too_long_to_be_written(value, kind):
    with pytest.raises(AttributeValueError, match="attribute 'a' cannot be"):
        Attribute("a", type=kind, range=(0, 1)).check(value)


@pytest.mark.parametrize(
    ("default", "kind"),
    [(True, Types.Bool), (1, Types.Integer), (1.0, Types.Double), ("", Types.String), (None, Types.String)],
)
def test_type_comes_from_the_default(default, kind):
    assert Attribute("a", default=default).type is kind


def test_wrong_default_is_refused_where_it_is_declared():
    with pytest.raises(AttributeValueError):
        Attribute("a", default=11, range=(0, 10))


def test_types_of_nepi_are_taken_by_their_names():
    attribute = Attribute("a", "help", Types("INTEGER"), 4, 5)
    assert (attribute.type, attribute.flags, attribute.default) == (Types.Integer, Flags.Design, 5)


def test_flags():
    attribute = Attribute("a", flags=Flags.Design | Flags.NoRead)
    assert attribute.has_flag(Flags.Design)
    assert attribute.has_flag(1)
    assert not attribute.has_flag(Flags.Global)
    assert not Attribute("a").has_flag(Flags.Design)


@pytest.mark.parametrize(
    ("attribute", "words"),
    [
        (Attribute(type=Types.Bool), "True or False"),
        (Attribute(type=Types.String), "a text"),
        (Attribute(type=Types.Double, unit="s"), "a number in s"),
        (Attribute(type=Types.Integer, range=(1, 65535)), "a whole number from 1 to 65,535"),
        (Attribute(type=Types.Integer, range=(0, 1e9)), "a whole number from 0 to 1,000,000,000"),
        (Attribute(type=Types.Integer, range=(1, 2**63)), "a whole number from 1 to 9,223,372,036,854,775,808"),
        (Attribute(type=Types.Double, range=(-0.002, 5e20)), "a number from -0.002 to 5e+20"),
        (Attribute(type=Types.Double, range=(0.1, math.inf), unit="s"), "a number from 0.1 up in s"),
        (Attribute(type=Types.Double, range=(-math.inf, 3600)), "a number up to 3,600"),
        (Attribute(type=Types.Double, range=(-math.inf, math.inf)), "a number"),
    ],
)
def test_expectation_in_words(attribute, words):
    assert attribute.expectation() == words


values = st.one_of(st.text(max_size=8), st.booleans(), st.integers(), st.floats(), st.none())


@given(st.sampled_from([each for each in Types if each is not Types.Enumerate]), values)
def test_checked_value_is_kept_as_it_is_and_as_its_text(kind, value):
    attribute = Attribute("a", type=kind)
    try:
        kept = attribute.check(value)
    except AttributeValueError:
        return
    again, from_text = attribute.check(kept), attribute.check(str(kept))
    assert (again, type(again)) == (kept, type(kept))
    assert (from_text, type(from_text)) == (kept, type(kept))


@pytest.mark.parametrize("wrong", [(5,), (None, 5), ("a", "b"), (3, 1), [1, 2], 7])
def test_a_range_that_is_none_is_refused_where_it_is_declared(wrong):
    with pytest.raises(TypeError, match=r"'a': a range is \(smallest, largest\)"):
        Attribute("a", type=Types.Integer, range=wrong)


def test_a_unit_that_is_no_text_is_refused():
    with pytest.raises(TypeError, match="a unit is a text, not 7"):
        Attribute("a", type=Types.Integer, unit=7)  # type: ignore[arg-type]  # what is tested
