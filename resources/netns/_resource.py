"""What all resources that the network builds have in common."""

from __future__ import annotations

from nepi_core.resource import ResourceManager
from nepi_core.states import ResourceState

from ._network import Network


class NetworkResource(ResourceManager):
    """A part of the emulated network: it is READY once the network has built it."""

    @property
    def network(self) -> Network:
        """The network of this experiment."""
        return Network.of(self.ec)

    @property
    def is_built(self) -> bool:
        """Whether it is there, or being built just now; what is done to it then waits for that."""
        return self.deployment_group is not None and self.state < ResourceState.FAILED and not self.cancelled

    def connection_refusal(self, guid: int) -> str:
        """Refuse stations that touch without a link."""
        other = self.ec.get_resource(guid)
        if isinstance(self, Station) and isinstance(other, Station):
            return f"{self.name} cannot be connected to {other.name} directly: connect both to a netns::Link."
        return super().connection_refusal(guid)

    def do_deploy(self) -> None:
        """Have the network build this, together with what else is being deployed; that makes it READY."""
        self.network.join(self)

    def do_cancel(self) -> None:
        """Build no further, if everything is being released."""
        if self.deployment_group is not None or self.life.changes:
            self.network.cancel()
        super().do_cancel()

    def do_release(self) -> None:
        """Take this out of the network."""
        self.network.leave(self)
        super().do_release()


class Station:
    """What a link has at its ends: a node or a switch."""
