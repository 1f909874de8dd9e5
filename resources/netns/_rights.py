"""Whether emulated networks can be made here: which settings forbid namespaces, and what the kernel can do in them."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nepi_core.backend import Check
from nepi_core.hosts.installed import SYSTEM_FOLDERS, examine_program

_PROC = Path("/proc")

_KINDS = ("user", "net", "mnt", "pid")  # as the kernel's limits call them

_CAP_SYS_ADMIN = 21  # its bit, see capabilities(7)

_ROOM = 1 << 20  # bytes of packets: some 8 ms at 1 Gbit/s

_ALL_USERS = "4294967295"  # the length of the map of the first user namespace, see user_namespaces(7)

# Folders of /proc that the kernel keeps empty for others to mount on: they hide nothing.
_MADE_TO_BE_COVERED = ("/proc/sys/fs/binfmt_misc", "/proc/fs/nfsd", "/proc/openprom")

_FULL = (errno.ENOSPC, errno.EUSERS)

_DENIED = (errno.EPERM, errno.EACCES)

_SECCOMP = (
    "This process runs under a seccomp filter, such as that of a container, which forbids namespaces. Start the "
    "container with --security-opt seccomp=unconfined --security-opt apparmor=unconfined (Docker and Podman)."
)


def namespace_settings(proc: Path = _PROC) -> Iterator[Check]:
    """Yield the settings of this machine that can forbid an ordinary user (or anybody) to make namespaces."""
    yield _kernel_has("user", proc)
    yield _kernel_has("net", proc)
    yield from _distribution_settings(proc)
    yield from _limits(proc)
    yield _whole_proc(proc)


def explain_refusal(error: OSError, proc: Path = _PROC) -> str:
    """Return in one or two sentences which setting has the kernel refuse a namespace, and how it is allowed.

    Args:
        error: what the kernel said; its ``filename`` tells a refused mount of ``/proc`` from a refused namespace.
        proc: the proc file system.
    """
    if error.errno in _FULL:
        forbidding = [each for each in _limits(proc) if not each.works]
        return _in_words(forbidding) if forbidding else _used_up(proc)
    whole = _whole_proc(proc)
    if str(error.filename or "").startswith("/proc") and not whole.works:
        return _in_words([whole])
    if forbidding := [each for each in namespace_settings(proc) if not each.works and each != whole]:
        return _in_words(forbidding)
    hidden = [] if whole.works else [whole]  # comes to light only when namespaces are allowed, so it is told as well
    if error.errno in _DENIED and _status(proc, "Seccomp") == "2":
        return f"{_SECCOMP} {_in_words(hidden)}".strip()
    if hidden:
        return _in_words(hidden)
    return (
        f"The kernel refuses it ({error.strerror or error}), although all settings that are known here allow it. "
        "A security module may forbid it: the kernel's log tells (dmesg, journalctl -k)."
    )


def _in_words(forbidding: list[Check]) -> str:
    return " ".join(f"{each.what} {each.found}: {each.remedy}." for each in forbidding)


def _kernel_has(kind: str, proc: Path) -> Check:
    what, option = f"kernel with {kind} namespaces", f"CONFIG_{kind.upper()}_NS"
    if (proc / "self/ns" / kind).exists():
        return Check(what, True)
    return Check(what, False, "is needed, and this one is without", f"use a kernel that is built with {option}=y")


def _distribution_settings(proc: Path) -> Iterator[Check]:
    """Yield the switches that some distributions have added; they do not concern a true root."""
    for name, forbidding, allowing, more in (
        ("unprivileged_userns_clone", "0", "1", ""),
        (
            "apparmor_restrict_unprivileged_userns",
            "1",
            "0",
            f", or give {Path(sys.executable).resolve()} an AppArmor profile with the rule 'userns,'",
        ),
    ):
        value = _read(proc / "sys/kernel" / name)
        if not value:
            continue
        if value != forbidding or _is_privileged(proc):
            yield Check(f"kernel.{name}", True, f"is {value}")
            continue
        found = f"is {value}, which forbids ordinary users to make networks of their own"
        yield Check(f"kernel.{name}", False, found, f"allow it as root with 'sysctl -w kernel.{name}={allowing}'{more}")


def _limits(proc: Path) -> Iterator[Check]:
    for kind in _KINDS:
        name = f"user.max_{kind}_namespaces"
        value = _read(proc / f"sys/user/max_{kind}_namespaces")
        if value == "0":
            found, remedy = "is 0, so that there can be none", f"allow them as root with 'sysctl -w {name}=10000'"
            yield Check(name, False, found, remedy)
        elif value:
            yield Check(name, True, f"is {value}")


def _used_up(proc: Path) -> str:
    limits = ", ".join(f"{each.what} {each.found}" for each in _limits(proc)) or "the kernel's own limit"
    return (
        f"There are as many namespaces already as the kernel allows ({limits}). "
        "End other experiments or containers, or allow more as root, such as with 'sysctl -w "
        "user.max_net_namespaces=100000'."
    )


def _whole_proc(proc: Path) -> Check:
    """Tell whether something covers parts of /proc: the kernel then lets nobody mount another one."""
    covered = [path for path in _mount_points(proc) if path.startswith("/proc/") and path not in _MADE_TO_BE_COVERED]
    if not covered:
        return Check("/proc", True, "is whole")
    shown = ", ".join(covered[:3]) + (", ..." if len(covered) > 3 else "")
    return Check(
        "/proc",
        False,
        f"is covered in parts ({shown}), as in a container, so that no new one can be mounted",
        "start the container with --security-opt systempaths=unconfined (Docker) or --security-opt unmask=ALL (Podman)",
    )


def _mount_points(proc: Path) -> list[str]:
    lines = map(str.split, _read(proc / "self/mountinfo").splitlines())
    return sorted({words[4] for words in lines if len(words) > 4})


def _is_privileged(proc: Path) -> bool:
    """Tell whether this process may do all in the first user namespace: whether it is the machine's true root."""
    capabilities = int(_status(proc, "CapEff") or "0", 16)
    return bool(capabilities >> _CAP_SYS_ADMIN & 1) and _ALL_USERS in _read(proc / "self/uid_map").split()


