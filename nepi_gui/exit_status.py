"""What the exit status of `nepi-gui` means."""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """Exit status of the program."""

    DONE = 0
    FAILED = 1
    """The experiment failed, or what was to be done could not be done."""
    WRONG = 2
    """The file or the command line is wrong; nothing was started."""
    INTERRUPTED = 130
