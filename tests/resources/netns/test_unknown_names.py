"""Names in attributes that nothing in the network has are told before a program fails to find them."""

from __future__ import annotations

import pytest

from nepi_core.controller import ExperimentController
from nepi_core.loading import Severity, validate


@pytest.fixture
def network():
    """A controller with two nodes, h1 and h2, and a function that adds a ping at the first one."""
    ec = ExperimentController(persist=False)
    nodes = [ec.register_resource("netns::Node", name=name) for name in ("h1", "h2")]
    ec.register_resource("netns::Link", connected_to=nodes)
    return ec


def told(ec, target, host=1):
    ec.register_resource("linux::Ping", connected_to=host, target=target)
    return [each.message for each in validate(ec.description) if each.severity is Severity.WARNING]


@pytest.mark.parametrize("target", ["h2", "H1", "ip6-h2", "localhost", "10.0.0.2", "fd00::1", "7"])
def test_what_can_be_found(network, target):
    assert told(network, target) == []


def test_what_cannot_is_told_with_the_nearest_name(network):
    (message,) = told(network, "h22")
    assert "attribute 'target': nothing in this network is called 'h22'." in message
    assert "Did you mean 'h2'?" in message


def test_with_a_way_out_nobody_knows(network):
    network.register_resource("netns::Nat", connected_to=1)
    assert not [each for each in told(network, "example.org") if "is called" in each]


def test_a_program_outside_the_network_may_ask_anybody(network):
    machine = network.register_resource("linux::Node")
    assert told(network, "example.org", machine) == []