def _status(proc: Path, name: str) -> str:
    for line in _read(proc / "self/status").splitlines():
        if line.startswith(f"{name}:"):
            return line.partition(":")[2].strip()
    return ""


def _read(path: Path) -> str:
    """Return what a file says, "" when there is none: each of these exists on some kernels only."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


# -- what the kernel can do ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Feature:
    """Something that the kernel can do or not.

    Attributes:
        attempt: shell command that succeeds when it can.
        module: the kernel module that brings it.
        option: the kernel's build option for it.
    """

    what: str
    attempt: str
    module: str
    option: str
    purpose: str
    optional: bool = False


def _queue(name: str, arguments: str, purpose: str, optional: bool = False) -> _Feature:
    attempt = f"tc qdisc replace dev lo root {name} {arguments}"
    return _Feature(name, attempt, f"sch_{name}", f"CONFIG_NET_SCH_{name.upper()}", purpose, optional)


_PROC_MOUNT = "mount of /proc"

_FEATURES = (
    _Feature(
        "veth", "ip link add name nepi0 type veth peer name nepi1", "veth", "CONFIG_VETH", "links between namespaces"
    ),
    _Feature("bridge", "ip link add name nepi2 type bridge", "bridge", "CONFIG_BRIDGE", "switches"),
    _Feature(
        "AF_PACKET",
        '"$1" -I -S -c "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)"',
        "af_packet",
        "CONFIG_PACKET",
        "captures, and links that are emulated in user space",
    ),
    _queue("htb", "", "rates of links"),
    _queue("tbf", "rate 1mbit burst 10kb latency 50ms", "rates of links"),
    _queue("netem", "delay 1ms", "delay and loss in the kernel; without it they are emulated in user space", True),
    _queue("fq_codel", "", "fair queues of links", True),
)

_NAMESPACES = ("--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--kill-child")
_PATIENCE = 30.0  # the kernel makes a network namespace only when those that are being taken down are gone


def kernel_features() -> list[Check]:
    """Return what this machine has for emulated networks: what the kernel can do, and programs.

    That is found out by trying in namespaces that are thrown away, all in one batch of some 50 ms. When namespaces
    are refused, the check "user namespaces" says why, and nothing else is tried.
    """
    return [*_tried(), *_programs(), _receive_buffers()]


def _receive_buffers(proc: Path = _PROC) -> Check:
    """Return whether sockets may hold what comes while a forwarder in user space does not get its turn."""
    what, file = "net.core.rmem_max", proc / "sys/net/core/rmem_max"
    size = int(file.read_text()) if file.exists() else 0
    remedy = "" if size >= _ROOM else f"sysctl -w net.core.rmem_max={4 * _ROOM}"
    return Check(
        what, size >= _ROOM, f"{size:,} bytes", remedy, True, "fast links in user space, without loss in bursts"
    )


def _programs() -> Iterator[Check]:
    yield examine_program("ip", "iproute2", ask="-V", purpose="addresses, links and routes")
    yield examine_program("tc", "iproute2", ask="-V", purpose="rates and queues of links")
    yield examine_program("slirp4netns", "slirp4netns", optional=True, purpose="a way out to the real network")
    yield examine_program("pasta", "passt", optional=True, purpose="a way out to the real network, faster")


def _tried() -> Iterator[Check]:
    # A whole line for each attempt: its name, and what was said when it failed.
    attempts = [(_PROC_MOUNT, "mount -t proc proc /proc"), *((each.what, each.attempt) for each in _FEATURES)]
    script = "\n".join(
        f"""if said=$({{ {attempt}; }} 2>&1); then echo '{what}='; else echo '{what}='${{said:-it failed}}; fi"""
        for what, attempt in attempts
    )
    environment = {"PATH": f"{os.environ.get('PATH', os.defpath)}:{SYSTEM_FOLDERS}", "LC_ALL": "C"}
    command = ["unshare", *_NAMESPACES, "sh", "-c", script, "sh", sys.executable]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            env=environment,
            timeout=_PATIENCE,
            check=False,
        )
    except FileNotFoundError:
        yield Check("unshare", False, "not installed", "apt-get install util-linux", purpose="trying what works here")
        return
    told = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    yield _namespaces_check(told, done.stderr.strip())
    for each in _FEATURES if told else ():
        yield _feature_check(each, told.get(each.what, "it could not be tried"))


def _namespaces_check(told: dict[str, str], said: str) -> Check:
    what, purpose = "user namespaces", "networks without being root"
    refused = said.splitlines()[-1] if not told and said else told.get(_PROC_MOUNT, "they could not be tried")
    if not refused:
        return Check(what, True, "can be made", purpose=purpose)
    number = next((each for each in (*_DENIED, *_FULL, errno.EINVAL) if os.strerror(each) in refused), 0)
    error = OSError(number, refused, "/proc" if told else None)
    return Check(what, False, refused, explain_refusal(error), purpose=purpose)


def _feature_check(feature: _Feature, refused: str) -> Check:
    if not refused:
        return Check(feature.what, True, "works", "", feature.optional, feature.purpose)
    remedy = f"load it as root with 'modprobe {feature.module}', or use a kernel that is built with {feature.option}"
    return Check(feature.what, False, refused, remedy, feature.optional, feature.purpose)
