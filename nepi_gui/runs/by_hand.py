"""What somebody has set in a run while it went on: its experiment does not tell, but its log does."""

from __future__ import annotations

import ast
import logging
import re
from dataclasses import dataclass
from pathlib import Path

from nepi_core.description import ExperimentDescription, Value
from nepi_core.runs.reader import RunReader
from nepi_core.structure import shown_name
from nepi_gui.runs.differences import value_of

_LOGGER = "nepi.changes"
_SET = re.compile(r"attribute '([^']+)' is now (.*), set by hand$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class HandChange:
    """An attribute that was set by hand during a run.

    Attributes:
        name: of the resource.
        what: the attribute.
        values: that of the experiment, and then each that was set, in their order.
    """

    guid: int
    name: str
    what: str
    values: tuple[Value | None, ...]


def changes_by_hand(folder: Path, description: ExperimentDescription | None) -> list[HandChange]:
    """Return the attributes that were set by hand, in the order in which each was set first.

    Args:
        folder: the run's.
        description: its experiment, as far as that is known.
    """
    found: dict[tuple[int, str], list[Value | None]] = {}
    with RunReader(folder) as reader:
        for entry in reader.log(logging.INFO, logger=_LOGGER):
            match = _SET.search(entry.message)
            if match and entry.guid is not None:
                found.setdefault((entry.guid, match[1]), []).append(_value(match[2]))
    return [_change(guid, what, values, description) for (guid, what), values in found.items()]


def _change(guid: int, what: str, values: list[Value | None], description: ExperimentDescription | None) -> HandChange:
    resource = description.resources.get(guid) if description is not None else None
    if resource is None:  # it was added while the run went on
        return HandChange(guid, str(guid), what, tuple(values))
    return HandChange(guid, shown_name(resource), what, (value_of(resource, what), *values))


def _value(told: str) -> Value | None:
    """Return a value as it was before it stood in a log; what cannot be read stays as it is."""
    try:
        value = ast.literal_eval(told)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return told
    return value if value is None or isinstance(value, str | int | float | bool) else told
