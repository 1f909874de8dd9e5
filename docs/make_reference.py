"""Writes docs/reference/resource-types.md from the declarations: ``python docs/make_reference.py``."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from nepi_core import Attribute, Flags, ResourceFactory, ResourceManager, Trace

PAGE = Path(__file__).parent / "reference" / "resource-types.md"

_INTRODUCTION = """\
# Resource types

Made from the declarations by `python docs/make_reference.py`; do not edit. `nepi-gui --types` prints the same in the
terminal, with the types of your own plug-ins.

Every resource has `critical` (default True: its failure ends the experiment, and fails the resources that wait for it)
and `hardRelease` (default False: its result files, and the resource itself, are removed when it is released). They are
left out below. An attribute with the flag Design can be set only before the resource is deployed. One that is marked
"trusted" is run as a command or names files of a machine: `nepi-gui --check` refuses submissions that set it.
"""

_OF_ALL = ("critical", "hardRelease")


def reference() -> str:
    """Return the page."""
    types = [ResourceFactory.get_resource_type(name) for name in ResourceFactory.resource_types()]
    own = [each for each in types if each.__module__.startswith("nepi_core.") and each is not ResourceManager]
    parts = [_INTRODUCTION]
    own.sort(key=lambda each: (each.get_backend(), each.get_rtype()))
    for backend, members in itertools.groupby(own, ResourceManager.get_backend.__func__):
        parts.append(f"## Backend {backend}\n")
        parts.extend("\n".join(_section(each)) + "\n" for each in members)
    return "\n".join(parts)


def _section(rclass: type[ResourceManager]) -> Iterator[str]:
    yield f"### {rclass.get_rtype()}\n"
    yield f"{rclass.get_help()}\n"
    base = next((each for each in rclass.__mro__[1:] if _is_named(each)), None)
    inherited = set(base._attributes) if base else set()
    if base is not None and base is not ResourceManager:
        yield f"Has all that {base.get_rtype()} has, and what follows.\n"
    attributes = [each for each in rclass.get_attributes() if each.name not in inherited and each.name not in _OF_ALL]
    changed = [each for each in rclass.get_attributes() if base and base._attributes.get(each.name) not in (each, None)]
    rows = sorted({*attributes, *changed}, key=lambda each: list(rclass._attributes).index(each.name))
    if rows:
        yield "| attribute | takes | default | for | flags |\n| --- | --- | --- | --- | --- |"
        yield "\n".join(_attribute(each) for each in rows) + "\n"
    traces = [each for each in rclass.get_traces() if not base or base._traces.get(each.name) is not each]
    if traces:
        yield "| trace | collected | holds | series |\n| --- | --- | --- | --- |"
        yield "\n".join(map(_trace, traces)) + "\n"


def _is_named(rclass: type) -> bool:
    return issubclass(rclass, ResourceManager) and "_rtype" in rclass.__dict__


def _attribute(attribute: Attribute) -> str:
    default = "" if attribute.default in (None, "") else f"{attribute.default}"
    flags = ", ".join(flag.name or "" for flag in Flags if flag and attribute.has_flag(flag))
    flags += (", " if flags else "") + "trusted" if attribute.trusted else ""
    name = f"`{attribute.name}`" + (" (required)" if attribute.required else "")
    return _row(name, attribute.expectation(), default, attribute.help, flags)


def _trace(trace: Trace) -> str:
    series = ", ".join(f"{each.name} ({each.unit})" if each.unit else each.name for each in trace.series)
    return _row(f"`{trace.name}`", "yes" if trace.enabled else "when asked for", trace.help, series)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
