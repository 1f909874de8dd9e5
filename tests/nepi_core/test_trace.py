"""What a trace declares about itself."""

from __future__ import annotations

from nepi_core.series import Series
from nepi_core.trace import Trace, TraceAttr


def test_name_comes_from_the_class_body_unless_it_is_given():
    class Body:
        stdout = Trace(help="What it printed")
        other = Trace("stderr")

    assert (Body.stdout.name, Body.other.name) == ("stdout", "stderr")


def test_nepis_order_of_arguments():
    trace = Trace("pcap", "Captured packets", True)
    assert (trace.name, trace.help, trace.enabled, trace.series) == ("pcap", "Captured packets", True, ())


def test_series_are_a_tuple_and_representation_names_it():
    series = [Series("rtt", unit="ms")]
    trace = Trace("stdout", series=series)
    assert trace.series == tuple(series)
    assert repr(trace) == "Trace('stdout', enabled=False)"


def test_questions_have_nepis_names():
    assert [each.value for each in TraceAttr] == ["all", "path", "stream", "size"]
    assert TraceAttr("size") is TraceAttr.SIZE
