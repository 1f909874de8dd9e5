"""Delays and dates: every form that is accepted, every form that is not, and there and back."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_core import times
from nepi_core.errors import TimeFormatError
from nepi_core.times import (
    due_time,
    format_delay,
    now,
    parse_delay,
    stabsformat,
    stformat,
    tdiff,
    tdiffsec,
    tnow,
    tsformat,
)

DATE = "20261121143000000001"

ACCEPTED = [
    *((None, 0.0), (0, 0.0), (10, 10.0), (1.5, 1.5), (timedelta(minutes=2), 120.0), ("10s", 10.0), ("1.5m", 90.0)),
    *(("500ms", 0.5), ("20us", 2e-5), ("1h", 3600.0), ("2m30s", 150.0), ("1h1m1s1ms1us", 3661.001001), ("0s", 0.0)),
    *((".5s", 0.5), ("2.s", 2.0), ("  3s ", 3.0), ("1m0.5s", 60.5)),
]

REFUSED = [
    *(
        "2 minutes",
        "-1s",
        "",
        " ",
        "1.5",
        "10",
        "s",
        "ten seconds",
        "1 s",
        "1s 2",
        "1e3s",
        "1,5s",
        "5 sec",
        "5S",
        "nan",
    ),
    *(
        "infs",
        "2s;rm -rf /",
        "1d",
        DATE,
        "9" * 400 + "s",
        "\n",
        -1,
        -0.001,
        float("nan"),
        float("inf"),
        1e10,
        True,
        False,
    ),
    *(timedelta(seconds=-1), [], {}, b"2s", object()),
]


@pytest.mark.parametrize(("text", "seconds"), ACCEPTED, ids=repr)
def test_delay(text, seconds):
    assert parse_delay(text) == pytest.approx(seconds, abs=1e-12)


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: repr(text)[:30])
def test_no_delay(text):
    with pytest.raises(TimeFormatError, match="is no delay"):
        parse_delay(text)


def test_message_tells_what_is_allowed():
    with pytest.raises(TimeFormatError, match=r"'2 minutes' is no delay.*10s, 1.5m, 500ms, 20us, 1h, or 2m30s"):
        parse_delay("2 minutes")


@given(st.floats(0, 1e9))
def test_number_that_is_written_and_read_is_the_same_number(seconds):
    assert parse_delay(format_delay(seconds)) == pytest.approx(seconds, rel=1e-9, abs=1e-20)


@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999), st.integers(0, 999))
def test_units_add_up(hours, minutes, seconds, milliseconds, microseconds):
    text = f"{hours}h{minutes}m{seconds}s{milliseconds}ms{microseconds}us"
    expected = timedelta(0, seconds, microseconds, milliseconds, minutes, hours).total_seconds()
    assert parse_delay(text) == pytest.approx(expected, abs=1e-9)


@given(st.text(max_size=12) | st.integers() | st.floats() | st.timedeltas() | st.none() | st.booleans())
def test_anything_is_a_delay_or_is_refused(value):
    with suppress(TimeFormatError):
        assert 0 <= parse_delay(value) < 1e10


@pytest.mark.parametrize(
    ("delay", "text"), [(None, None), ("2s", "2s"), (2, "2.0s"), (0.25, "0.25s"), (1e-05, "0.00001")]
)
def test_delay_as_users_write_it(delay, text):
    written = format_delay(delay)
    assert written == text or (text is not None and written is not None and written.startswith(text))


@given(st.datetimes())
def test_date_that_is_written_and_read_is_the_same_date(date):
    assert stformat(tsformat(date)) == date
    assert len(tsformat(date)) == 20


@pytest.mark.parametrize("text", ["2026", "20261321143000000000", DATE + "0", "10s", "", None, 20261121143000000000])
def test_no_date(text):
    with pytest.raises(TimeFormatError, match="is no date"):
        stformat(text)


def test_date_or_delay():
    base = datetime(2026, 1, 1)
    assert stabsformat(DATE) == datetime(2026, 11, 21, 14, 30, 0, 1)
    assert stabsformat(base) is base
    assert stabsformat("2m", base) == datetime(2026, 1, 1, 0, 2)
    assert stabsformat(None, base) == base
    assert tdiffsec(stabsformat("10s"), tnow()) == pytest.approx(10, abs=5)
    with pytest.raises(TimeFormatError):
        stabsformat("tomorrow")


def test_differences():
    later, earlier = datetime(2026, 1, 1, 0, 0, 3), datetime(2026, 1, 1)
    assert tdiff(later, earlier) == timedelta(seconds=3)
    assert tdiffsec(later, earlier) == 3.0


def test_clock_is_the_wall_clock_and_never_goes_back():
    assert abs(now() - time.time()) < 3600
    seen = [now() for _ in range(1000)]
    assert seen == sorted(seen)


def test_due_time(monkeypatch):
    monkeypatch.setattr(times, "now", lambda: 1000.0)
    assert due_time("10s") == 1010.0
    assert due_time(2.5) == 1002.5
    assert due_time(DATE) == datetime(2026, 11, 21, 14, 30, 0, 1).timestamp()
    assert due_time(datetime(1970, 1, 1, 1, tzinfo=UTC)) == 3600.0
    with pytest.raises(TimeFormatError):
        due_time("2 minutes")


def test_delay_takes_as_long_as_it_says_when_the_clocks_are_changed(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    try:
        before_summer_ends = datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp()
        monkeypatch.setattr(times, "now", lambda: before_summer_ends)
        assert due_time("2h") - before_summer_ends == 7200
    finally:
        monkeypatch.undo()
        time.tzset()
