"""The experiment as plain data: what the window edits, what the XML format reads and writes, what a controller runs."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from nepi_core.errors import ConnectionNotAllowedError, UnknownResourceError, suggestion
from nepi_core.states import ResourceAction, ResourceState

Value = str | bool | int | float
"""What an attribute or an annotation may hold; None is written as absence."""

NodeId = str | int | float | bool
"""Name of a node in a topology; it keeps its type."""


LARGEST_GUID = 10**15
"""Bound of guids, far below what the run store's numbers can hold."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """A piece of a file that this program does not know, kept to be written back unchanged.

    Its owner is the resource, topology or experiment that lists it. It is written back as long as the element that
    held it is written. Lists of foreign parts are sorted by ``parent``, and within it attributes come first.

    Attributes:
        parent: tags as lxml spells them (``{namespace}tag``), from its owner down to the element that held it, joined
            by "/"; "" for the owner itself. A tag that may stand several times is followed by what tells it from the
            others, quoted, or else by its number: ``attributes/attribute[%27count%27]``, ``edges/edge[0]``.
        name: name of an XML attribute as lxml spells it, "" for an element.
        content: value of the XML attribute, or the element as canonical XML.
    """

    parent: str
    name: str
    content: str


@dataclass(frozen=True, slots=True)
class Condition:
    """An action that waits: until all of ``group`` have reached ``state``, and then for ``time``.

    Attributes:
        group: guids, in ascending order.
        time: delay as its author wrote it, such as ``2s``; None for no delay.
    """

    action: ResourceAction
    group: tuple[int, ...]
    state: ResourceState
    time: str | None = None


@dataclass(frozen=True, slots=True)
class AttributeChange:
    """An attribute value to be set during the run, once ``group`` has reached ``state``, and then ``time``."""

    guids: tuple[int, ...]
    name: str
    value: Value | None
    group: tuple[int, ...]
    state: ResourceState
    time: str | None = None


@dataclass(slots=True)
class Layout:
    """Where and how a resource stands on the canvas; None leaves it to the window.

    Attributes:
        x, y: centre, in canvas units (pixels at zoom 1), y grows downwards.
        colour: ``#rrggbb`` or "".
        label: name shown instead of type and guid.
        note: text of the user about the resource.
    """

    x: float | None = None
    y: float | None = None
    width: float | None = None
    height: float | None = None
    colour: str = ""
    label: str = ""
    note: str = ""


@dataclass(slots=True)
class CanvasNote:
    """A text or a coloured area on the canvas.

    Attributes:
        kind: "note" or "area".
        x, y: centre, in canvas units as in `Layout`.
        colour: ``#rrggbb`` or "".
    """

    kind: str
    x: float
    y: float
    width: float
    height: float
    text: str = ""
    colour: str = ""


@dataclass(slots=True)
class Canvas:
    """What the window shows beside the resources.

    Attributes:
        viewport: centre x, centre y and zoom; None before the first look.
    """

    notes: list[CanvasNote] = field(default_factory=list)
    viewport: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Lab:
    """What makes an experiment an exercise: the task, and what is not to be changed in solving it (`nepi_core.lab`).

    It is never changed in place. All sets are kept as frozen ones, and empty ones in the mappings left out.

    Attributes:
        task: what is to be done, in Markdown.
        locked: resources of which nothing may be changed, except where they stand on the canvas.
        locked_attributes: by guid, attributes that may not be changed of resources that are open otherwise.
        open_attributes: by guid, attributes that may be changed of resources that are locked otherwise.
        structure_locked: nothing may be added, removed, connected or disconnected, except resources of
            ``allowed_types``.
    """

    title: str = ""
    task: str = ""
    locked: AbstractSet[int] = frozenset()
    locked_attributes: Mapping[int, AbstractSet[str]] = field(default_factory=dict)
    open_attributes: Mapping[int, AbstractSet[str]] = field(default_factory=dict)
    structure_locked: bool = False
    allowed_types: AbstractSet[str] = frozenset()

    def __post_init__(self) -> None:
        """Keep one form of what can be said in several, so that equal labs are equal."""
        for name in ("locked", "allowed_types"):
            object.__setattr__(self, name, frozenset(getattr(self, name)))
        for name in ("locked_attributes", "open_attributes"):
            given: Mapping[int, Iterable[str]] = getattr(self, name)
            object.__setattr__(self, name, {guid: frozenset(names) for guid, names in given.items() if names})

    def without(self, gone: Collection[int]) -> Lab:
        """Return the lab as it is when some resources have been removed."""
        return replace(
            self,
            locked=self.locked - set(gone),
            locked_attributes={guid: names for guid, names in self.locked_attributes.items() if guid not in gone},
            open_attributes={guid: names for guid, names in self.open_attributes.items() if guid not in gone},
        )


@dataclass(slots=True)
class TopologyNode:
    """A node of the topology. Annotations hold numbers, texts, and for ``ips`` a list of addresses."""

    nid: NodeId
    source: bool = False
    target: bool = False
    annotations: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class TopologyEdge:
    """An edge of the topology. Annotation ``net`` is a dict: each end's node id to its address, and the network."""

    nid1: NodeId
    nid2: NodeId
    annotations: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class TopologyDescription:
    """The graph from which an experiment was generated; ``topo_type`` is a value of `TopologyType`."""

    topo_type: str
    nodes: list[TopologyNode] = field(default_factory=list)
    edges: list[TopologyEdge] = field(default_factory=list)
    foreign: list[Foreign] = field(default_factory=list)


