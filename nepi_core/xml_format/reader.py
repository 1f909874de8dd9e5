"""XML to an experiment description: the experiment, its resources, and what the window shows."""

from __future__ import annotations

from collections.abc import Mapping
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
    Value,
)
from nepi_core.errors import FormatError, suggestion
from nepi_core.states import ResourceState
from nepi_core.times import stformat
from nepi_core.xml_format.document import Document, Readers, line_of, read_bytes
from nepi_core.xml_format.foreign import VERSION_MARK, collect
from nepi_core.xml_format.lab import read_lab
from nepi_core.xml_format.names import (
    ACTIONS,
    GUI,
    MAX_TEXT,
    NEPI6_CONDITION_STATES,
    NEPI6_STATES,
    STATE_TIMES,
    STATES,
    VERSION,
)
from nepi_core.xml_format.topology import read_topology
from nepi_core.xml_format.values import (
    check_guids,
    parse_bool,
    parse_guids,
    parse_positive,
    parse_time,
    parse_value,
    shown,
)

DIALECTS = ("nepi3", "nepi6")

_Items = Mapping[str, str]
_Meaning = TypeVar("_Meaning")

_SIZES = ("x", "y", "width", "height")
_has_state_8 = etree.XPath("boolean(/experiment/rms/rm[@state='8' or conditions/condition/@state='8'])")


def read_xml(path: str | Path, dialect: str | None = None) -> ExperimentDescription:
    """Return the experiment of a file.

    Args:
        path: of the file.
        dialect: ``nepi3`` or ``nepi6``: whose state numbers a file without our version mark has. None takes NEPI 3's,
            unless a number shows that it must be NEPI 6's.

    Raises:
        FormatError: the file cannot be read or is wrong; the message tells its faults with their lines.
    """
    return read_xml_text(read_bytes(path), str(path), dialect)


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
    return _Reader(Document(data, path), path, dialect).read()


