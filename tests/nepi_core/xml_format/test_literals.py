"""Python literals: what Python itself reads, we read alike, and nothing else is ever run."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_core.xml_format.literals import MAX_DEPTH, format_literal, parse_literal
from tests.nepi_core import strategies
from tests.nepi_core.strategies import exact

RIGHT = [
    *(
        "[]",
        "()",
        "{}",
        "[1]",
        "(1)",
        "(1,)",
        "(1, 2)",
        "{1}",
        "{1: 2}",
        "{1: [2, {3: (4,)}],}",
        " [ 1 , 2 , ] ",
        "-3",
        "+3",
    ),
    *(
        "1.5",
        "-.5",
        "1.",
        "1e3",
        "-1.5E-3",
        "True",
        "[None, False]",
        "'a'",
        '"a"',
        "'it\\'s'",
        r"'\x41\u00e9\U0001f600\n\t\\'",
    ),
]
WRONG = [
    *(
        "",
        " ",
        "[",
        "]",
        "[1",
        "[1 2]",
        "[,]",
        "[1,,2]",
        "(,)",
        "{1: }",
        "{1: 2, 3}",
        "{1, 2: 3}",
        "{: 1}",
        "1 2",
        "[1] [2]",
    ),
    *(
        "a",
        "Truely",
        "exit()",
        "[exit()]",
        "1 + 1",
        "1j",
        "--1",
        "0x10",
        "'a",
        "'a' 'b'",
        "b'a'",
        "f'{1}'",
        r"'\q'",
        "...",
        "set",
    ),
    *(
        "set(",
        "set(3)",
        "set([[1]])",
        "set({1: 2})",
        "{[1]: 2}",
        "{{}}",
        "lambda: 0",
        "x.y",
        "[x for x in ()]",
        "'\\U00110000'",
    ),
    "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
]


@pytest.mark.parametrize("text", RIGHT)
def test_reads_as_python_does(text):
    assert exact(parse_literal(text)) == exact(ast.literal_eval(text.strip()))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("set([3, 4])", {3, 4}),
        ("set()", set()),
        ("frozenset({3})", {3}),
        ("u'old'", "old"),
        ("[12L]", [12]),
        ("[inf, -inf]", [float("inf"), float("-inf")]),
        ("[nan]", [float("nan")]),
    ],
)
def test_reads_what_python_wrote_once(text, value):
    assert exact(parse_literal(text)) == exact(value)


@pytest.mark.parametrize("text", WRONG)
def test_refuses(text):
    with pytest.raises(ValueError, match=r"."):
        parse_literal(text)


@given(strategies.literals)
def test_round_trip(value):
    assert exact(parse_literal(format_literal(value))) == exact(value)


@given(st.text(alphabet="[](){},:'\"\\1a -.esut"))
def test_any_text_is_a_value_or_wrong(text):
    try:
        value = parse_literal(text)
    except ValueError:
        return
    assert exact(parse_literal(format_literal(value))) == exact(value)


def test_what_cannot_be_written():
    deep: list = []
    for _ in range(MAX_DEPTH):
        deep = [deep]
    with pytest.raises(ValueError, match="nested more than 20 deep"):
        format_literal(deep)
    with pytest.raises(ValueError, match="a complex cannot be written"):
        format_literal([1j])


def test_as_deep_as_allowed():
    deep: object = {1}
    for _ in range(MAX_DEPTH - 1):
        deep = [deep]
    assert parse_literal(format_literal(deep)) == deep
