"""A window on a file: what it holds is the text of its bytes, wherever it is moved, and it never holds much."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nepi_gui import file_window
from nepi_gui.file_window import FileWindow, find_line
from nepi_gui.plain_text import plain_text

_small = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have pieces so small that short files have many."""
    for name, size in {"_PIECE": 40, "_PIECE_LINES": 3, "_SEARCHED": 50, "MOST_BYTES": 150, "MOST_LINES": 12}.items():
        monkeypatch.setattr(file_window, name, size)


@given(st.lists(st.text("abc ü", max_size=12), max_size=60), st.lists(st.booleans(), max_size=30))
@_small
def test_window_holds_the_text_of_its_bytes(small: None, tmp_path: Path, lines: list[str], ways: list[bool]) -> None:
    path = tmp_path / "file"
    data = "\n".join(lines).encode()
    path.write_bytes(data)
    window = FileWindow(path)
    text = window.show_end()
    assert window.end == len(data)
    for is_back in ways:
        if is_back:
            text = window.before() + text
            while window.is_too_long:
                window.drop_last()
                text = plain_text(data[window.begin : window.end])
        else:
            text += window.after()
            while window.is_too_long:
                window.drop_first()
                text = plain_text(data[window.begin : window.end])
        assert text == plain_text(data[window.begin : window.end])
        assert window.end - window.begin <= 150 + 40


@given(st.lists(st.text("ab", max_size=9), min_size=1, max_size=40), st.text("ab", min_size=1, max_size=3))
@_small
def test_finding(small: None, tmp_path: Path, lines: list[str], words: str) -> None:
    path = tmp_path / "file"
    data = "\n".join(lines).encode()
    path.write_bytes(data)
    places = [sum(len(each) + 1 for each in lines[:number]) for number in range(len(lines))]
    having = [place for place, line in zip(places, lines, strict=True) if words in line]
    found = [each for each in find_line(path, words.upper(), 0, len(data)) if each is not None]
    assert found == having[:1]
    found = [each for each in find_line(path, words, len(data), 0) if each is not None]
    assert found == having[-1:]


def test_file_of_ten_gigabytes_opens_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.seek(10 * 1024**3)
        file.write(b"\nthe last line\n")
    window = FileWindow(path)
    assert window.show_end() == "the last line\n"
    assert "␀" in window.before()
    assert window.end - window.begin < file_window.MOST_BYTES


def test_text_that_comes_bit_by_bit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    window = FileWindow(path)
    text = window.show_end()
    with path.open("ab", buffering=0) as file:
        for byte in "Grüße \x1b[1maus\x1b[0m\n€".encode():
            file.write(bytes([byte]))
            assert not window.look()
            text += window.after()
    assert text == "Grüße aus\n€"
    assert len(window.pieces) == 1


def test_file_that_is_begun_anew_or_replaced_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("one\ntwo\n")
    window = FileWindow(path)
    window.show_end()
    path.write_text("one\n")
    assert window.look()
    assert window.show_end() == "one\n"
    (tmp_path / "other").write_text("one\nmore\n")
    (tmp_path / "other").replace(path)
    assert window.look()
    assert not window.look()


def test_pipes_and_folders_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with pytest.raises(OSError, match="no ordinary file"):
            FileWindow(path).show_end()
    with pytest.raises(FileNotFoundError):
        FileWindow(tmp_path / "none").show_end()
