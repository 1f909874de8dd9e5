"""Installing packages on a host with the package manager that it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nepi_core.errors import HostError
from nepi_core.host import Host

_LONGEST = 1800.0


@dataclass(frozen=True, slots=True)
class PackageManager:
    """How a distribution is asked for packages.

    Attributes:
        program: its presence tells that it is the host's.
        query: succeeds for a package that is installed, whose name follows.
        install: installs the packages whose names follow, without questions.
    """

    program: str
    query: tuple[str, ...]
    install: tuple[str, ...]


_MANAGERS = (
    PackageManager(
        "apt-get", ("dpkg", "--status"), ("apt-get", "install", "--yes", "--quiet", "--no-install-recommends")
    ),
    PackageManager("dnf", ("rpm", "--query", "--whatprovides"), ("dnf", "install", "--assumeyes", "--quiet")),
    PackageManager("apk", ("apk", "info", "--installed"), ("apk", "add", "--quiet")),
)


def install_packages(host: Host, names: Sequence[str]) -> None:
    """Install the packages that a host lacks.

    Raises:
        HostError: the host has none of the package managers that are known.
        CommandError: the installation failed.
    """
    manager = _manager_of(host)
    missing = [name for name in names if host.run([*manager.query, name]).status]
    if missing:
        host.run(
            [*manager.install, *missing],
            env={"DEBIAN_FRONTEND": "noninteractive"},
            sudo=True,
            timeout=_LONGEST,
            check=True,
        )


def _manager_of(host: Host) -> PackageManager:
    for manager in _MANAGERS:
        if host.run(["sh", "-c", f"command -v {manager.program}"]).status == 0:
            return manager
    known = ", ".join(manager.program for manager in _MANAGERS)
    raise HostError(f"Host {host.name} has no package manager that is known here ({known}); install packages by hand.")
