"""The network keeper: owns the namespaces of an emulated network, and all programs in them.

It is the keeper of this machine (`nepi_core.hosts.keeper`) in user, process, mount, network and UTS namespaces of its
own: as their first process it takes everything with it when it ends, however it ends. Its own network namespace is the
fabric, where switches are. It holds each node's namespaces by descriptors, so that a node costs no process.

The process that makes the namespaces stays outside and waits: it is the one that the controller knows.
"""

# pathlib would take as long to import as all the rest.
# ruff: noqa: PTH123
from __future__ import annotations

import _socket
import errno
import fcntl
import os
import resource
import select
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from nepi_core.hosts.keeper.process import Keeper, prepare, work
from nepi_core.hosts.keeper.process_table import identity

from . import kernel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Node = tuple[str, Sequence[tuple[str, str]]]

_KINDS = (("net", kernel.NEW_NET), ("mnt", kernel.NEW_MOUNT), ("uts", kernel.NEW_UTS))
_RESERVE = 24  # descriptors that nodes leave to the rest of the work
_PATIENCE = 15.0  # seconds beyond the grace for what must be ended when the controller has died
_OWN = kernel.NEW_NET | kernel.NEW_MOUNT | kernel.NEW_UTS

# What a namespace has before anybody says otherwise. Addresses are ours and need not be probed for others' use, and
# they stay while a link is cut.
_SETTINGS = (("net.ipv6.conf.default.accept_dad", "0"), ("net.ipv6.conf.default.keep_addr_on_down", "1"))


class NetworkKeeper(Keeper):
    """Owns the nodes of a network, beside programs.

    The controller may say ``nodes`` (make some), ``forget`` (give some up), ``hosts`` (the table of names),
    ``settings`` (sysctls of a node) and ``offloads``; each is answered.
    """

    def __init__(self, channel: _socket.socket, grace: float, name: str) -> None:
        super().__init__(channel, grace, name)
        self._home = _open_namespaces()
        self._nodes: dict[str, tuple[int, ...]] = {}
        self._away = False
        self._limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._write_basics()

    def enter(self, place: str) -> None:
        """Go into the namespaces of a node; "" is the fabric."""
        if place:
            if place not in self._nodes:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), place)
            self._away = True
            _go(self._nodes[place])

    def leave(self) -> None:
        """Come back into the fabric."""
        if self._away:
            _go(self._home)
            self._away = False

    def _on_nodes(self, question: int, nodes: Sequence[Node]) -> None:
        """Make nodes, given by name and settings.

        Answers with the descriptors of those made, and for the others with the error's number and what it was about.
        """
        soft, hard = self._limits
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        made: dict[str, tuple[int, ...]] = {}
        problems: dict[str, tuple[int, str]] = {}
        for name, settings in nodes:
            self._away = True
            try:
                self._make(name, settings)
                made[name] = self._nodes[name]
            except (OSError, ValueError) as error:  # ValueError: a NUL in a setting
                number = getattr(error, "errno", None) or errno.EINVAL
                problems[name] = (number, str(getattr(error, "filename", None) or error))
            finally:
                self.leave()
        # Programs get the limit that they would have elsewhere; what is open stays open.
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        self.tell("answer", question, (made, problems), "")

    def _make(self, name: str, settings: Sequence[tuple[str, str]]) -> None:
        kernel.unshare(_OWN)
        kernel.set_host_name(name)
        with suppress(PermissionError):  # a container hides parts of /sys; then it goes on to show this machine's
            kernel.mount_virtual("sysfs", "/sys")
        kernel.switch_on("lo")
        self._write_basics()
        self._write_settings(settings)
        self._nodes[name] = _open_namespaces(*self._limits)

    def _on_forget(self, question: int, names: Sequence[str]) -> None:
        for name in names:
            for descriptor in self._nodes.pop(name, ()):
                os.close(descriptor)
        self.tell("answer", question, None, "")

    def _on_settings(self, question: int, name: str, settings: Sequence[tuple[str, str]]) -> None:
        problem = ""
        try:
            self.enter(name)
            self._write_settings(settings)
        except OSError as error:
            problem = f"{error.filename}: {error.strerror}"
        finally:
            self.leave()
        self.tell("answer", question, None, problem)

    def _write_basics(self) -> None:
        with suppress(FileNotFoundError):  # a kernel without IPv6
            self._write_settings(_SETTINGS)

    def _write_settings(self, settings: Sequence[tuple[str, str]]) -> None:
        for key, value in settings:
            with open(f"/proc/sys/{key.replace('.', '/')}", "w") as file:
                file.write(value)

    def _on_hosts(self, question: int, path: str) -> None:
        """Put a file in the place of /etc/hosts, for all nodes that are made from now on."""
        problem = ""
        try:
            kernel.mount(path, "/etc/hosts", "", kernel.BIND)
        except OSError as error:
            problem = f"{error.filename}: {error.strerror}"
        self.tell("answer", question, None, problem)

    def _on_offloads(self, question: int, interfaces: Mapping[str, Sequence[str]]) -> None:
        """Have interfaces of nodes hand over frames as they would be on a wire."""
        from .offloads import switch_offloads_off

        problem = ""
        for name, found in interfaces.items():
            try:
                self.enter(name)
                for interface in found:
                    switch_offloads_off(interface)
            except OSError as error:
                problem = f"the offloads of {name} cannot be switched off: {error}"
            finally:
                self.leave()
        self.tell("answer", question, None, problem)


