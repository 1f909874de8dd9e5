"""What the backend linux needs of this machine: the programs that its resource types run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from nepi_core.backend import Backend, Check
from nepi_core.hosts.installed import examine_program

from .program import Program

# What has a program tell its version, where that is not --version.
_ASK = {"ping": "-V"}


class LinuxBackend(Backend, name="linux"):
    """Programs on this machine and, in a later version, on hosts reached by SSH."""

    provides: ClassVar[str] = "programs on this machine"

    def examine(self) -> Iterable[Check]:
        """Yield the programs that resource types name, and those that hosts are reached and ruled with."""
        for program, types in sorted(_programs(Program).items()):
            purpose = ", ".join(sorted(each.get_rtype() for each in types))
            ask = _ASK.get(program, "--version")
            yield examine_program(program, types[0].package, ask=ask, optional=True, purpose=purpose)
        for program, package, purpose in (
            ("ssh", "openssh-client", "hosts reached by SSH, which a later version has"),
            ("sshd", "openssh-server", "this machine as a host that is reached by SSH"),
            ("sudo", "sudo", "attribute 'sudo' of applications, for ordinary users"),
        ):
            yield examine_program(program, package, ask="-V", optional=True, purpose=purpose)


def _programs(base: type[Program]) -> dict[str, list[type[Program]]]:
    """Return the programs that types of this backend name, each with the types."""
    found: dict[str, list[type[Program]]] = {}
    for each in _below(base):
        if each.program and each.get_backend() == LinuxBackend.name:
            found.setdefault(each.program, []).append(each)
    return found


def _below(base: type[Program]) -> Iterator[type[Program]]:
    """Yield the classes that derive from one, those that users' own plug-ins bring included."""
    for each in base.__subclasses__():
        yield each
        yield from _below(each)
