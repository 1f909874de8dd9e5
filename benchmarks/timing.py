"""Taking times: medians of several runs, and scripts in processes of their own."""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]


def median(measure: Callable[[], float], times: int) -> float:
    """Return the median of what ``measure`` returns, in ``times`` calls."""
    return statistics.median(_collected(measure) for _ in range(times))


def _collected(measure: Callable[[], float]) -> float:
    gc.collect()  # what an earlier measurement left is not to be paid by this one
    return measure()


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def script(code: str, **variables: str) -> str:
    """Run Python code in a process of its own, from the checkout, and return what it prints."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | variables
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment, cwd=ROOT
    )
    if done.returncode:
        raise RuntimeError(f"A script of the benchmark failed: {done.stderr}")
    return done.stdout.strip()
