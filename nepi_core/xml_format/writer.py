"""An experiment description to XML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from lxml import etree
from lxml.etree import SubElement

from nepi_core.atomic_file import write_atomically
from nepi_core.description import (
    AttributeChange,
    Canvas,
    Condition,
    ExperimentDescription,
    ResourceDescription,
    Value,
)
from nepi_core.errors import FormatError
from nepi_core.times import format_delay, stformat
from nepi_core.xml_format.foreign import INDENT, put_back
from nepi_core.xml_format.lab import write_lab
from nepi_core.xml_format.names import GUI, MAX_BYTES, MAX_TEXT, NAMESPACE, NEPI_THREADS, PREFIX, STATE_TIMES, VERSION
from nepi_core.xml_format.topology import write_topology
from nepi_core.xml_format.values import check_guids, format_value, parse_time, within

_TIME_NAMES = {state: name for name, state in STATE_TIMES.items()}
_Resources = Mapping[int, ResourceDescription]


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
    try:
        data = etree.tostring(_experiment(description), xml_declaration=True, encoding="UTF-8") + b"\n"
        if len(data) > MAX_BYTES:
            raise ValueError(f"it would be longer than {MAX_BYTES} bytes, the most that is read again")
    except ValueError as wrong:
        raise FormatError(path, 0, f"the experiment cannot be written as XML: {wrong}") from None
    return data


def _experiment(description: ExperimentDescription) -> etree._Element:
    root = etree.Element("experiment", {f"{GUI}version": str(VERSION)}, nsmap={PREFIX: NAMESPACE})
    for name, text in _head(description).items():
        with within(name):
            root.set(name, text)
    if description.topology:
        with within("topology"):
            write_topology(root, description.topology)
    rms = SubElement(root, "rms")
    resources = [resource for _, resource in sorted(description.resources.items())]
    for resource in resources:
        try:
            _write_resource(rms, resource, description.resources)
        except ValueError as wrong:  # spelled out here and for attributes: there are so many of them
            raise ValueError(f"{_named(resource)}: {wrong}") from None
    _write_globals(root, description.global_values)
    _write_changes(root, description)
    _write_canvas(root, description.canvas)
    if description.lab is not None:
        with within("lab"):
            write_lab(root, description.lab)
    etree.indent(root, INDENT)
    for element, resource in zip(rms, resources, strict=True):
        if resource.foreign:
            with within(_named(resource)):
                put_back(element, resource.foreign)
    if description.topology:
        put_back(root[0], description.topology.foreign)
    put_back(root, description.foreign)
    return root


def _named(resource: ResourceDescription) -> str:
    return f"resource {resource.guid} ({resource.rtype})"


def _head(description: ExperimentDescription) -> dict[str, str]:
    nthreads = NEPI_THREADS if description.nthreads is None else description.nthreads
    if nthreads < 1:
        raise ValueError(f"nthreads {nthreads} is no positive number")
    return {
        **_filled(exp_id=description.exp_id, run_id=description.run_id, local_dir=description.local_dir),
        "nthreads": str(nthreads),
        **({f"{GUI}nthreads": "default"} if description.nthreads is None else {}),
    }


def _filled(**values: float | str | None) -> dict[str, str]:
    """Return XML attributes, without those that are None or ""; refuse what no reader would take."""
    for name, value in values.items():
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise ValueError(f"its {name} has {len(value)} characters; {MAX_TEXT} are allowed")
    filled = ((name, value) for name, value in values.items() if value is not None and value != "")
    return {name: value if isinstance(value, str) else repr(float(value)) for name, value in filled}


def _write_resource(rms: etree._Element, resource: ResourceDescription, known: _Resources) -> None:
    if known.get(resource.guid) is not resource or resource.guid < 1 or not resource.rtype:
        raise ValueError("it needs a type, and a positive guid that is the one it is known by")
    head = {"guid": str(resource.guid), "rtype": resource.rtype, "state": str(int(resource.state))}
    for state, date in (resource.times or {}).items():
        stformat(date)
        head[_TIME_NAMES[state]] = date
    element = SubElement(rms, "rm", head)
    _write_attributes(element, resource.attributes)
    _write_connections(element, resource, known)
    _write_conditions(element, resource.conditions, known)
    _write_traces(element, resource.traces)
    if resource.layout is not None:
        with within("layout"):
            SubElement(element, f"{GUI}layout", _filled(**asdict(resource.layout)))


def _write_attributes(element: etree._Element, attributes: Mapping[str, Value]) -> None:
    container = SubElement(element, "attributes") if attributes else element
    for name, value in attributes.items():
        if value is None:
            continue
        try:
            kind, text = format_value(value)
            SubElement(container, "attribute", name=name, type=kind, value=text)
        except ValueError as wrong:
            raise ValueError(f"attribute {name!r}: {wrong}") from None


def _write_connections(element: etree._Element, resource: ResourceDescription, known: _Resources) -> None:
    container = SubElement(element, "connections") if resource.connections else element
    if resource.guid in resource.connections:
        raise ValueError("it is connected to itself")
    check_guids(resource.connections, known)
    for guid in sorted(resource.connections):
        SubElement(container, "connection", guid=str(guid))


def _write_conditions(element: etree._Element, conditions: Sequence[Condition], known: _Resources) -> None:
    container = SubElement(element, "conditions") if conditions else element
    for number, condition in enumerate(conditions, 1):
        with within(f"condition {number}"):
            SubElement(container, "condition", {"action": str(int(condition.action)), **_waits(condition, known)})


def _waits(waiting: Condition | AttributeChange, known: _Resources) -> dict[str, str]:
    """Return the XML attributes that say what is waited for."""
    if not waiting.group:
        raise ValueError("the group has no guid; at least one is needed")
    check_guids(waiting.group, known)
    time = format_delay(waiting.time)
    parse_time(time)
    return {"group": str(list(waiting.group)), "state": str(int(waiting.state)), "time": time or "None"}


def _write_traces(element: etree._Element, traces: Mapping[str, bool]) -> None:
    container = SubElement(element, "traces") if traces else element
    for name, enabled in traces.items():
        with within(f"trace {name!r}"):
            tag, mark = ("trace", {}) if enabled else (f"{GUI}trace", {"enabled": "False"})
            SubElement(container, tag, {"name": name, **mark})


def _write_globals(root: etree._Element, values: Mapping[tuple[str, str], Value]) -> None:
    container = SubElement(root, f"{GUI}globals") if values else root
    for (rtype, name), value in values.items():
        with within(f"global attribute {name!r} of {rtype}"):
            kind, text = format_value(value)
            SubElement(container, f"{GUI}global", {"rtype": rtype, "name": name, "type": kind, "value": text})


def _write_changes(root: etree._Element, description: ExperimentDescription) -> None:
    container = SubElement(root, f"{GUI}changes") if description.changes else root
    for number, change in enumerate(description.changes, 1):
        with within(f"change {number}"):
            check_guids(change.guids, description.resources)
            head = {"guids": str(list(change.guids)), "name": change.name}
            if change.value is not None:
                head["type"], head["value"] = format_value(change.value)
            SubElement(container, f"{GUI}change", {**head, **_waits(change, description.resources)})


def _write_canvas(root: etree._Element, canvas: Canvas) -> None:
    container = SubElement(root, f"{GUI}canvas") if canvas.viewport or canvas.notes else root
    if canvas.viewport:
        x, y, zoom = canvas.viewport
        SubElement(container, f"{GUI}viewport", _filled(x=x, y=y, zoom=zoom))
    for note in canvas.notes:
        with within("canvas"):
            values = asdict(note)
            SubElement(container, f"{GUI}{values.pop('kind')}", _filled(**values))
