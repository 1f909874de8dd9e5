"""A Linux machine that applications run on."""

from __future__ import annotations

import socket
from pathlib import Path, PurePosixPath

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.errors import HostError
from nepi_core.host_resource import HostResource
from nepi_core.hosts.host import Host
from nepi_core.hosts.leftovers import end_leftovers, find_leftovers
from nepi_core.resource import ResourceManager
from nepi_core.resource_type import Drawn

_THIS_MACHINE = ("", "localhost", "127.0.0.1", "::1")

# What a shell command at the end of an experiment may take; nothing waits for it any longer.
_TEAR_DOWN_SECONDS = 60.0


class Node(HostResource, rtype="linux::Node", drawn=Drawn.NODE, icon="host"):
    """A Linux machine that applications run on: this one, as long as it has no host name."""

    hostname = Attribute(
        help="Name or address; empty for this machine", type=Types.String, flags=Flags.Design, trusted=True
    )
    username = Attribute(
        help="Account to log in to, for hosts reached by SSH", type=Types.String, flags=Flags.Design, trusted=True
    )
    port = Attribute(
        help="Port of the SSH server, for hosts reached by SSH",
        type=Types.Integer,
        range=(1, 65535),
        flags=Flags.Design,
    )
    home = Attribute(
        help="Folder on the host for files of experiments; empty for the account's home, or on this machine for the "
        "folder of all experiments",
        type=Types.String,
        flags=Flags.Design,
        trusted=True,
    )
    identity = Attribute(
        help="File with the private SSH key, for hosts reached by SSH",
        type=Types.String,
        flags=Flags.Design,
        trusted=True,
    )
    serverKey = Attribute(
        help="Public key of the SSH server, for hosts reached by SSH", type=Types.String, flags=Flags.Design
    )
    gateway = Attribute(
        help="Host to reach this one through, for hosts reached by SSH",
        type=Types.String,
        flags=Flags.Design,
        trusted=True,
    )
    gatewayUser = Attribute(
        help="Account on the gateway, for hosts reached by SSH", type=Types.String, flags=Flags.Design, trusted=True
    )
    ip = Attribute(help="Address of the host in the experiment", type=Types.String, flags=Flags.Design)
    cleanHome = Attribute(
        help="First remove the files of all experiments from the host", default=False, flags=Flags.Design, trusted=True
    )
    cleanExperiment = Attribute(
        help="First remove the files of earlier runs of this experiment from the host",
        default=False,
        flags=Flags.Design,
        trusted=True,
    )
    cleanProcesses = Attribute(
        help="First end what experiments whose controller is gone left running on the host",
        default=False,
        flags=Flags.Design,
        trusted=True,
    )
    cleanProcessesAfter = Attribute(
        help="End on release what this experiment started on the host; on this machine that is always done",
        default=True,
        flags=Flags.Design,
    )
    tearDown = Attribute(
        help="Shell command that is run on the host when it is released",
        type=Types.String,
        flags=Flags.Design,
        trusted=True,
    )

    @property
    def host(self) -> Host:
        """This machine."""
        return self.ec.local_host

    def name_on_network(self, version: int = 4) -> str:
        """Return the address in the experiment, if it was said, or else the host name."""
        loopback = "::1" if version == 6 else "127.0.0.1"
        return str(self.get("ip") or self.get("hostname") or loopback)

    @property
    def base_folder(self) -> PurePosixPath:
        """Folder on the host that everything of ours is below."""
        return PurePosixPath(Path(self.get("home") or self.ec.local_dir).expanduser())

    def run_folder(self, guest: ResourceManager) -> PurePosixPath:
        """Return the folder that a resource has for this run: inside the run's own folder, unless a home was given."""
        if self.get("home"):
            return super().run_folder(guest)
        return PurePosixPath(self.ec.run_dir, "work", str(guest.guid))

    def deployment_refusal(self) -> str:
        """Say so when the host is another machine."""
        hostname = self.get("hostname") or ""
        if hostname in _THIS_MACHINE or hostname == socket.gethostname():
            return ""
        return (
            f"attribute 'hostname' is {hostname!r}, and this version runs on this machine only: "
            "leave it empty, or say localhost."
        )

    def do_provision(self) -> None:
        """Clean up as the attributes say."""
        if self.get("cleanProcesses"):
            for left in end_leftovers(find_leftovers()):
                self.warning(f"a process of an earlier experiment still runs; end it with: {left.remedy}")
        if self.get("cleanHome"):
            self.host.remove(str(self.base_folder / ".nepi"))
        elif self.get("cleanExperiment"):
            self.host.remove(str(self.experiment_folder))
        super().do_provision()

    def do_deploy(self) -> None:
        """Make the machine ready for applications."""
        self.do_discover()
        self.do_provision()
        super().do_deploy()

    def do_release(self) -> None:
        """Run the tear-down command."""
        if command := self.get("tearDown"):
            done = self.host.run(["sh", "-c", command], timeout=_TEAR_DOWN_SECONDS)
            if done.status:
                raise HostError(f"the tearDown command ended with exit status {done.status}: {done.stderr.strip()}")
        super().do_release()
