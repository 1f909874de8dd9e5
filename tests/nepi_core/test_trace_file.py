"""Reading the file of a trace, whole or in parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_core.trace import TraceAttr
from nepi_core.trace_file import read_trace


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "1.stdout"
    path.write_bytes("one\ntwo é\n".encode())
    return path


@pytest.mark.parametrize(
    ("attr", "block", "offset", "expected"),
    [
        (TraceAttr.ALL, 512, 0, "one\ntwo é\n"),
        (TraceAttr.SIZE, 512, 0, 11),
        (TraceAttr.STREAM, 4, 0, "one\n"),
        (TraceAttr.STREAM, 4, 1, "two "),
        (TraceAttr.STREAM, 4, 2, "é\n"),
        (TraceAttr.STREAM, 4, 9, ""),
    ],
)
def test_questions(path, attr, block, offset, expected):
    assert read_trace(path, attr, block, offset) == expected


def test_path(path):
    assert read_trace(path, TraceAttr.PATH, 512, 0) == str(path)


def test_bytes_that_are_no_text_become_replacement_characters(path):
    path.write_bytes(b"ok\xff\x00")
    assert read_trace(path, TraceAttr.ALL, 512, 0) == "ok\ufffd\x00"


@given(st.text(st.characters(max_codepoint=126), max_size=40), st.integers(1, 9))
def test_blocks_one_after_the_other_are_the_whole(tmp_path_factory, text, block):
    path = tmp_path_factory.mktemp("trace") / "t"
    path.write_bytes(text.encode())
    parts = [read_trace(path, TraceAttr.STREAM, block, offset) for offset in range(len(text) // block + 1)]
    assert "".join(parts) == read_trace(path, TraceAttr.ALL, block, 0)
