"""The exceptions of the engine; each message is complete in itself."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: object, known: Iterable[object]) -> str:
    """Return the known name most like ``name``, or "" when none is near."""
    close = difflib.get_close_matches(str(name), [str(each) for each in known], n=1, cutoff=0.6)
    return close[0] if close else ""


def suggestion(name: object, known: Iterable[object]) -> str:
    """Return the end of a message about an unknown name: the nearest name, or else all that are allowed.

    The text starts with a blank, so that it can follow a sentence; it is empty when nothing is known.
    """
    names = sorted({str(each) for each in known})
    close = nearest(name, names)
    if close:
        return f" Did you mean '{close}'?"
    if not names:
        return ""
    shown = ", ".join(names[:12])
    return f" Known are: {shown}{', ...' if len(names) > 12 else ''}."


class NepiError(Exception):
    """Base of every error that this program raises on purpose."""


class UnknownTypeError(NepiError, LookupError):
    """A resource type that no plug-in provides."""


class UnknownResourceError(NepiError, LookupError):
    """A guid that the experiment does not have."""


class UnknownAttributeError(NepiError, LookupError):
    """An attribute that the resource type does not have."""


class UnknownTraceError(NepiError, LookupError):
    """A trace that the resource type does not have, or that holds nothing."""


class AttributeValueError(NepiError, ValueError):
    """A value that an attribute does not allow, or a change that it does not allow now."""


class TimeFormatError(NepiError, ValueError):
    """A text that is no delay and no date."""


class ConnectionNotAllowedError(NepiError, ValueError):
    """A connection that makes no sense."""


class ConditionError(NepiError, ValueError):
    """A condition that can never be met, or that names what does not exist."""


class IllegalMoveError(NepiError, RuntimeError):
    """A state change that the life cycle does not have."""


class DeploymentError(NepiError, RuntimeError):
    """An experiment that cannot be deployed as it is described."""


class WaitTimeoutError(NepiError, TimeoutError):
    """A wait that took longer than its timeout."""


class LabError(NepiError, ValueError):
    """A change that the lab does not allow."""


class TopologyError(NepiError, ValueError):
    """A topology that cannot be made, read or addressed."""


class FormatError(NepiError, ValueError):
    """A file that is not what it should be.

    Args:
        path: the file, or "" for text that came from elsewhere.
        line: line in the file, from 1; 0 when it is not known.
        message: what was found and what was expected.
    """

    def __init__(self, path: str, line: int, message: str) -> None:
        place = f"{path or 'XML text'}:{line}" if line else (path or "XML text")
        super().__init__(f"{place}: {message}")
        self.path = path
        self.line = line
        self.message = message


class HostError(NepiError, OSError):
    """A host that cannot be used, or a file or program of it."""


class CommandError(HostError):
    """A command that ended with an error.

    Args:
        host: name of the host it ran on.
        command: the command as a reader would type it.
        status: exit status; minus the signal's number when a signal ended it.
        output: the last of what it printed, standard error by preference.
    """

    def __init__(self, host: str, command: str, status: int, output: str = "") -> None:
        ended = f"was ended by signal {-status}" if status < 0 else f"ended with exit status {status}"
        said = f": {output.strip()}" if output.strip() else ""
        super().__init__(f"On {host}, '{command}' {ended}{said}")
        self.host = host
        self.command = command
        self.status = status
        self.output = output


class RunStoreError(NepiError, OSError):
    """A run folder or run store that cannot be written or read."""
