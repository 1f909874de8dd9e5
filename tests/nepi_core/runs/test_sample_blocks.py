"""Columns come back bit by bit, whatever they hold, and what is no column is refused."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_core.runs.sample_blocks import MOST, UnknownVersionError, decode, encode

ANY = st.lists(st.floats(), max_size=200)
DECIMAL = st.integers(0, 12).flatmap(
    lambda places: st.lists(st.integers(-(10**15), 10**15).map(lambda whole: whole / 10**places), max_size=200)
)
BITS = st.lists(st.integers(0, 2**64 - 1).map(lambda bits: struct.unpack("d", struct.pack("Q", bits))[0]), max_size=50)


def same(column: list[float]) -> bool:
    array = np.array(column, np.float64)
    return decode(encode(array)).tobytes() == array.tobytes()


@given(st.one_of(ANY, DECIMAL, BITS))
def test_every_column_comes_back_exactly(column: list[float]) -> None:
    assert same(column)


@pytest.mark.parametrize(
    "column",
    [
        [],
        [0.0],
        [-0.0],
        [-0.0, 0.0, -0.0],
        [float("nan"), float("inf"), float("-inf")],
        [5e-324, 1.7976931348623157e308],
        [2.0**53, 2.0**53 + 2, 2.0**53 - 1, -(2.0**53)],
        [0.1, 0.2, 0.30000000000000004],
        [1.79e9 + each / 10_000 for each in range(5000)],
        [float(each) for each in range(MOST)],
    ],
)
def test_notable_columns_come_back_exactly(column: list[float]) -> None:
    assert same(column)


@pytest.mark.parametrize("most", [1.2, 0.02])
def test_plausible_columns_are_small(most: float) -> None:
    chance = np.random.default_rng(1)
    if most > 1:
        column = np.round(20 + chance.gamma(3, 0.4, 4096), 2)
    else:
        column = np.round(1.79e9 + np.arange(4096) * 0.01, 4)
    assert len(encode(column)) < most * len(column)


def test_a_column_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="65536 numbers at most, not 65537"):
        encode(np.zeros(MOST + 1))


def test_another_version_is_refused() -> None:
    content = encode(np.arange(5.0))
    with pytest.raises(UnknownVersionError, match="it is of version 9, and 1 is known"):
        decode(b"\x09" + content[1:])


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=100), st.data())
def test_damage_is_noticed(column: list[float], data: st.DataObject) -> None:
    content = bytearray(encode(np.array(column)))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ValueError, match=r"it is of version|check sum"):
        decode(bytes(content))
    with pytest.raises(ValueError, match="check sum"):
        decode(encode(np.array(column))[:place])


@given(st.binary(max_size=80))
def test_made_up_bytes_with_a_right_check_sum_are_refused_or_numbers(body: bytes) -> None:
    body = b"\x01" + body
    try:
        column = decode(body + struct.pack("<I", zlib.crc32(body)))
    except ValueError:
        return
    assert len(column) <= MOST
