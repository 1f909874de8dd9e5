"""Attribute values in few words."""

from __future__ import annotations

import pytest

from nepi_core.description import ResourceDescription
from nepi_gui.document.values import short_values


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, []),
        ({"delay": 10.0}, ["10 ms"]),
        ({"delay": 0.0, "up": False}, []),
        ({"loss": 1.0}, ["loss 1 %"]),
        ({"delay": 10.0, "jitter": 2.0}, ["delay 10 ms", "jitter 2 ms"]),
        ({"rate": 5.0, "delay": 10.0, "loss": 0.25, "queue": 20}, ["5 Mbit/s", "10 ms", "loss 0.25 %"]),
        ({"no such": 3}, []),
    ],
)
def test_numbers_that_were_set(values, words):
    assert short_values(ResourceDescription(1, "netns::Link", values)) == words


def test_of_an_unknown_type_nothing_is_told():
    assert short_values(ResourceDescription(1, "no::Such", {"delay": 3})) == []
