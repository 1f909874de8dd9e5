"""Resource types that do nothing, so that only the engine is measured."""

from __future__ import annotations

from nepi_core import Attribute, Flags, ResourceFactory, ResourceManager
from nepi_core.host_resource import HostResource


class Nothing(ResourceManager, rtype="benchmark::Nothing"):
    """Does nothing; has 14 attributes with the two of every resource."""

    name_text = Attribute(help="Text", default="", flags=Flags.Design)
    count = Attribute(help="Number", default=0, range=(0, 1_000_000))
    interval = Attribute(help="Number", default=1.0, range=(0.0, 3600.0), unit="s")
    enabled = Attribute(help="Switch", default=False)
    mode = Attribute(help="Choice", default="a", allowed=("a", "b", "c"))
    rate = Attribute(help="Number", default=10.0, unit="Mbit/s")
    delay = Attribute(help="Number", default=0.0, unit="ms")
    size = Attribute(help="Number", default=64)
    target = Attribute(help="Text", default="")
    command = Attribute(help="Text", default="")
    verbose = Attribute(help="Switch", default=False)
    seed = Attribute(help="Number", default=1)


class Node(HostResource, rtype="benchmark::Node"):
    """A host that does nothing."""


class Interface(ResourceManager, rtype="benchmark::Interface"):
    """Deploys after its node."""

    def deploys_after(self) -> list[int]:
        """Return the node."""
        return [each.guid for each in self.get_connected(HostResource)]


class Application(Interface, rtype="benchmark::Application"):
    """Deploys after its node, starts, and ends at once."""

    def do_start(self) -> None:
        """Start, and end."""
        super().do_start()
        self.set_stopped()


def register() -> None:
    """Make the types known."""
    for rclass in (Nothing, Node, Interface, Application):
        ResourceFactory.register_type(rclass)
