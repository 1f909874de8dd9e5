"""A host or router of an emulated network."""

from __future__ import annotations

import re
import shlex
from pathlib import PurePosixPath

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.host_resource import HostResource
from nepi_core.hosts.host import Host
from nepi_core.resource import ResourceManager
from nepi_core.resource_type import Drawn

from ._keeper import program_command
from ._plan.wiring import station_name
from ._resource import NetworkResource, Station

# Others, such as those below net.netfilter, may be the whole machine's.
_SETTING = re.compile(r"net\.(ipv4|ipv6|core|mpls)(\.[A-Za-z0-9_-]+)+")
# What no shell would understand in another way.
_SIMPLE = re.compile(r"[\w@%+=:,./ '-]*")


class Node(NetworkResource, HostResource, Station, rtype="netns::Node", drawn=Drawn.NODE, icon="host"):
    """A host or router of an emulated network on this machine: programs run in it as on a machine of its own."""

    # `name` is already what messages call a resource.
    host_name = Attribute(
        "name",
        help="Host name, by which the other nodes know it; without one its label, or n and its guid",
        type=Types.String,
        flags=Flags.Design,
    )
    forwarding = Attribute(
        help="Hand packets on, as a router; not set: when it is joined to several networks",
        type=Types.Bool,
        flags=Flags.Design,
    )
    routing = Attribute(
        help="static: shortest paths over the whole network; none: only what netns::Route and programs say",
        default="static",
        allowed=("static", "none"),
        flags=Flags.Design | Flags.Global,
    )
    asRoot = Attribute(
        help="Programs in nodes are called root there, as some daemons demand; tcpdump then cannot give up its rights. "
        "Without effect for who is root already",
        default=False,
        flags=Flags.Design | Flags.Global,
    )
    sysctl = Attribute(
        help="Settings of the kernel for this node, as KEY=value with blanks between them, "
        "such as net.ipv4.tcp_congestion_control=reno",
        type=Types.String,
        flags=Flags.Design,
    )

    @property
    def host(self) -> Host:
        """The node; only once it is READY."""
        return self.network.host(self.guid)

    def shown_name(self) -> str:
        """Return the host name."""
        return station_name(self, "n")

    def name_on_network(self, version: int = 4) -> str:
        """Return the host name, or the one that stands for the node's IPv6 address."""
        return f"ip6-{self.shown_name()}" if version == 6 else self.shown_name()

    @property
    def base_folder(self) -> PurePosixPath:
        """Folder for files of experiments; nodes share the files of this machine."""
        return PurePosixPath(self.ec.local_dir)

    def run_folder(self, guest: ResourceManager) -> PurePosixPath:
        """Return the folder that a resource has for this run, inside the run's own folder."""
        return PurePosixPath(self.ec.run_dir, "work", str(guest.guid))

    def typed(self, command: str) -> str:
        """Return a command as one would type it to have it run in the node, if that had been made by hand."""
        simple = _SIMPLE.fullmatch(command) is not None
        return f"ip netns exec {self.shown_name()} {command if simple else f'sh -c {shlex.quote(command)}'}"

    def shell_command(self) -> list[str]:
        """Return what goes before a command that is to be run in this node from another terminal."""
        return program_command("enter", *self.network.entrance(self.guid))

    def settings(self) -> list[tuple[str, str]]:
        """Return the sysctls that the user wants.

        Raises:
            ValueError: they are no KEY=value.
        """
        found = []
        for word in shlex.split(self.get("sysctl") or ""):
            key, equals, value = word.partition("=")
            if not (equals and _SETTING.fullmatch(key) and value.isprintable() and value.isascii()):
                raise ValueError(
                    f"{word!r} is no setting of one node's network, such as net.ipv4.tcp_congestion_control=reno; "
                    "there are those below net.ipv4, net.ipv6, net.core and net.mpls"
                )
            found.append((key, value))
        return found

    def deployment_refusal(self) -> str:
        """Say so when a setting cannot be understood."""
        try:
            self.settings()
        except ValueError as error:
            return f"attribute 'sysctl': {error}."
        return ""
