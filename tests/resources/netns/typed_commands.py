"""Commands as a student would type them, in namespaces that are thrown away afterwards."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from functools import cache

import pytest

# The names of `ip netns` are kept below /run, which here is one that nobody else sees.
_SANDBOX = ("unshare", "--user", "--map-root-user", "--net", "--mount", "sh", "-e", "-c")
_OWN_NAMES = "mount -t tmpfs tmpfs /run\n"


def typed(lines: Iterable[str]) -> str:
    """Run lines, each of which must succeed, and return what they printed."""
    done = subprocess.run([*_SANDBOX, _OWN_NAMES + "\n".join(lines)], capture_output=True, text=True, check=False)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"No namespaces here: {done.stderr}")
    assert done.returncode == 0, f"{done.stderr}\n{done.stdout}"
    return done.stdout


@cache
def knows(kind: str) -> bool:
    """Tell whether the kernel has a queueing discipline."""
    return "yes" in typed([f"tc qdisc add dev lo root {kind} && echo yes || true"])


def typed_where_the_kernel_can(lines: Iterable[str]) -> str:
    """Run lines, without those for netem where the kernel has none, and what depends on them."""
    lines = list(lines)
    if not knows("netem delay 1ms"):
        lines = [line.replace("parent 1:1 handle 10:", "root handle 10:") for line in lines if " netem " not in line]
    return typed(lines)
