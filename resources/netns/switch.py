"""A switch of an emulated network."""

from __future__ import annotations

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.resource_type import Drawn

from ._resource import NetworkResource, Station


class Switch(NetworkResource, Station, rtype="netns::Switch", drawn=Drawn.NODE, icon="switch"):
    """An Ethernet switch (a bridge of Linux) in an emulated network on this machine."""

    switch_name = Attribute(
        "name",
        help="Name of the bridge; without one its label, or s and its guid",
        type=Types.String,
        flags=Flags.Design,
    )
    stp = Attribute(
        help="Take part in a spanning tree, which loops of switches need; ports forward some 4 s after the start",
        default=False,
        flags=Flags.Design,
    )
    up = Attribute(help="The switch is on; off it forwards nothing", default=True)

    def do_set(self, name: str) -> None:
        """Switch it on or off, when it is there."""
        if name == "up" and self.is_built:
            self.network.plug(self.guid, self.get("up"))
        super().do_set(name)
