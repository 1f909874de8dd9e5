"""Checks large experiments in a process of its own; knows no Qt, since that process is started as this module.

In a thread, a check of thousands of resources would hold Python's one lock, and each call of the window's into Qt would
wait some milliseconds for it.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import BinaryIO

from nepi_core.description import ExperimentDescription
from nepi_core.loading import Finding, Severity
from nepi_gui.validating import find_all

NEAR = 300
"""So many resources are checked in this process: their check takes less than the way to another one."""

_RANKS = {Severity.ERROR: 2, Severity.UNDEPLOYABLE: 1, Severity.WARNING: 0}


class Checker:
    """Checks one experiment after the other; may wait long, and so is called from a thread."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._starting = threading.Lock()
        self.is_closed = False

    def check(self, description: ExperimentDescription) -> tuple[Finding, ...]:
        """Return all that is wrong with an experiment, the worst first."""
        if len(description.resources) <= NEAR:
            return findings(description)
        try:
            return self._ask(description)
        except Exception as error:  # such as of a process that was killed; who asked waits for an answer
            self._end()
            return () if self.is_closed else (_unchecked(error),)

    def _ask(self, description: ExperimentDescription) -> tuple[Finding, ...]:
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        pickle.dump(description, process.stdin)
        process.stdin.flush()
        found: tuple[Finding, ...] = pickle.load(process.stdout)
        return found

    def _started(self) -> subprocess.Popen[bytes]:
        with self._starting:
            if self.is_closed:
                raise EOFError("the window is closed")
            if self._process is None:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", __name__],  # a script of the user's may be called pickle.py
                    env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    start_new_session=True,  # Ctrl-C in the terminal is the window's business
                )
            return self._process

    def close(self) -> None:
        """End the process, also while it checks; there is nothing that it could leave behind."""
        self.is_closed = True
        self._end()

    def _end(self) -> None:
        with self._starting:
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(BrokenPipeError):  # what was asked is of no interest any more
                        stream.close()


def findings(description: ExperimentDescription) -> tuple[Finding, ...]:
    """Return all that is wrong with an experiment, the worst first."""
    try:
        found: Sequence[Finding] = find_all(description)
    except Exception as error:  # a plug-in's own: it must not take the window down
        return (_unchecked(error),)
    return tuple(sorted(found, key=lambda each: (-_RANKS[each.severity], each.guid)))


def _unchecked(error: Exception) -> Finding:
    message = f"The experiment could not be checked: {type(error).__name__}: {error}"
    return Finding(Severity.UNDEPLOYABLE, 0, 0, "", message)


def _answer(asked: BinaryIO, answers: BinaryIO) -> None:
    """Check what comes until nothing more comes: the window has gone, however it ended."""
    while True:
        try:
            description = pickle.load(asked)
        except EOFError:
            return
        pickle.dump(findings(description), answers)
        answers.flush()


def _main() -> None:
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what plug-ins print must not get between the answers
    with contextlib.suppress(BrokenPipeError):
        _answer(sys.stdin.buffer, answers)


if __name__ == "__main__":
    _main()
