"""A route that a user gives to a node."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.resource import ResourceManager
from nepi_core.resource_type import Drawn

from ._network import Network
from ._plan.given_routes import find_route
from ._plan.model import Plan
from ._plan.model import Route as PlannedRoute
from ._plan.wiring import is_host_name


class Route(ResourceManager, rtype="netns::Route", drawn=Drawn.BADGE, icon="route"):
    """A route of a node, beside those that the network has worked out, or in their place."""

    network = Attribute(
        help="Network with the length of its prefix, such as 10.1.0.0/16, or 'default'",
        type=Types.String,
        flags=Flags.Design,
        required=True,
    )
    prefix = Attribute(
        help="Length of the network's prefix, or its mask, when the network does not say it",
        type=Types.String,
        flags=Flags.Design,
    )
    nexthop = Attribute(
        help="Router that takes the packets on: its address, or its name when it is at one of the node's links",
        type=Types.String,
        flags=Flags.Design,
        required=True,
    )
    metric = Attribute(
        help="Of several routes to a network that with the lowest counts",
        type=Types.Integer,
        range=(0, 2**31 - 1),
        flags=Flags.Design,
    )

    @property
    def node(self) -> ResourceManager | None:
        """The node that the route belongs to."""
        found = self.get_connected("netns::Node")
        return found[0] if len(found) == 1 else None

    def destination(self) -> str:
        """Return what the route leads to, as ``ip route`` takes it.

        Raises:
            ValueError: it is no network.
        """
        text, prefix = self.get("network"), self.get("prefix")
        if text == "default":
            return "default"
        return str(ipaddress.ip_network(f"{text}/{prefix}" if prefix and "/" not in text else text))

    def route(self, plan: Plan) -> PlannedRoute:
        """Return the route as it is in a network.

        Raises:
            ValueError: its network is none, or no neighbour of the node is called as the next router is.
        """
        assert self.node is not None
        return find_route(plan, self.node.guid, self.destination(), self.get("nexthop"), self.get("metric"))

    def deployment_refusal(self) -> str:
        """Say so when it belongs to no node, or its addresses are none."""
        if self.node is None:
            return f"is connected to {len(self.get_connected('netns::Node'))} nodes; it belongs to one netns::Node."
        next_hop = self.get("nexthop")
        try:
            destination = self.destination()
            gateway = None if is_host_name(next_hop) else ipaddress.ip_address(next_hop.replace("%", " "))
        except ValueError as error:
            return f"it says no route: {error}."
        if gateway and destination != "default" and (":" in destination) != (gateway.version == 6):
            return f"network {destination} and nexthop {gateway} are of different versions of IP."
        return ""

    def deploys_after(self) -> Iterable[int]:
        """Return the node and its links, on one of which the next router is."""
        node = self.node
        if node is None:
            return ()
        near = [node, *(each for each in node.get_connected() if each.is_rm_instance("netns::Interface"))]
        links = {each.guid for other in near for each in other.get_connected("netns::Link")}
        return sorted({*(each.guid for each in near), *links})

    def do_deploy(self) -> None:
        """Add the route."""
        assert self.node is not None
        network = Network.of(self.ec)
        network.add_route(self.guid, self.node.guid, self.route(network.plan))
        super().do_deploy()

    def do_release(self) -> None:
        """Take the route away, unless the node goes as well."""
        if self.node is not None and not self.node.cancelled:
            Network.of(self.ec).remove_route(self.guid)
        super().do_release()