class _Reader:
    """Reads one file. Guids come first, so that whatever names a guid is checked where it stands."""

    def __init__(self, document: Document, path: str, dialect: str | None) -> None:
        self._document = document
        self._states: Mapping[str, ResourceState] = STATES
        self._condition_states: Mapping[str, ResourceState] = STATES
        if not document.marked and (dialect == "nepi6" or (dialect is None and _has_state_8(document.root))):
            self._states, self._condition_states = NEPI6_STATES, NEPI6_CONDITION_STATES
        self._groups: dict[str, tuple[int, ...]] = {}
        self._experiment = ExperimentDescription(path=path, marked=document.marked)
        self._resources = self._experiment.resources
        self._readers: Readers = {
            "topology": self._read_topology,
            "rm": self._read_resource,
            "attribute": self._read_attribute,
            "connection": self._read_connection,
            "condition": self._read_condition,
            "trace": self._read_trace,
            f"{GUI}trace": self._read_trace,
            f"{GUI}layout": self._read_layout,
            f"{GUI}global": self._read_global,
            f"{GUI}change": self._read_change,
            f"{GUI}viewport": self._read_viewport,
            f"{GUI}note": self._read_note,
            f"{GUI}area": self._read_note,
            f"{GUI}lab": self._read_lab,
        }

    def read(self) -> ExperimentDescription:
        root, document = self._document.root, self._document
        document.read(self._read_head, root, self._experiment)
        for element in root.iterfind("rms/rm"):
            document.read(self._register, element, self._experiment)
        document.check()
        document.read_inside(root, self._experiment, self._readers)
        document.check()
        self._keep_unknown(root)
        return self._experiment

    def _read_head(self, experiment: ExperimentDescription, _: etree._Element, items: _Items) -> None:
        experiment.exp_id, experiment.run_id, experiment.local_dir = (
            "" if items.get(name) == "None" and not self._document.marked else self._document.text(items.get(name, ""))
            for name in ("exp_id", "run_id", "local_dir")
        )
        if parse_positive(items.get(VERSION_MARK, "1"), "version") > VERSION:
            experiment.foreign.append(Foreign("", VERSION_MARK, items[VERSION_MARK]))
        nthreads = items.get("nthreads", "None")
        if nthreads != "None" and items.get(f"{GUI}nthreads") != "default":
            experiment.nthreads = parse_positive(nthreads, "nthreads")

    def _register(self, _: ExperimentDescription, element: etree._Element, items: _Items) -> None:
        """Make a resource with nothing but guid, type and line."""
        guid, rtype = parse_positive(items["guid"], "guid"), intern(items["rtype"])
        if guid in self._resources:
            raise ValueError(f"guid {guid} stands twice; each resource needs its own")
        if not rtype:
            raise ValueError("rtype is empty")
        self._resources[guid] = ResourceDescription(guid, rtype, line=line_of(element))

    def _read_resource(self, _: ExperimentDescription, element: etree._Element, items: _Items) -> None:
        resource = self._resources[int(items["guid"])]
        self._document.read_inside(element, resource, self._readers)
        for name, text in items.items():
            if name == "state":
                resource.state = _meaning(self._states, name, text)
            elif name in STATE_TIMES and text != "None":
                stformat(text)
                resource.times = {**(resource.times or {}), STATE_TIMES[name]: text}

    def _read_attribute(self, resource: ResourceDescription, _: etree._Element, items: _Items) -> None:
        name = intern(items["name"])
        if name in resource.attributes:
            raise ValueError("it stands twice")
        value = self._value(items["type"], items["value"])
        if value is not None:
            resource.attributes[name] = value

    def _read_connection(self, resource: ResourceDescription, _: etree._Element, items: _Items) -> None:
        """Read a connection; one that stands on one side only counts for both, as in NEPI."""
        guid = parse_positive(items["guid"], "guid")
        check_guids((guid,), self._resources)
        if guid == resource.guid:
            raise ValueError("it leads from the resource to itself")
        resource.connections.add(guid)
        self._resources[guid].connections.add(resource.guid)

    def _read_condition(self, resource: ResourceDescription, _: etree._Element, items: _Items) -> None:
        action = _meaning(ACTIONS, "action", items["action"])
        state = _meaning(self._condition_states, "state", items["state"])
        time = parse_time(items.get("time", "None"))
        resource.conditions.append(Condition(action, self._group(items["group"]), state, time))

    def _read_trace(self, resource: ResourceDescription, element: etree._Element, items: _Items) -> None:
        resource.traces[intern(items["name"])] = element.tag == "trace" or parse_bool(items["enabled"])

    def _read_layout(self, resource: ResourceDescription, _: etree._Element, items: _Items) -> None:
        x, y, width, height = (float(items[name]) if name in items else None for name in _SIZES)
        colour, label, note = (items.get(name, "") for name in ("colour", "label", "note"))
        resource.layout = Layout(x, y, width, height, colour, label, note)

    def _read_topology(self, experiment: ExperimentDescription, element: etree._Element, _: _Items) -> None:
        if experiment.topology:
            raise ValueError("it stands twice")
        experiment.topology = read_topology(element, self._document)

    def _read_global(self, experiment: ExperimentDescription, _: etree._Element, items: _Items) -> None:
        experiment.global_values[items["rtype"], items["name"]] = parse_value(items["type"], items["value"])

    def _read_change(self, experiment: ExperimentDescription, _: etree._Element, items: _Items) -> None:
        value = parse_value(items["type"], items["value"]) if "value" in items else None
        guids, group = self._group(items["guids"]), self._group(items["group"])
        state, time = _meaning(STATES, "state", items["state"]), parse_time(items.get("time", "None"))
        experiment.changes.append(AttributeChange(guids, items["name"], value, group, state, time))

    def _read_viewport(self, experiment: ExperimentDescription, _: etree._Element, items: _Items) -> None:
        experiment.canvas.viewport = float(items["x"]), float(items["y"]), float(items["zoom"])

    def _read_note(self, experiment: ExperimentDescription, element: etree._Element, items: _Items) -> None:
        x, y, width, height = (float(items[name]) for name in _SIZES)
        kind = str(element.tag).removeprefix(GUI)
        note = CanvasNote(kind, x, y, width, height, items.get("text", ""), items.get("colour", ""))
        experiment.canvas.notes.append(note)

    def _read_lab(self, experiment: ExperimentDescription, element: etree._Element, _: _Items) -> None:
        if experiment.lab is not None:
            raise ValueError("it stands twice")
        experiment.lab = read_lab(element, self._document)

    def _value(self, kind: str, text: str) -> Value | None:
        """Return the value of an attribute; None for the text by which NEPI says that nothing is set."""
        if len(text) > MAX_TEXT:
            raise ValueError(f"the value has {len(text)} characters; {MAX_TEXT} are allowed")
        if text == "None" and not self._document.marked:
            return None
        return parse_value(kind, self._document.text(text))

    def _group(self, text: str) -> tuple[int, ...]:
        """Return the guids of a group, checked; resources with the same group share it."""
        if text not in self._groups:
            guids = parse_guids(text)
            check_guids(guids, self._resources)
            self._groups[text] = guids
        return self._groups[text]

    def _keep_unknown(self, root: etree._Element) -> None:
        self._experiment.foreign += collect(root)
        for element in root.iterchildren("topology"):
            if self._experiment.topology:
                self._experiment.topology.foreign = collect(element)
        for element, resource in zip(root.iterfind("rms/rm"), self._resources.values(), strict=True):
            resource.foreign = collect(element) or None


def _meaning(table: Mapping[str, _Meaning], what: str, text: str) -> _Meaning:
    try:
        return table[text]
    except KeyError:
        known = ", ".join(f"{number} ({getattr(meaning, 'name', meaning)})" for number, meaning in table.items())
        raise ValueError(f"{what} {shown(text)} is unknown. Known are {known}.") from None
