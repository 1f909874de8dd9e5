"""Output of programs as text: the same in pieces as at once, and nothing in it that acts on who shows it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_gui.plain_text import BREAK, LONGEST_LINE, PlainText, plain_text

_bits = st.sampled_from(
    [b"\x1b[31m", b"\x1b[0m", b"\x1b]0;title\x07", b"\x1b]8;;http://x\x1b\\", b"\x1b", b"\r", b"\n", b"\r\n"]
)
_pieces = st.lists(st.one_of(st.binary(max_size=20), _bits, st.text(max_size=9).map(str.encode)), max_size=20)


@given(_pieces)
def test_in_pieces_it_is_the_same_as_at_once(pieces: list[bytes]) -> None:
    plain = PlainText()
    told = [plain.take(piece) for piece in pieces]
    told.append(plain.take(b"", is_end=True))
    assert "".join(told) == plain_text(b"".join(pieces))


@given(st.integers(0, 3 * LONGEST_LINE), st.integers(1, 5_000))
def test_long_lines_are_broken_wherever_the_pieces_end(length: int, size: int) -> None:
    data = b"x" * length + b"\nend"
    plain = PlainText()
    text = "".join(plain.take(data[place : place + size]) for place in range(0, len(data), size))
    assert text.replace(BREAK, "") == data.decode()
    assert max(map(len, text.split("\n"))) <= LONGEST_LINE + 1


@given(st.binary(max_size=300))
def test_nothing_in_it_acts(data: bytes) -> None:
    kinds = {unicodedata.category(each) for each in plain_text(data) if each not in "\n\t"}
    assert "Cc" not in kinds


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\x1b[1;31mred\x1b[0m and \x1b[38;5;12mblue\x1b[m", "red and blue"),
        (b"\x1b]0;a title\x07text", "text"),
        (b"one\rtwo\r\nthree", "one\ntwo\nthree"),
        (b"nothing\0bell\x07", "nothing␀bell␇"),
        (b"Gr\xc3\xbc\xc3\x9fe \xff", "Grüße �"),
        ("harmless \u202etxt.exe".encode(), "harmless �txt.exe"),
        (b"tab\there", "tab\there"),
    ],
)
def test_what_becomes_of_what(data: bytes, text: str) -> None:
    assert plain_text(data) == text