@dataclass(slots=True)
class ResourceDescription:
    """One resource: its type and all that was said about it.

    Attributes:
        attributes: values that were set; what is not here has its default.
        connections: guids of the connected resources; each connection stands on both sides.
        traces: traces that were switched on (True) or off (False); what is not here is as the type says.
        state, times: state, and date (``YYYYMMDDHHMMSSffffff``) of each state, of the run that wrote the file;
            information only.
        line: line of the file it was read from, for messages.
    """

    guid: int
    rtype: str
    attributes: dict[str, Value] = field(default_factory=dict)
    connections: set[int] = field(default_factory=set)
    conditions: list[Condition] = field(default_factory=list)
    traces: dict[str, bool] = field(default_factory=dict)
    layout: Layout | None = None
    state: ResourceState = ResourceState.NEW
    times: dict[ResourceState, str] | None = None
    foreign: list[Foreign] | None = None
    line: int = field(default=0, compare=False)

    @property
    def label(self) -> str:
        """What people call it: the label on the canvas, or else its attribute ``name``; "" when there is neither."""
        return (self.layout.label if self.layout else "") or str(self.attributes.get("name") or "")

    def copy(self) -> ResourceDescription:
        """Return a copy that shares nothing that can be changed with this one."""
        return replace(
            self,
            attributes=dict(self.attributes),
            connections=set(self.connections),
            conditions=list(self.conditions),
            traces=dict(self.traces),
            layout=replace(self.layout) if self.layout else None,
            times=dict(self.times) if self.times else None,
            foreign=list(self.foreign) if self.foreign else None,
        )


@dataclass(slots=True)
class ExperimentDescription:
    """An experiment: resources by guid, the topology they came from, and how the canvas shows them.

    Attributes:
        global_values: values of class-wide attributes, by (rtype, attribute name).
        changes: attribute values that are set while the experiment runs.
        lab: what makes it an exercise; None for an ordinary experiment.
        path: file it was read from, for messages; "" when it was made otherwise.
        marked: whether the file bore this project's version mark, and so our state numbers.
    """

    exp_id: str = ""
    run_id: str = ""
    nthreads: int | None = None
    local_dir: str = ""
    topology: TopologyDescription | None = None
    resources: dict[int, ResourceDescription] = field(default_factory=dict)
    global_values: dict[tuple[str, str], Value] = field(default_factory=dict)
    changes: list[AttributeChange] = field(default_factory=list)
    canvas: Canvas = field(default_factory=Canvas)
    lab: Lab | None = None
    foreign: list[Foreign] = field(default_factory=list)
    path: str = field(default="", compare=False)
    marked: bool = field(default=True, compare=False)

    def resource(self, guid: int) -> ResourceDescription:
        """Return a resource.

        Raises:
            UnknownResourceError: there is no such guid.
        """
        try:
            return self.resources[guid]
        except (KeyError, TypeError):
            known = suggestion(guid, self.resources)
            raise UnknownResourceError(f"The experiment has no resource with guid {guid!r}.{known}") from None

    def connect(self, guid1: int, guid2: int) -> None:
        """Connect two resources, on both sides.

        Raises:
            UnknownResourceError: one does not exist.
            ConnectionNotAllowedError: they are the same.
        """
        first, second = self.resource(guid1), self.resource(guid2)
        if first is second:
            raise ConnectionNotAllowedError(f"{first.rtype} {guid1} cannot be connected to itself.")
        first.connections.add(guid2)
        second.connections.add(guid1)

    def disconnect(self, guid1: int, guid2: int) -> None:
        """Remove a connection on both sides; nothing happens when there is none."""
        self.resource(guid1).connections.discard(guid2)
        self.resource(guid2).connections.discard(guid1)

    def remove(self, guid: int) -> ResourceDescription:
        """Remove a resource, its connections, and its guid from all conditions, changes and locks; return what it was.

        A condition or change whose group is empty afterwards is removed as well.
        """
        removed = self.resource(guid)
        for other in removed.connections - {guid}:
            self.resources[other].connections.discard(guid)
        del self.resources[guid]
        for resource in self.resources.values():
            if resource.conditions:
                resource.conditions = list(conditions_without({guid}, resource.conditions))
        self.changes = list(changes_without({guid}, self.changes))
        self.lab = self.lab.without({guid}) if self.lab else None
        return removed

    def copy(self) -> ExperimentDescription:
        """Return a copy that shares nothing that can be changed with this one."""
        return replace(
            self,
            topology=copy.deepcopy(self.topology),
            resources={guid: resource.copy() for guid, resource in self.resources.items()},
            global_values=dict(self.global_values),
            changes=list(self.changes),
            canvas=copy.deepcopy(self.canvas),
            foreign=list(self.foreign),
        )


def conditions_without(gone: Collection[int], conditions: Iterable[Condition]) -> Iterator[Condition]:
    """Yield conditions that do not wait for some resources any more, without those that wait for no other."""
    for condition in conditions:
        group = tuple(member for member in condition.group if member not in gone)
        if group:
            yield Condition(condition.action, group, condition.state, condition.time)


def changes_without(gone: Collection[int], changes: Iterable[AttributeChange]) -> Iterator[AttributeChange]:
    """Yield planned changes in which some resources do not occur any more, without those that no other is left of."""
    for change in changes:
        guids = tuple(member for member in change.guids if member not in gone)
        group = tuple(member for member in change.group if member not in gone)
        if guids and group:
            yield AttributeChange(guids, change.name, change.value, group, change.state, change.time)


def as_guids(guids: int | Iterable[int]) -> tuple[int, ...]:
    """Return one guid or a collection of guids as a tuple in ascending order, each once.

    Raises:
        UnknownResourceError: it is a text.
    """
    if isinstance(guids, int):
        return (guids,)
    if isinstance(guids, str):
        raise UnknownResourceError(f"A guid is a whole number, or several of them in a list; {guids!r} is a text.")
    return tuple(sorted(set(guids)))
