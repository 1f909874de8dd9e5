"""Resources that commands run on: what an application needs to know of its host, whatever backend that belongs to."""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime
from pathlib import PurePosixPath

from nepi_core.hosts.host import Host
from nepi_core.resource import ResourceManager


class HostResource(ResourceManager):
    """A resource that gives a `Host`, once it is READY, and lays out folders on it as NEPI does.

    Below its base folder: ``.nepi/nepi-usr/{lib,bin,src,share}`` is kept for all experiments, and
    ``.nepi/nepi-exp/<exp_id>/<resource>`` for all runs of one; ``<run_id>`` in that is for one run.
    """

    @property
    @abstractmethod
    def host(self) -> Host:
        """The host; only once the resource is READY."""

    @property
    @abstractmethod
    def base_folder(self) -> PurePosixPath:
        """Folder on the host that everything of ours is below."""

    def shown_name(self) -> str:
        """Return what users call the host, also before it is READY: its label, or else type and guid."""
        return self.data.label or self.name

    def name_on_network(self, version: int = 4) -> str:
        """Return the name or address by which other hosts reach this one by a version of IP."""
        return self.shown_name()

    def typed(self, command: str) -> str:
        """Return a command, given as one would type it on the host, as one would type it on this machine."""
        return command

    def shell_command(self) -> list[str]:
        """Return the arguments that stand before a command to have it run on the host, by another program.

        They hold as long as the resource is READY or later; none mean this machine itself.
        """
        return []

    def set_ready(self, time: datetime | None = None) -> None:
        """Become READY, and have the run's record tell how commands are run on the host."""
        super().set_ready(time)
        self.ec.run.store.host(self.guid, self.shown_name(), self.shell_command())

    def shared_folder(self, kind: str) -> PurePosixPath:
        """Return the folder for files of all experiments; ``kind`` is lib, bin, src or share."""
        return self.base_folder / ".nepi" / "nepi-usr" / kind

    @property
    def experiment_folder(self) -> PurePosixPath:
        """Folder on the host for all runs of the experiment."""
        return self.base_folder / ".nepi" / "nepi-exp" / self.ec.exp_id

    def resource_folder(self, guest: ResourceManager) -> PurePosixPath:
        """Return the folder on the host that a resource has for all its runs."""
        return self.experiment_folder / f"{guest.get_rtype().rpartition('::')[2].lower()}-{guest.guid}"

    def run_folder(self, guest: ResourceManager) -> PurePosixPath:
        """Return the folder on the host that a resource has for this run."""
        return self.resource_folder(guest) / self.ec.run_id

    def placeholders(self, guest: ResourceManager) -> dict[str, str]:
        """Return what the ``${NAME}`` in the attributes of a resource on this host stand for (NEPI's names)."""
        folders = {kind.upper(): self.shared_folder(kind) for kind in ("lib", "bin", "src", "share")}
        folders |= {
            "USR": self.shared_folder("src").parent,
            "EXP": self.experiment_folder.parent,
            "EXP_HOME": self.experiment_folder,
            "NODE_HOME": self.resource_folder(self),
            "APP_HOME": self.resource_folder(guest),
            "RUN_HOME": self.run_folder(guest),
            "CODE": self.resource_folder(guest) / "code",
            "HOME": self.base_folder,
        }
        return {name: str(folder) for name, folder in folders.items()}
