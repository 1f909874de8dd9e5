"""What is written is read back, whatever it is."""

from __future__ import annotations

from hypothesis import given, settings

from nepi_core.xml_format import read_xml_text, to_xml
from tests.nepi_core import strategies
from tests.nepi_core.strategies import exact


@settings(max_examples=200)
@given(strategies.experiments())
def test_every_experiment_survives(experiment):
    data = to_xml(experiment)
    again = read_xml_text(data)
    assert exact(again) == exact(experiment)
    assert again.marked
    assert to_xml(again) == data
