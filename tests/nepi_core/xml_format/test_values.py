"""Typed values: annotations are Python literals, which are read and never run, and groups are lists of guids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_core.xml_format.values import format_annotation, parse_annotation, parse_guids
from tests.nepi_core import strategies
from tests.nepi_core.strategies import exact


@given(strategies.annotation_names, strategies.literals | strategies.values)
def test_annotations_survive(name, value):
    assert exact(parse_annotation(name, *format_annotation(name, value))) == exact(value)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("ips", "[]", []),
        ("ips", "['10.0.0.1', u'fd00::1']", ["10.0.0.1", "fd00::1"]),
        ("net", "{0: '10.0.0.1', 'a': '10.0.0.2', 'prefix': 30}", {0: "10.0.0.1", "a": "10.0.0.2", "prefix": 30}),
        ("note", "['a']", "['a']"),
    ],
)
def test_annotations_of_nepi(name, text, value):
    assert exact(parse_annotation(name, "string", text, None)) == exact(value)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "[", "]", "[1", "[1 2]", "[,]", "{1: }", "{1: 2, 3}", "{[1]: 2}", "{{}}", "'a", "\0"),
        *("a", "exit()", "[exit()]", "1 + 1", "x.y", "lambda: 0", "[x for x in ()]", "f'{exit()}'", "__import__('os')"),
        *("[" * 500_000, "-" * 500_000, "(" * 500_000, "{1:" * 300_000, "not " * 200_000, "1+" * 50_000 + "1"),
        f"[{' ' * 1_000_000}]",
    ],
    ids=lambda text: text[:20],
)
def test_what_is_no_literal(text):
    with pytest.raises(ValueError, match="is no Python literal"):
        parse_annotation("ips", "string", text, "True")


@given(st.text(alphabet="[](){},:'\"\\1a -.esut"))
def test_any_text_is_a_list_or_wrong(text):
    try:
        value = parse_annotation("ips", "string", text, None)
    except ValueError:
        return
    assert isinstance(value, list)


@pytest.mark.parametrize("value", [object(), [1j], [float("nan")], {1: float("inf")}, [object], {"a": [b""]}])
def test_what_cannot_be_written(value):
    with pytest.raises(ValueError, match="cannot be written"):
        format_annotation("ips", value)


@pytest.mark.parametrize("text", ["[3, 4]", "[4,3]", "{3, 4}", "set([3, 4])", "[3, 4, 3]"])
def test_groups(text):
    assert parse_guids(text) == (3, 4)


@pytest.mark.parametrize(
    "text", ["", "[]", "set([])", "[3", "[3}", "set([3]", "[3,,4]", "['3']", "[-3]", "[3.0]", "3 4"]
)
def test_what_is_no_group(text):
    with pytest.raises(ValueError, match=r"is no list of guids such as '\[3, 4\]'"):
        parse_guids(text)
