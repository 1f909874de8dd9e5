"""What Python's library does not offer of the kernel's namespaces, mounts and capabilities."""

# pathlib would take as long to import as all the rest.
# ruff: noqa: PTH123
from __future__ import annotations

import _socket
import ctypes
import fcntl
import os
import struct

NEW_MOUNT = 0x00020000
NEW_UTS = 0x04000000
NEW_USER = 0x10000000
NEW_PID = 0x20000000
NEW_NET = 0x40000000

BIND = 0x1000
RECURSIVE = 0x4000
PRIVATE = 0x40000
_NO_SUID_DEVICES_EXECUTION = 0x2 | 0x4 | 0x8

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAPABILITY_VERSION_3 = 0x20080522

_SIOCGIFFLAGS = 0x8913
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1

_library = ctypes.CDLL(None, use_errno=True)


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapabilityData(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def _check(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


def unshare(flags: int) -> None:
    """Leave namespaces for new ones; ``flags`` is a sum of ``NEW_...``.

    Raises:
        OSError: the kernel refuses.
    """
    _check(_library.unshare(flags), "unshare")


def set_namespace(descriptor: int, kind: int = 0) -> None:
    """Go into a namespace, given by a descriptor of its file.

    Raises:
        OSError: the kernel refuses.
    """
    _check(_library.setns(descriptor, kind), "setns")


def mount(source: str, target: str, kind: str, flags: int = 0) -> None:
    """Mount a file system.

    Raises:
        OSError: the kernel refuses.
    """
    arguments = (source.encode(), os.fsencode(target), kind.encode(), flags, None)
    _check(_library.mount(*arguments), target)


def mount_virtual(kind: str, target: str) -> None:
    """Mount a file system that the kernel makes up, such as proc and sysfs."""
    mount(kind, target, kind, _NO_SUID_DEVICES_EXECUTION)


def switch_on(interface: str) -> None:
    """Set an interface of this network namespace up, as ``ip link set INTERFACE up`` does; see netdevice(7)."""
    control = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM)
    try:
        request = bytearray(struct.pack("16sh22x", interface.encode(), 0))
        fcntl.ioctl(control.fileno(), _SIOCGIFFLAGS, request)
        (flags,) = struct.unpack_from("H", request, 16)
        struct.pack_into("H", request, 16, flags | _IFF_UP)
        fcntl.ioctl(control.fileno(), _SIOCSIFFLAGS, request)
    finally:
        control.close()


def set_host_name(name: str) -> None:
    """Set the host name of this UTS namespace."""
    content = name.encode()
    _check(_library.sethostname(content, len(content)), "sethostname")


def end_with_parent(number: int) -> None:
    """Have the kernel send this process a signal when its parent ends."""
    _check(_library.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0), "prctl")


def allow_inspection() -> None:
    """Let other processes of this user look at this one's descriptors, as after an ordinary start."""
    _check(_library.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0), "prctl")


def pass_capabilities_on() -> None:
    """Have the programs that this process starts keep all its capabilities, although its user is not root.

    A process that comes into a user namespace has all capabilities there, and loses them with the next program
    unless they are ambient: see capabilities(7).
    """
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    data = (_CapabilityData * 2)()
    _check(_library.capget(ctypes.byref(header), ctypes.byref(data)), "capget")
    for half in data:
        half.inheritable = half.permitted
    _check(_library.capset(ctypes.byref(header), ctypes.byref(data)), "capset")
    with open("/proc/sys/kernel/cap_last_cap") as file:
        last = int(file.read())
    permitted = data[0].permitted | data[1].permitted << 32
    for number in range(last + 1):
        if permitted >> number & 1:
            _check(_library.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, number, 0, 0), "prctl")
