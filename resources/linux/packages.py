"""Installing packages on a host with the package manager that it has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nepi_core.errors import HostError
from nepi_core.hosts.host import Host

# Nothing that a package manager could take for an option.
_NAME = re.compile(r"[A-Za-z0-9][\w.+:~=/@-]*")

# A removed package whose settings are kept is known to dpkg, but not installed.
_DPKG_QUERY = (
    """case "$(dpkg-query --show --showformat='${db:Status-Status}' "$1")" in installed*) ;; *) exit 1 ;; esac"""
)


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
        "apt-get",
        ("sh", "-c", _DPKG_QUERY, "sh"),
        ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes", "--quiet", "--no-install-recommends"),
    ),
    PackageManager("dnf", ("rpm", "--query", "--whatprovides"), ("dnf", "install", "--assumeyes", "--quiet")),
    PackageManager("apk", ("apk", "info", "--installed"), ("apk", "add", "--quiet")),
)


def installation(host: Host, names: Sequence[str]) -> list[str]:
    """Return the command that installs, as root, the packages that a host lacks; empty when it lacks none.

    Raises:
        HostError: one is no name of a package, or the host has none of the package managers that are known.
    """
    if wrong := next((name for name in names if not _NAME.fullmatch(name)), None):
        raise HostError(f"{wrong!r} is no name of a package.")
    manager = _manager_of(host)
    missing = [name for name in names if host.run([*manager.query, name]).status]
    return [*manager.install, *missing] if missing else []


def _manager_of(host: Host) -> PackageManager:
    for manager in _MANAGERS:
        if host.run(["sh", "-c", f"command -v {manager.program}"]).status == 0:
            return manager
    known = ", ".join(manager.program for manager in _MANAGERS)
    raise HostError(f"Host {host.name} has no package manager that is known here ({known}); install packages by hand.")
