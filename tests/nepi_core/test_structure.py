"""What stands, what joins, what hangs at something."""

from __future__ import annotations

import pytest

from nepi_core.description import ExperimentDescription, ResourceDescription
from nepi_core.structure import Structure, shown_name

TYPES = {"h": "netns::Node", "s": "netns::Switch", "l": "netns::Link", "i": "netns::Interface", "p": "linux::Ping"}


def structure(resources: str, connections: str = "") -> Structure:
    """Return the structure of resources such as ``h1 h2 l3`` that are connected as in ``1-3 2-3``."""
    description = ExperimentDescription()
    for each in resources.split():
        guid = int(each[1:])
        description.resources[guid] = ResourceDescription(guid, TYPES.get(each[0], "no::Such"))
    for each in connections.split():
        description.connect(*map(int, each.split("-")))
    return Structure(description.resources)


def test_a_link_joins_two_nodes():
    found = structure("h1 h2 l3", "1-3 2-3")
    assert found.joined == {3: (1, 2)}
    assert found.standing() == [1, 2]
    assert not found.attached


@pytest.mark.parametrize("connections", ["", "1-3", "1-3 2-3 3-4"])
def test_a_link_without_two_ends_stands_by_itself(connections):
    assert 3 in structure("h1 h2 l3 s4", connections).standing()


def test_a_badge_hangs_at_its_node_and_one_at_a_badge_with_it():
    found = structure("h1 p2 p3", "1-2 2-3")
    assert found.attached == {1: [2, 3]}


def test_a_badge_without_a_node_stands_by_itself():
    assert structure("p1 p2", "1-2").standing() == [1, 2]


def test_a_link_between_interfaces_joins_their_nodes_and_they_sit_at_its_ends():
    found = structure("h1 h2 i3 i4 l5", "1-3 2-4 3-5 4-5")
    assert found.joined == {5: (1, 2)}
    assert (found.line_at(3), found.line_at(4)) == (5, 5)


def test_what_no_plug_in_knows_stands_and_what_does_not_exist_is_left_out():
    description = {1: ResourceDescription(1, "no::Such", connections={7})}
    found = Structure(description)
    assert found.standing() == [1]
    assert found.connections(1) == []


def test_other_connections_are_those_that_nothing_else_shows():
    found = structure("h1 h2 p3", "1-2 1-3")
    assert list(found.other_connections()) == [(1, 2)]


def test_a_resource_is_called_by_its_label_its_name_or_its_type():
    resource = ResourceDescription(4, "linux::Ping")
    assert shown_name(resource) == "Ping 4"
    resource.attributes["name"] = "client"
    assert shown_name(resource) == "client"
