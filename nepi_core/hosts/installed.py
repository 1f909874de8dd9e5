"""Whether a program is installed on this machine, and in which version; for what backends say about what they need."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

from nepi_core.backend import Check

# Where Debian keeps some programs that ordinary users may run, too.
SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"

_VERSION = re.compile(r"(?<![A-Za-z0-9.])v?(\d[\w.~+]*)")
_PATIENCE = 5.0  # a program that takes longer to tell its version is not going to


def find_program(program: str) -> str:
    """Return the path of a program, "" when it is not installed."""
    return shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:{SYSTEM_FOLDERS}") or ""


def examine_program(
    program: str, package: str, *, ask: str = "--version", optional: bool = False, purpose: str = ""
) -> Check:
    """Return whether a program is installed.

    Args:
        program: its name.
        package: Debian's name of the package that holds it.
        ask: the option that has it tell its version.
        optional: the backend runs without it.
        purpose: what it is for.
    """
    path = find_program(program)
    if not path:
        return Check(program, False, "not installed", f"apt-get install {package}", optional, purpose)
    return Check(program, True, _version(path, ask), "", optional, purpose)


def _version(path: str, ask: str) -> str:
    """Return the version of a program, or where it is when it does not tell."""
    try:
        told = subprocess.run(
            [path, ask], stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return path
    text = (told.stdout + b"\n" + told.stderr).decode(errors="replace")
    found = _VERSION.search(text)
    return found[1] if found else path
