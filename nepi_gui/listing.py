"""The reference of resource types in the terminal: ``--types``."""

from __future__ import annotations

import sys
from itertools import groupby
from typing import TYPE_CHECKING

from nepi_core.attribute import Attribute, Flags
from nepi_core.errors import UnknownTypeError, nearest, suggestion
from nepi_core.factory import ResourceFactory
from nepi_core.trace import Trace
from nepi_gui.terminal import printable, show

if TYPE_CHECKING:
    from rich.table import Table

    from nepi_core.resource import ResourceManager


def list_types() -> None:
    """Print all resource types, by backend, each with what it is for."""
    from rich.text import Text

    types = sorted(map(ResourceFactory.get_resource_type, ResourceFactory.resource_types()), key=_place)
    width = max((len(each.get_rtype()) for each in types), default=0)
    for number, (backend, members) in enumerate(groupby(types, key=lambda each: each.get_backend())):
        show(Text(f"{chr(10) if number else ''}{backend}", style="bold"), sys.stdout)
        table = _table(width)
        for each in members:
            table.add_row(f"  {each.get_rtype()}", printable(each.get_help()))
        show(table, sys.stdout)


def describe_type(rtype: str) -> None:
    """Print what a resource type is for, its attributes and its traces.

    Raises:
        UnknownTypeError: there is none of that name.
    """
    from rich.text import Text

    found = ResourceFactory.find(rtype)
    if found is None:
        raise UnknownTypeError(f"There is no resource type {rtype!r}.{_suggestion(rtype)}")
    show(Text(f"{found.get_rtype()}: {printable(found.get_help())}", style="bold"), sys.stdout)
    for title, rows in (
        ("Attributes", [(each.name, _attribute_words(each)) for each in found.get_attributes()]),
        ("Traces", [(each.name, _trace_words(each)) for each in found.get_traces()]),
    ):
        if rows:
            show(Text(f"\n{title}", style="bold"), sys.stdout)
            table = _table(max(len(name) for name, _ in rows))
            for name, words in rows:
                table.add_row(f"  {name}", printable(words))
            show(table, sys.stdout)


def _suggestion(rtype: str) -> str:
    """Return which type may have been meant, also when it was named without its backend, or in small letters."""
    wanted = rtype.casefold()
    known = ResourceFactory.resource_types()
    names = {name.casefold().rpartition("::")[2]: name for name in known} | {name.casefold(): name for name in known}
    close = nearest(wanted, names)
    return f" Did you mean '{names[close]}'?" if close else suggestion(rtype, known)


def _place(rclass: type[ResourceManager]) -> tuple[str, str]:
    return rclass.get_backend(), rclass.get_rtype()


def _table(width: int) -> Table:
    from rich.table import Table

    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True, min_width=width + 2, overflow="ellipsis")
    table.add_column(overflow="fold")
    return table


def _attribute_words(attribute: Attribute) -> str:
    help_line = f"{attribute.help}\n" if attribute.help else ""
    words = [f"takes {attribute.expectation()}"]
    if attribute.default not in (None, ""):
        words.append(f"default {attribute.default}")
    if attribute.required:
        words.append("required")
    flags = [str(flag.name) for flag in Flags if flag and flag in attribute.flags]
    if flags:
        words.append(f"flags {' '.join(flags)}")
    return f"{help_line}{'; '.join(words)}"


def _trace_words(trace: Trace) -> str:
    words = [trace.help] if trace.help else []
    words.append("collected unless switched off" if trace.enabled else "collected when switched on")
    for series in trace.series:
        unit = f" in {series.unit}" if series.unit else ""
        words.append(f"series {series.name}{unit}{f': {series.help}' if series.help else ''}")
    return "\n".join(words)