def _open_namespaces(soft: int = 0, hard: int = 0) -> tuple[int, ...]:
    """Open the namespaces that this process is in.

    Args:
        soft, hard: limits of descriptors. Those of nodes are above the soft one where there is room, since the keeper
            itself works with that: what it opens, and what the controller sends, must find numbers below.

    Raises:
        OSError: there are too few descriptors.
    """
    found: list[int] = []
    try:
        for name, _ in _KINDS:
            descriptor = os.open(f"/proc/self/ns/{name}", os.O_RDONLY | os.O_CLOEXEC)
            found.append(descriptor)
            if soft < hard:
                found[-1] = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, soft)
                os.close(descriptor)
        if soft == hard and hard and max(found) + _RESERVE > hard:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE), "namespaces")
    except OSError:
        for descriptor in found:
            os.close(descriptor)
        raise
    return tuple(found)


def _go(namespaces: Sequence[int]) -> None:
    for descriptor, (_, kind) in zip(namespaces, _KINDS, strict=True):
        kernel.set_namespace(descriptor, kind)


def main(descriptor: int, grace: float, called: str = "") -> None:
    """Be a network keeper for the controller at the other end of the socket ``descriptor``.

    This user is called as outside, or root when ``called`` says so.

    It answers two questions that need not be asked: with the pid that the first process inside has outside (-1), and
    with the error that it met, or 0, and what that was about (0).
    """
    prepare(descriptor)
    channel = _socket.socket(fileno=descriptor)
    controller = os.pidfd_open(os.getppid())
    name = identity(os.getpid())
    try:
        _isolate(0 if called == "root" else os.geteuid(), 0 if called == "root" else os.getegid())
        inside = os.fork()
    except OSError as error:
        _confess(channel, grace, error)
    if inside:
        Keeper(channel, grace).tell("answer", -1, inside, "")
        channel.close()
        _watch(inside, controller, grace)
        sys.exit(1 if os.waitpid(inside, 0)[1] else 0)
    try:
        keeper = _furnish(channel, grace, name)
    except OSError as error:
        _confess(channel, grace, error)
    keeper.tell("answer", 0, (0, ""), "")
    work(keeper)


def _watch(inside: int, controller: int, grace: float) -> None:
    """Wait for the end of the first process inside. It may have been stopped, and not see that the controller has died.

    Args:
        controller: process descriptor of the controller.
    """
    events = select.poll()
    end = os.pidfd_open(inside)
    for each in (end, controller):
        events.register(each, select.POLLIN)
    if end in dict(events.poll()):
        return
    os.kill(inside, signal.SIGCONT)
    events.unregister(controller)
    if not events.poll((grace + _PATIENCE) * 1000):
        os.kill(inside, signal.SIGKILL)


def _confess(channel: _socket.socket, grace: float, error: OSError) -> NoReturn:
    Keeper(channel, grace).tell("answer", 0, (error.errno, str(error.filename)), "")
    sys.exit(0)


def _isolate(user: int, group: int) -> None:
    """Go into a new user namespace, in which this user is called so, and into others that belong to it.

    The identities are written by a child that stays outside: who is inside may only write its own.
    """
    own = os.getpid()
    reading, writing = os.pipe()
    writer = os.fork()
    if not writer:
        os.close(writing)
        if os.read(reading, 1):
            _write_identities(own, user, group)
        os._exit(0)
    os.close(reading)
    try:
        kernel.unshare(kernel.NEW_USER | kernel.NEW_PID | _OWN)
        os.write(writing, b"x")
    finally:
        os.close(writing)
        status = os.waitpid(writer, 0)[1]
    if status:
        raise OSError(os.waitstatus_to_exitcode(status), os.strerror(os.waitstatus_to_exitcode(status)), "uid_map")


def _write_identities(process: int, user: int, group: int) -> NoReturn:
    """Map all users to themselves when this is root, and else only the one that this is, to ``user``."""
    status = 0
    try:
        if os.geteuid() == 0:
            for name in ("uid_map", "gid_map"):
                _write(process, name, _identity_map(name))
        else:
            _write(process, "setgroups", "deny")
            _write(process, "uid_map", f"{user} {os.geteuid()} 1")
            _write(process, "gid_map", f"{group} {os.getegid()} 1")
    except OSError as error:
        status = error.errno or 1
    os._exit(status)


def _identity_map(name: str) -> str:
    """Return a map of all identities that there are here; in a container that may be some only."""
    with open(f"/proc/self/{name}") as file:
        ranges = [line.split() for line in file]
    return "".join(f"{first} {first} {count}\n" for first, _, count in ranges)


def _write(process: int, name: str, content: str) -> None:
    descriptor = os.open(f"/proc/{process}/{name}", os.O_WRONLY)
    try:
        os.write(descriptor, content.encode())
    finally:
        os.close(descriptor)


def _furnish(channel: _socket.socket, grace: float, name: str) -> NetworkKeeper:
    """Make the namespaces usable, as their first process."""
    kernel.end_with_parent(signal.SIGKILL)
    kernel.allow_inspection()
    kernel.mount("none", "/", "", kernel.RECURSIVE | kernel.PRIVATE)
    kernel.mount_virtual("proc", "/proc")
    if os.geteuid() != 0:
        kernel.pass_capabilities_on()
    return NetworkKeeper(channel, grace, name)
