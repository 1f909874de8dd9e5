"""The resource types that NEPI 6 has for networks of namespaces, and that are called otherwise here."""

from __future__ import annotations

import ipaddress
from typing import ClassVar

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.resource import ResourceManager
from nepi_core.resource_type import Drawn

ALIASES = {
    "netns::NodeInterface": "netns::Interface",
    "netns::IPv4Route": "netns::Route",
    "netns::Application": "linux::Application",
}


class IPv4Address(ResourceManager, rtype="netns::IPv4Address", drawn=Drawn.BADGE, icon="address"):
    """The IPv4 address of an interface, for files of NEPI; here an interface has an attribute for it."""

    legacy: ClassVar[bool] = True

    ip = Attribute(help="Address", type=Types.String, flags=Flags.Design, required=True)
    prefix = Attribute(
        help="Length of the network's prefix, or its mask", type=Types.String, flags=Flags.Design, required=True
    )

    def deployment_refusal(self) -> str:
        """Say so when it belongs to no interface, or is no address."""
        if len(self.get_connected("netns::Interface")) != 1:
            return "is connected to no netns::Interface that it would be the address of, or to several."
        try:
            ipaddress.IPv4Interface(f"{self.get('ip')}/{self.get('prefix')}")
        except ValueError as error:
            return f"it says no address: {error}."
        return ""


class Emulation(ResourceManager, rtype="linux::netns::Emulation"):
    """The program that emulated networks in NEPI, for its files; here there is nothing to start."""

    legacy: ClassVar[bool] = True

    enableDump = Attribute(help="Not used", default=False, flags=Flags.Design)
    verbose = Attribute(help="Not used", default=False, flags=Flags.Design)
    version = Attribute(help="Not used", type=Types.String, flags=Flags.Design)
