"""Which plots are kept, found again, and chosen at first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_gui.plots.remembering import KeptPlot, KeptSeries, first_plots, from_text, to_text
from nepi_gui.plots.series import SeriesInfo, SeriesKey

_series = st.builds(KeptSeries, st.text(), st.integers(1, 10**9), st.text(), st.text())
_plots = st.lists(
    st.builds(KeptPlot, st.lists(_series), st.sampled_from(["time", "histogram", "cdf"]), st.booleans(), st.booleans())
)


def infos(*told: tuple[int, str, str, str]) -> dict[SeriesKey, SeriesInfo]:
    made = [SeriesInfo(SeriesKey(guid, "stdout", series), owner, unit) for guid, owner, series, unit in told]
    return {each.key: each for each in made}


@given(_plots)
def test_what_is_kept_is_read_again(plots):
    assert from_text(to_text(plots)) == plots


@pytest.mark.parametrize("text", ["", "{", "[1]", "[{}]", '[{"series": [[1]]}]', '{"a": 1}', "null", '[{"series": 3}]'])
def test_what_makes_no_sense_is_nothing(text):
    assert not from_text(text)


def test_a_series_is_found_by_the_name_of_its_resource_and_else_by_guid():
    known = infos((1, "a", "rtt", "ms"), (2, "b", "rtt", "ms"))
    assert KeptSeries("b", 1, "stdout", "rtt").find(known) == SeriesKey(2, "stdout", "rtt")
    assert KeptSeries("renamed", 1, "stdout", "rtt").find(known) == SeriesKey(1, "stdout", "rtt")
    assert KeptSeries("a", 1, "stdout", "loss").find(known) is None


def test_at_first_round_trips_and_throughput_are_plotted():
    known = infos(*((guid, f"ping {guid}", "rtt", "ms") for guid in range(1, 8)), (9, "bulk", "throughput", "Mbit/s"))
    first, second = first_plots(known.values())
    assert [each.guid for each in first.series] == [1, 2, 3, 4]
    assert [each.guid for each in second.series] == [9]


def test_at_first_something_is_plotted_when_there_are_other_numbers_only():
    known = infos((1, "a", "cwnd", "B"), (2, "b", "cwnd", "B"), (2, "b", "other", ""))
    (only,) = first_plots(known.values())
    assert [each.series for each in only.series] == ["cwnd", "cwnd"]
    assert first_plots([]) == []
