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
    NOT_PASSED = 3
    """Everything went as it should, but not all checks of the experiment passed, or not all submissions of a lab."""
    INTERRUPTED = 130
