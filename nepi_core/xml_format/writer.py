"""An experiment description to XML, written as text without a tree in between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from nepi_core.atomic_file import write_atomically
from nepi_core.description import AttributeChange, Condition, ExperimentDescription, Layout, ResourceDescription
from nepi_core.errors import FormatError
from nepi_core.times import format_delay, stformat
from nepi_core.xml_format.foreign import VERSION_MARK, by_parent, condition_key
from nepi_core.xml_format.markup import Kept, container, element, pairs
from nepi_core.xml_format.names import (
    MAX_BYTES,
    MOST_FAULTS,
    NAMESPACE,
    NEPI_THREADS,
    PREFIX,
    STATE_TIMES,
    VERSION,
    step,
)
from nepi_core.xml_format.topology_writer import topology_text
from nepi_core.xml_format.values import check_guid, check_guids, escape, format_value, parse_time

_NOTHING: Kept = {}
_TIME_NAMES = {state: name for name, state in STATE_TIMES.items()}


def write_xml(description: ExperimentDescription, path: str | Path) -> None:
    """Write an experiment to a file, which is either wholly written or left as it was.

    Raises:
        FormatError: the experiment cannot be written as XML, or the file cannot be written.
    """
    data = _encode(description, str(path))
    try:
        write_atomically(path, data)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FormatError(str(path), 0, f"cannot be written: {reason}.") from error


def to_xml(description: ExperimentDescription) -> bytes:
    """Return an experiment as XML in UTF-8, which `read_xml_text` reads back to the same description.

    Raises:
        FormatError: it holds what XML cannot, or what could not be read back; the message names where.
    """
    return _encode(description, "")


def _encode(description: ExperimentDescription, path: str) -> bytes:
    faults: list[str] = []
    resources = list(_resources(description.resources, faults))
    try:
        data = _document(description, resources).encode()
        if len(data) > MAX_BYTES:
            raise ValueError(f"it would be longer than {MAX_BYTES} bytes, the most that is read again")
    except ValueError as wrong:
        faults.append(str(wrong))
    if not faults:
        return data
    more = "\n  ..." if len(faults) > MOST_FAULTS else ""
    listed = faults[0] if len(faults) == 1 else "".join(f"\n  {fault}" for fault in faults[:MOST_FAULTS]) + more
    raise FormatError(path, 0, f"the experiment cannot be written as XML: {listed}")


def _document(description: ExperimentDescription, resources: list[str]) -> str:
    kept = dict(by_parent(description.foreign))
    top = kept.pop("", [])
    version = next((part.content for part in top if part.name == VERSION_MARK), str(VERSION))
    head = f'experiment xmlns:{PREFIX}="{NAMESPACE}" gui:version="{escape(version)}"{_head(description)}'
    parts = [topology_text(description.topology)] if description.topology else []
    parts.append(element(1, "rms", resources, kept.get("rms", ())))
    parts += _global_values(description, kept) + _changes(description, kept) + _canvas(description, kept)
    root = element(0, head, parts, [part for part in top if part.name != VERSION_MARK])
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}\n'


def _head(description: ExperimentDescription) -> str:
    nthreads = description.nthreads
    if nthreads is None:
        threads = f' nthreads="{NEPI_THREADS}" gui:nthreads="default"'
    elif nthreads >= 1:
        threads = f' nthreads="{int(nthreads)}"'
    else:
        raise ValueError(f"nthreads {nthreads} is no positive number")
    return pairs(exp_id=description.exp_id, run_id=description.run_id, local_dir=description.local_dir) + threads


def _resources(resources: Mapping[int, ResourceDescription], faults: list[str]) -> Iterator[str]:
    for guid, resource in sorted(resources.items()):
        try:
            if resource.guid != guid or guid < 1 or not resource.rtype:
                raise ValueError(f"it needs a type, and a positive guid that is the one it is known by, {guid}")
            yield _resource(resource, resources)
        except ValueError as wrong:
            faults.append(f"resource {resource.guid} ({resource.rtype}), {wrong}")


def _resource(resource: ResourceDescription, resources: Mapping[int, ResourceDescription]) -> str:
    kept = by_parent(resource.foreign) if resource.foreign else _NOTHING
    head = f'rm guid="{resource.guid}" rtype="{escape(resource.rtype)}" state="{int(resource.state)}"{_times(resource)}'
    parts = _attributes(resource, kept)
    parts += _connections(resource, resources, kept)
    parts += _conditions(resource, resources, kept)
    parts += _traces(resource, kept)
    if resource.layout is not None:
        parts.append(element(3, f"gui:layout{_layout(resource.layout)}", (), kept.get("gui:layout", ())))
    return element(2, head, parts, kept.get("", ()))


def _times(resource: ResourceDescription) -> str:
    if not resource.times:
        return ""
    for date in resource.times.values():
        stformat(date)
    return "".join(f' {_TIME_NAMES[state]}="{date}"' for state, date in resource.times.items())


def _attributes(resource: ResourceDescription, kept: Kept) -> list[str]:
    lines: list[str] = []
    for name, value in resource.attributes.items():
        if value is None:
            continue
        try:
            kind, text = format_value(value)
            head = f'attribute name="{escape(name)}" type="{kind}" value="{escape(text)}"'
        except ValueError as wrong:
            raise ValueError(f"attribute {name!r}: {wrong}") from None
        lines.append(element(4, head, (), kept.get(f"attributes/{step('attribute', name)}", ()) if kept else ()))
    return container(3, "attributes", lines, kept.get("attributes", ()))


def _connections(resource: ResourceDescription, resources: Mapping[int, ResourceDescription], kept: Kept) -> list[str]:
    lines: list[str] = []
    for guid in sorted(resource.connections):
        check_guid(guid, resources)
        if guid == resource.guid:
            raise ValueError("connection: it leads from the resource to itself")
        place = f"connections/{step('connection', guid)}" if kept else ""
        lines.append(element(4, f'connection guid="{guid}"', (), kept.get(place, ()) if kept else ()))
    return container(3, "connections", lines, kept.get("connections", ()))


def _conditions(resource: ResourceDescription, resources: Mapping[int, ResourceDescription], kept: Kept) -> list[str]:
    lines: list[str] = []
    for condition in resource.conditions:
        try:
            check_guids(condition.group, resources)
            head = f'condition action="{int(condition.action)}"{_waits(condition)}'
        except ValueError as wrong:
            raise ValueError(f"condition {len(lines) + 1}: {wrong}") from None
        place = f"conditions/{step('condition', *condition_key(condition))}"
        lines.append(element(4, head, (), kept.get(place, ())))
    return container(3, "conditions", lines, kept.get("conditions", ()))


def _waits(waiting: Condition | AttributeChange) -> str:
    """Return the XML attributes that say what is waited for."""
    time = format_delay(waiting.time)
    parse_time(time)
    return f' group="{list(waiting.group)}" state="{int(waiting.state)}" time="{escape(time or "None")}"'


def _traces(resource: ResourceDescription, kept: Kept) -> list[str]:
    lines: list[str] = []
    for name, enabled in resource.traces.items():
        tag, rest = ("trace", "") if enabled else ("gui:trace", ' enabled="False"')
        place = f"traces/{step(tag, name)}"
        try:
            lines.append(element(4, f'{tag} name="{escape(name)}"{rest}', (), kept.get(place, ())))
        except ValueError as wrong:
            raise ValueError(f"trace {name!r}: {wrong}") from None
    return container(3, "traces", lines, kept.get("traces", ()))


def _layout(layout: Layout) -> str:
    try:
        return pairs(
            x=layout.x,
            y=layout.y,
            width=layout.width,
            height=layout.height,
            colour=layout.colour,
            label=layout.label,
            note=layout.note,
        )
    except ValueError as wrong:
        raise ValueError(f"layout: {wrong}") from None


def _global_values(description: ExperimentDescription, kept: Kept) -> list[str]:
    lines: list[str] = []
    for (rtype, name), value in description.global_values.items():
        try:
            kind, text = format_value(value)
            names = f'rtype="{escape(rtype)}" name="{escape(name)}"'
            head = f'gui:global {names} type="{kind}" value="{escape(text)}"'
        except ValueError as wrong:
            raise ValueError(f"global attribute {name!r} of {rtype}: {wrong}") from None
        lines.append(element(2, head, (), kept.get(f"gui:globals/{step('gui:global', rtype, name)}", ())))
    return container(1, "gui:globals", lines, kept.get("gui:globals", ()))


def _changes(description: ExperimentDescription, kept: Kept) -> list[str]:
    lines: list[str] = []
    for index, change in enumerate(description.changes):
        try:
            check_guids(change.guids, description.resources)
            check_guids(change.group, description.resources)
            value = ""
            if change.value is not None:
                kind, text = format_value(change.value)
                value = f' type="{kind}" value="{escape(text)}"'
            head = f'gui:change guids="{list(change.guids)}" name="{escape(change.name)}"{value}{_waits(change)}'
        except ValueError as wrong:
            raise ValueError(f"change {index + 1}: {wrong}") from None
        lines.append(element(2, head, (), kept.get(f"gui:changes/{step('gui:change', index)}", ())))
    return container(1, "gui:changes", lines, kept.get("gui:changes", ()))


def _canvas(description: ExperimentDescription, kept: Kept) -> list[str]:
    canvas = description.canvas
    lines: list[str] = []
    if canvas.viewport:
        x, y, zoom = canvas.viewport
        place = f"gui:canvas/{step('gui:viewport')}"
        lines.append(element(2, f"gui:viewport{pairs(x=x, y=y, zoom=zoom)}", (), kept.get(place, ())))
    for index, note in enumerate(canvas.notes):
        if note.kind not in ("note", "area"):
            raise ValueError(f"canvas: there is nothing of kind {note.kind!r}, only 'note' and 'area'")
        tag = f"gui:{note.kind}"
        sizes = pairs(x=note.x, y=note.y, width=note.width, height=note.height)
        head = f"{tag}{sizes}{pairs(text=note.text, colour=note.colour)}"
        lines.append(element(2, head, (), kept.get(f"gui:canvas/{step(tag, index)}", ())))
    return container(1, "gui:canvas", lines, kept.get("gui:canvas", ()))
