"""A node of an emulated network as a host: programs run in its namespaces, files are those of this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from nepi_core.hosts.keeper.client import KeeperClient
from nepi_core.hosts.local_host import LocalHost, LocalProcess

from ._batches import program_environment


class NamespaceHost(LocalHost):
    """A node.

    Args:
        name: host name of the node, and what the keeper knows it by; "" for the fabric.
        keeper: returns the keeper of the network.
    """

    def __init__(self, name: str, keeper: Callable[[], KeeperClient]) -> None:
        super().__init__(name=name or "the network")
        self.place = name
        self._network_keeper = keeper

    def close(self) -> None:
        """Do nothing: the network's keeper ends what runs here."""

    def _keeper(self) -> KeeperClient:
        return self._network_keeper()

    def _environment(self) -> Mapping[str, str]:
        return program_environment(os.environ)

    def _as_root(self, command: Sequence[str], variables: Mapping[str, str]) -> list[str]:
        """Return the command as it is: a program in a node may do with its network what root may."""
        return list(command)

    def start_with(self, command: Sequence[str], descriptors: Mapping[int, int]) -> LocalProcess:
        """Start a program of this backend, in the root folder.

        Args:
            descriptors: the program's (0 to 2) to those of the controller.

        Raises:
            HostError: it cannot be started.
        """
        return self._start(command, descriptors, None, "/", False, 0)
