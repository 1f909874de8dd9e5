"""XML to an experiment description: the experiment, its resources, and what the window shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from sys import intern
from typing import TypeVar

from lxml import etree

from nepi_core.description import (
    AttributeChange,
    CanvasNote,
    Condition,
    ExperimentDescription,
    Foreign,
    Layout,
    ResourceDescription,
)
from nepi_core.errors import FormatError, suggestion
from nepi_core.times import stformat
from nepi_core.xml_format import document
from nepi_core.xml_format.foreign import VERSION_MARK, collect, condition_key, settled
from nepi_core.xml_format.names import ACTIONS, STATE_TIMES, STATES, VERSION, gui, plain
from nepi_core.xml_format.reading import Key, Reading, named
from nepi_core.xml_format.topology_reader import read_topology
from nepi_core.xml_format.values import (
    check_guid,
    check_guids,
    parse_bool,
    parse_guid,
    parse_guids,
    parse_time,
    parse_value,
    shown,
)

DIALECTS = ("nepi3", "nepi6")

_Items = Mapping[str, str]
_Meaning = TypeVar("_Meaning")


def read_xml(path: str | Path, dialect: str | None = None) -> ExperimentDescription:
    """Return the experiment of a file.

    Args:
        path: of the file.
        dialect: ``nepi3`` or ``nepi6``: whose state numbers a file without our version mark has. None takes NEPI 3's,
            unless a number shows that it must be NEPI 6's.

    Raises:
        FormatError: the file cannot be read or is wrong; the message tells its faults with their lines.
    """
    return read_xml_text(document.read_bytes(path), str(path), dialect)


def read_xml_text(text: str | bytes, path: str = "", dialect: str | None = None) -> ExperimentDescription:
    """Return the experiment of an XML text, as `read_xml` does.

    Args:
        text: the XML text; bytes are in UTF-8.
        path: where the text came from, for messages.
        dialect: as for `read_xml`.

    Raises:
        FormatError: the text is wrong.
    """
    if dialect not in (None, *DIALECTS):
        raise FormatError(path, 0, f"dialect {shown(dialect)} is unknown.{suggestion(dialect, DIALECTS)}")
    data = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    root = document.parse(data, path)
    if root.tag != "experiment":
        sentence = f"is no experiment: it starts with <{plain(str(root.tag))}>, not with <experiment>."
        raise FormatError(path, document.line_of(root), sentence)
    return _Reader(root, path, Reading(data, root, path, dialect)).read()


class _Reader:
    """Reads one file. Guids come first, so that whatever names a guid is checked where it stands."""

    def __init__(self, root: etree._Element, path: str, reading: Reading) -> None:
        self._root = root
        self._reading = reading
        self._found: list[Foreign] = []
        self._groups: dict[str, tuple[int, ...]] = {}
        self._experiment = ExperimentDescription(path=path, marked=reading.marked)
        self._resources = self._experiment.resources

    def read(self) -> ExperimentDescription:
        self._read_head()
        registered: list[tuple[etree._Element, ResourceDescription]] = []
        for container in self._root.iterchildren("rms"):
            self._register(container, registered)
        self._reading.check()
        for element, resource in registered:
            self._read_resource(element, resource)
        for element in self._root.iterchildren("topology"):
            if self._experiment.topology:
                self._reading.fault(element, "topology stands twice")
            self._experiment.topology = read_topology(element, self._reading)
        self._read_additions()
        self._reading.check()
        self._experiment.foreign = settled(self._found)
        return self._experiment

    def _read_head(self) -> None:
        root, experiment = self._root, self._experiment
        collect(self._found, "", root)
        self._read_version(root.get(gui("version"), "1"))
        experiment.exp_id = self._head_text("exp_id")
        experiment.run_id = self._head_text("run_id")
        experiment.local_dir = self._head_text("local_dir")
        nthreads = root.get("nthreads", "None")
        if nthreads != "None" and root.get(gui("nthreads")) != "default":
            try:
                experiment.nthreads = parse_guid(nthreads)
            except ValueError:
                self._reading.fault(root, f"nthreads {shown(nthreads)} is no positive integer")

    def _head_text(self, name: str) -> str:
        text = self._root.get(name, "")
        return "" if text == "None" and not self._reading.marked else self._reading.text(text)

    def _read_version(self, text: str) -> None:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
        if number < 1:
            self._reading.fault(self._root, f"the version mark is {shown(text)}, which is no number from 1")
        elif number > VERSION:
            self._found.append(Foreign("", VERSION_MARK, text))

    def _register(
        self, container: etree._Element, registered: list[tuple[etree._Element, ResourceDescription]]
    ) -> None:
        """Make the resources of a container, with nothing but guid, type and line."""
        collect(self._found, "rms", container)
        for element in container.iterchildren("rm"):
            rtype = element.get("rtype", "")
            try:
                guid = parse_guid(element.get("guid", ""), self._resources)
                if not rtype:
                    raise ValueError("rtype is missing")
            except ValueError as wrong:
                self._reading.fault(element, f"rm: {wrong}")
            else:
                resource = ResourceDescription(guid, intern(rtype), line=document.line_of(element))
                self._resources[guid] = resource
                registered.append((element, resource))

    def _read_resource(self, element: etree._Element, resource: ResourceDescription) -> None:
        found: list[Foreign] = []
        odd = self._reading.has_text
        for name, text in document.items_of(element).items():
            if name not in ("guid", "rtype"):
                odd |= not self._read_run(element, resource, name, text)
        for child in element:
            read = _PARTS.get(child.tag)
            if read:
                read(self, child, resource, found)
            odd |= not read
        if odd:
            collect(found, "", element)
        if found:
            resource.foreign = settled(found)

    def _read_run(self, element: etree._Element, resource: ResourceDescription, name: str, text: str) -> bool:
        """Read the state of the run that wrote the file, or the date of a state; return whether it is one of them."""
        try:
            if name == "state":
                resource.state = _meaning(self._reading.states, name, text)
            elif name not in STATE_TIMES:
                return False
            elif text != "None":
                stformat(text)
                resource.times = {**(resource.times or {}), STATE_TIMES[name]: text}
        except ValueError as wrong:
            self._reading.fault(element, f"{named(resource)}{name}: {wrong}")
        return True

    def _read_attributes(self, container: etree._Element, resource: ResourceDescription, found: list[Foreign]) -> None:
        attributes = resource.attributes
        value_of = self._reading.value

        def read(_: etree._Element, items: _Items) -> Key:
            name = intern(items["name"])
            try:
                value = value_of(items["type"], items["value"])
            except ValueError as wrong:
                raise ValueError(f"{name!r}: {wrong}") from None
            if name in attributes:
                raise ValueError(f"{name!r} stands twice")
            if value is not None:
                attributes[name] = value
            return (name,)

        self._reading.each(container, ("attribute",), found, read, place="attributes", owner=resource)

    def _read_connections(self, container: etree._Element, resource: ResourceDescription, found: list[Foreign]) -> None:
        """Read connections; one that stands on one side only counts for both, as in NEPI."""

        def read(_: etree._Element, items: _Items) -> Key:
            guid = parse_guid(items["guid"])
            if guid == resource.guid:
                raise ValueError("it leads from the resource to itself")
            check_guid(guid, self._resources)
            resource.connections.add(guid)
            self._resources[guid].connections.add(resource.guid)
            return (guid,)

        self._reading.each(container, ("connection",), found, read, place="connections", owner=resource)

    def _read_conditions(self, container: etree._Element, resource: ResourceDescription, found: list[Foreign]) -> None:
        def read(_: etree._Element, items: _Items) -> Key:
            action = _meaning(ACTIONS, "action", items["action"])
            state = _meaning(self._reading.condition_states, "state", items["state"])
            condition = Condition(action, self._group(items["group"]), state, parse_time(items.get("time")))
            resource.conditions.append(condition)
            return condition_key(condition)

        self._reading.each(container, ("condition",), found, read, place="conditions", owner=resource)

    def _read_traces(self, container: etree._Element, resource: ResourceDescription, found: list[Foreign]) -> None:
        def read(element: etree._Element, items: _Items) -> Key:
            name = intern(items["name"])
            resource.traces[name] = element.tag == "trace" or parse_bool(items["enabled"])
            return (name,)

        self._reading.each(container, ("trace", gui("trace")), found, read, place="traces", owner=resource)

    def _read_layout(self, element: etree._Element, resource: ResourceDescription, found: list[Foreign]) -> None:
        collect(found, "gui:layout", element)
        try:
            x, y, width, height = (_number(element.get(name)) for name in _SIZES)
            colour, label, note = (element.get(name, "") for name in ("colour", "label", "note"))
            resource.layout = Layout(x, y, width, height, colour, label, note)
        except ValueError as wrong:
            self._reading.fault(element, f"{named(resource)}layout: {wrong}")

    def _group(self, text: str) -> tuple[int, ...]:
        """Return the guids of a group, checked; resources with the same group share it."""
        if text not in self._groups:
            guids = parse_guids(text)
            check_guids(guids, self._resources)
            self._groups[text] = guids
        return self._groups[text]

    def _read_additions(self) -> None:
        each, found = self._reading.each, self._found
        for element in self._root.iterchildren(gui("globals")):
            each(element, (gui("global"),), found, self._read_global, place="gui:globals")
        for element in self._root.iterchildren(gui("changes")):
            each(element, (gui("change"),), found, self._read_change, place="gui:changes")
        for element in self._root.iterchildren(gui("canvas")):
            each(element, _ON_CANVAS, found, self._read_on_canvas, place="gui:canvas")

    def _read_global(self, _: etree._Element, items: _Items) -> Key:
        key = items["rtype"], items["name"]
        self._experiment.global_values[key] = parse_value(items["type"], items["value"])
        return key

    def _read_change(self, _: etree._Element, items: _Items) -> Key:
        changes = self._experiment.changes
        value = parse_value(items["type"], items["value"]) if "value" in items else None
        state = _meaning(STATES, "state", items["state"])
        guids, group, time = self._group(items["guids"]), self._group(items["group"]), parse_time(items.get("time"))
        changes.append(AttributeChange(guids, items["name"], value, group, state, time))
        return (len(changes) - 1,)

    def _read_on_canvas(self, element: etree._Element, items: _Items) -> Key:
        canvas = self._experiment.canvas
        if element.tag == gui("viewport"):
            canvas.viewport = float(items["x"]), float(items["y"]), float(items["zoom"])
            return ()
        kind = plain(str(element.tag)).removeprefix("gui:")
        x, y, width, height = (float(items[name]) for name in _SIZES)
        canvas.notes.append(CanvasNote(kind, x, y, width, height, items.get("text", ""), items.get("colour", "")))
        return (len(canvas.notes) - 1,)


_SIZES = ("x", "y", "width", "height")
_ON_CANVAS = (gui("note"), gui("area"), gui("viewport"))
_PARTS: dict[object, Callable[[_Reader, etree._Element, ResourceDescription, list[Foreign]], None]] = {
    "attributes": _Reader._read_attributes,
    "connections": _Reader._read_connections,
    "conditions": _Reader._read_conditions,
    "traces": _Reader._read_traces,
    gui("layout"): _Reader._read_layout,
}


def _meaning(table: Mapping[str, _Meaning], what: str, text: str) -> _Meaning:
    try:
        return table[text]
    except KeyError:
        known = ", ".join(f"{number} ({getattr(meaning, 'name', meaning)})" for number, meaning in table.items())
        raise ValueError(f"{what} {shown(text)} is unknown. Known are {known}.") from None


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)
