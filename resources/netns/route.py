"""A route that a user gives to a node."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.errors import HostError
from nepi_core.resource import ResourceManager
from nepi_core.resource_type import Drawn


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
        help="Address of the router that takes the packets on", type=Types.String, flags=Flags.Design, required=True
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

    def words(self) -> list[str]:
        """Return what follows ``ip route add``.

        Raises:
            ValueError: its network is none.
        """
        metric = [] if self.get("metric") is None else ["metric", str(self.get("metric"))]
        return [self.destination(), "via", self.get("nexthop"), *metric]

    def deployment_refusal(self) -> str:
        """Say so when it belongs to no node, or its addresses are none."""
        if self.node is None:
            return f"is connected to {len(self.get_connected('netns::Node'))} nodes; it belongs to one netns::Node."
        try:
            destination, gateway = self.destination(), ipaddress.ip_address(self.get("nexthop"))
        except ValueError as error:
            return f"it says no route: {error}."
        if destination != "default" and (":" in destination) != (gateway.version == 6):
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
        self._change("replace")
        super().do_deploy()

    def do_release(self) -> None:
        """Take the route away, unless the node goes as well."""
        node = self.node
        if node is not None and not node.cancelled and self.ready_time is not None:
            self._change("delete")
        super().do_release()

    def _change(self, verb: str) -> None:
        node = self.node
        assert node is not None
        command = ["ip", "route", verb, *self.words()]
        done = node.host.run(command)  # type: ignore[attr-defined]  # a netns::Node
        if done.status:
            reason = done.stderr.strip().removeprefix("RTNETLINK answers: ")
            raise HostError(f"'{' '.join(command)}' in {node.shown_name()}: {reason}.")  # type: ignore[attr-defined]
