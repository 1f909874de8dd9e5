"""One end of a link, for who wants to say what it is like."""

from __future__ import annotations

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.resource_type import Drawn

from ._plan.shape import Shape
from ._plan.wiring import is_ethernet_address
from ._resource import NetworkResource


class Interface(NetworkResource, rtype="netns::Interface", drawn=Drawn.BADGE, icon="interface"):
    """One end of a link at a node, for who wants to control it; without one, links make and address their ends."""

    interface_name = Attribute(
        "name", help="Name of the interface; not set for eth0, eth1 and so on", type=Types.String, flags=Flags.Design
    )
    ip4 = Attribute(
        help="IPv4 address with the length of its network's prefix, such as 10.0.0.1/24; 'none' for no address",
        type=Types.String,
        flags=Flags.Design,
    )
    ip6 = Attribute(
        help="IPv6 address with the length of its network's prefix, such as fd00::1/64; 'none' for no address",
        type=Types.String,
        flags=Flags.Design,
    )
    mask4 = Attribute(
        help="Length of the IPv4 network's prefix, or its mask, when ip4 does not say it",
        type=Types.String,
        flags=Flags.Design,
    )
    mask6 = Attribute(
        help="Length of the IPv6 network's prefix, when ip6 does not say it",
        type=Types.Integer,
        range=(1, 128),
        flags=Flags.Design,
    )
    mac = Attribute(help="Ethernet address, such as 02:00:00:00:00:01", type=Types.String, flags=Flags.Design)
    mtu = Attribute(
        help="Largest packet; not set for that of the link",
        type=Types.Integer,
        range=(68, 65_535),
        unit="bytes",
        flags=Flags.Design,
    )
    up = Attribute(help="The interface is there; NEPI's attribute", default=True, flags=Flags.Design)

    # In NEPI's way an interface leads straight to a switch, and so is a link itself: one that does nothing to packets.
    shapes = (Shape(), Shape())
    wish = "auto"
    will_impair = False
    chance = 0

    def deployment_refusal(self) -> str:
        """Say so when the Ethernet address is none, or the link says what this interface says otherwise."""
        if not self.get("up") and self.get_connected("netns::Link"):
            return "attribute 'up' is False, which is for files of NEPI; cut its link instead, by that one's 'up'."
        mac = self.get("mac")
        if mac and not is_ethernet_address(mac):
            return (
                f"attribute 'mac' is {mac!r}, which is no Ethernet address of one interface, such as 02:00:00:00:00:01."
            )
        return ""
