"""What the results of a run depend on beside the experiment: program, libraries, machine, user, seeds."""

from __future__ import annotations

import functools
import os
import platform
import pwd
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

_PROGRAM = "nepi-gui"
_LIBRARIES = ("lxml", "networkx", "numpy", "scipy", "matplotlib", "rich", "jinja2", "inotify_simple", "paramiko")

# A setting on the command line whose name says that its value is nobody's business.
_SECRET = re.compile(r"(?i)([^=]*(?:passw|passphrase|secret|token|credential|key)[^=]*=).*", re.DOTALL)


def collect(*, seeds: Mapping[str, int] | None = None, description: bytes = b"") -> dict[str, str]:
    """Return what the run depends on, by name, for a reader who wants to repeat it.

    No environment variables are recorded, since they may hold secrets; of settings on the command line that look like
    secrets, only the name is. It takes some 50 ms the first time.

    Args:
        seeds: of the random generators that the experiment uses, by what they are for.
        description: the experiment file; its SHA-256 is recorded.
    """
    return {**_program(), **_machine(), **_invocation(), **_inputs(seeds or {}, description)}


def _program() -> dict[str, str]:
    return {
        "program": f"{_PROGRAM} {_version(_PROGRAM) or '(not installed)'}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "python executable": sys.executable,
        **{f"library {name}": version for name, version in _libraries()},
    }


def _libraries() -> Iterator[tuple[str, str]]:
    """Yield the libraries that are installed; which of them a run comes to use is not known at its start."""
    for name in _LIBRARIES:
        version = _version(name)
        if version:
            yield name, version


@functools.cache
def _version(distribution: str) -> str:
    from importlib import metadata  # 35 ms, and not needed before a run

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def _machine() -> dict[str, str]:
    return {
        "host": platform.node(),
        "platform": _distribution() or platform.platform(),
        "kernel": f"{platform.system()} {platform.release()} {platform.version()}",
        "architecture": platform.machine(),
        "processor": _field(Path("/proc/cpuinfo"), "model name") or platform.machine(),
        "processors": f"{len(os.sched_getaffinity(0))} of {os.cpu_count() or '?'}",
        "memory": f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.1f} GiB",
    }


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:  # a system that does not tell
        return ""


def _field(path: Path, name: str) -> str:
    """Return the first value of a name in a file of lines ``name : value``, or "" when it is not there."""
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    values = (line.partition(":")[2].strip() for line in lines if line.partition(":")[0].strip() == name)
    return next(values, "")


def _invocation() -> dict[str, str]:
    command = shlex.join(_SECRET.sub(r"\1***", argument) for argument in sys.orig_argv)
    return {"user": _user(), "command": command, "folder": _folder(), "process": str(os.getpid())}


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container may run under a number that has no name
        return str(os.getuid())


def _folder() -> str:
    try:
        return str(Path.cwd())
    except FileNotFoundError:  # it was removed under the running program
        return "(removed)"


def _inputs(seeds: Mapping[str, int], description: bytes) -> dict[str, str]:
    inputs = {f"seed {name}": str(seed) for name, seed in seeds.items()}
    if description:
        import hashlib  # 3 ms

        inputs["description sha256"] = hashlib.sha256(description).hexdigest()
    return inputs
