"""The Python script that builds the same experiment, for who goes on by programming."""

from __future__ import annotations

import builtins
import keyword
import math
import re
from collections.abc import Iterable, Iterator
from itertools import count
from textwrap import fill

from nepi_core.description import (
    AttributeChange,
    Condition,
    ExperimentDescription,
    Lab,
    ResourceDescription,
    Value,
)
from nepi_core.factory import ResourceFactory
from nepi_core.states import ResourceAction
from nepi_core.structure import short_type
from nepi_gui.document.nature import ask_nature

_WIDEST = 110
_LONGEST_LIST = 80
_NO_NAME = re.compile(r"\W+", re.ASCII)
_TAKEN = frozenset({"ec", "awaited", "build", "guid", "label", "labels", *keyword.kwlist, *dir(builtins)})
_OWN_ARGUMENTS = {"self", "rtype", "guid", "connected_to"}  # of register_resource, which an attribute cannot be
_INDENT = "    "


def to_python(description: ExperimentDescription) -> str:
    """Return the source of a script that builds the experiment, and runs it when it is started.

    Places, colours and notes on the canvas are left out, and so is the topology that it was made from; labels stay,
    because hosts are known by them.
    """
    return "\n".join([*_Script(description).lines(), ""])


class _Script:
    """Writes one script."""

    def __init__(self, description: ExperimentDescription) -> None:
        self._description = description
        self._resources = [resource for _, resource in sorted(description.resources.items())]
        self._names = dict(_names(self._resources))
        self._ends = _ending(description)
        self._named_later = self._find_named_later()

    def lines(self) -> Iterator[str]:
        yield from self._head()
        yield from ("", "", "def build() -> tuple[ExperimentController, list[int]]:")
        yield f'{_INDENT}"""Return the experiment, and the resources whose end it waits for."""'
        yield from (_INDENT + line if line else "" for line in self._body())
        yield from ("", "", 'if __name__ == "__main__":')
        yield from (_INDENT + line for line in self._run())

    def _head(self) -> Iterator[str]:
        name = _NO_NAME.sub("_", self._description.exp_id) or "experiment"
        yield f'"""An experiment that was drawn in NEPI-GUI. Run it with: python {name}.py"""'
        yield ""
        uses = {"ExperimentController"}
        if any(resource.conditions for resource in self._resources):
            uses |= {"ResourceAction", "ResourceState"}
        if self._description.changes:
            uses.add("ResourceState")
        yield f"from nepi_core import {', '.join(sorted(uses))}"
        described = ["Lab"] if self._description.lab else []
        described += ["Layout"] if any(_label(resource) for resource in self._resources) else []
        if described:
            yield f"from nepi_core.description import {', '.join(described)}"

    def _body(self) -> Iterator[str]:
        given = self._description
        yield from _call("ec = ExperimentController", [], _kept(given.exp_id, given.nthreads, given.local_dir))
        for (rtype, name), value in given.global_values.items():
            yield from _call("ec.set_global", [_quoted(rtype), _quoted(name), _literal(value)])
        yield from self._registrations()
        yield from self._labels()
        for resource in self._resources:
            for condition in resource.conditions:
                yield from self._condition(resource, condition)
        for change in given.changes:
            yield from self._change(change)
        if given.lab:
            yield from _bracketed("ec.description.lab = Lab(", list(_lab_arguments(given.lab)), ")")
        yield from f"return ec, {_list(self._names[guid] for guid in sorted(self._ends))}".splitlines()

    def _run(self) -> Iterator[str]:
        yield "ec, awaited = build()"
        yield "with ec:"
        yield f"{_INDENT}ec.deploy()"
        if self._ends:
            yield f"{_INDENT}ec.wait_finished(awaited)"
        else:
            yield f'{_INDENT}input("Nothing in it ends by itself. Press Enter to end it. ")'
        yield f'{_INDENT}print("The results are in", ec.run_dir)'

    def _registrations(self) -> Iterator[str]:
        last = 0
        for resource in self._resources:
            if ResourceFactory.find(resource.rtype) is None:
                yield f"# No plug-in provides the type {resource.rtype!a} here."
            yield from self._registration(resource, resource.guid != last + 1)
            last = resource.guid

    def _registration(self, resource: ResourceDescription, numbered: bool) -> Iterator[str]:
        name = self._names[resource.guid]
        named = {"guid": str(resource.guid)} if numbered else {}
        earlier = sorted(other for other in resource.connections if other < resource.guid)
        if earlier:
            named["connected_to"] = self._guids(earlier)
        fit: dict[str, str] = {}
        others: dict[str, str] = {}
        for attribute, value in resource.attributes.items():
            (fit if _can_be_argument(attribute) else others)[attribute] = _literal(value)
        is_named = bool(resource.guid in self._named_later or others or resource.traces)
        call = f"{name} = ec.register_resource" if is_named else "ec.register_resource"
        yield from _call(call, [_quoted(resource.rtype)], named | fit)
        for attribute, text in others.items():
            yield from _call("ec.set", [name, _quoted(attribute), text])
        for trace, enabled in resource.traces.items():
            yield from _call("ec.enable_trace", [name, _quoted(trace)], {} if enabled else {"enabled": "False"})

    def _find_named_later(self) -> set[int]:
        """Return the resources that the script names after it has registered them."""
        named = set(self._ends)
        for resource in self._resources:
            named.update(other for other in resource.connections if other < resource.guid)
            if resource.conditions or _label(resource):
                named.add(resource.guid)
            named.update(guid for condition in resource.conditions for guid in condition.group)
        for change in self._description.changes:
            named.update(change.group, change.guids)
        return named

    def _labels(self) -> Iterator[str]:
        labelled = [resource for resource in self._resources if _label(resource)]
        if labelled:
            yield "# What the resources are called on the canvas; hosts are known by it."
            yield from _bracketed(
                "labels = {", [f"{self._names[each.guid]}: {_quoted(_label(each))}" for each in labelled], "}"
            )
            yield "for guid, label in labels.items():"
            yield f"{_INDENT}ec.get_resource(guid).data.layout = Layout(label=label)"

    def _condition(self, resource: ResourceDescription, condition: Condition) -> Iterator[str]:
        action, state = f"ResourceAction.{condition.action.name}", f"ResourceState.{condition.state.name}"
        arguments = [self._names[resource.guid], action, self._guids(condition.group), state]
        yield from _call("ec.register_condition", arguments, _time(condition))

    def _change(self, change: AttributeChange) -> Iterator[str]:
        state = f"ResourceState.{change.state.name}"
        arguments = [_quoted(change.name), _literal(change.value), self._guids(change.guids), self._guids(change.group)]
        yield from _call("ec.set_with_conditions", [*arguments, state], _time(change))

    def _guids(self, guids: Iterable[int]) -> str:
        names = [self._names[guid] for guid in guids]
        return names[0] if len(names) == 1 else _list(names)


def _lab_arguments(lab: Lab) -> Iterator[str]:
    """Yield what a lab says; its guids stay numbers, since a lab may speak of what does not exist."""
    if lab.title:
        yield f"title={_quoted(lab.title)}"
    if lab.task:
        yield f"task={_text(lab.task)}"
    if lab.locked:
        yield f"locked={_list(map(str, sorted(lab.locked)), '{', '}')}"
    for name in ("locked_attributes", "open_attributes"):
        if given := getattr(lab, name):
            entries = (f"{guid}: {_braced(map(_quoted, sorted(names)))}" for guid, names in sorted(given.items()))
            yield f"{name}={_braced(entries)}"
    if lab.structure_locked:
        yield "structure_locked=True"
    if lab.allowed_types:
        yield f"allowed_types={_braced(map(_quoted, sorted(lab.allowed_types)))}"


def _text(text: str) -> str:
    """Return a text of several lines, each on a line of its own."""
    lines = text.splitlines(keepends=True)
    return _quoted(text) if len(lines) < 2 else "\n".join(["(", *(_INDENT + _quoted(line) for line in lines), ")"])


def _braced(items: Iterable[str]) -> str:
    return f"{{{', '.join(items)}}}"


def _kept(exp_id: str, nthreads: int | None, local_dir: str) -> dict[str, str]:
    given = {"exp_id": exp_id, "nthreads": nthreads, "local_dir": local_dir}
    return {name: _literal(value) for name, value in given.items() if value}


def _time(waiting: Condition | AttributeChange) -> dict[str, str]:
    return {"time": _quoted(waiting.time)} if waiting.time else {}


def _label(resource: ResourceDescription) -> str:
    return resource.layout.label if resource.layout else ""


def _ending(description: ExperimentDescription) -> set[int]:
    """Return the resources whose end can be waited for: those that end by themselves, or that a condition stops."""
    resources = description.resources
    stopped = {
        guid
        for guid, each in resources.items()
        if any(condition.action is ResourceAction.STOP for condition in each.conditions)
    }
    return stopped | {guid for guid in ask_nature(description).ends if ResourceFactory.find(resources[guid].rtype)}


def _names(resources: Iterable[ResourceDescription]) -> Iterator[tuple[int, str]]:
    """Yield a name for a variable for each resource: from its label, or else from its type."""
    taken = set(_TAKEN)
    for resource in resources:
        stem = _NO_NAME.sub("_", resource.label).strip("_").lower()
        if not stem:
            stem = f"{_NO_NAME.sub('_', short_type(resource.rtype)).strip('_').lower() or 'resource'}{resource.guid}"
        stem = f"n{stem}" if stem[0].isdigit() else stem
        name = stem if stem not in taken else next(each for n in count(2) if (each := f"{stem}_{n}") not in taken)
        taken.add(name)
        yield resource.guid, name


def _can_be_argument(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name) and name not in _OWN_ARGUMENTS


def _literal(value: Value | None) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return _quoted(value) if isinstance(value, str) else repr(value)


def _quoted(text: str) -> str:
    """Return a text as Python writes it, in double quotes unless it holds some."""
    written = repr(text)
    return written if '"' in written else f'"{written[1:-1]}"'


def _list(names: Iterable[str], opening: str = "[", closing: str = "]") -> str:
    """Return a list of names or numbers, in several lines when it is long."""
    joined = ", ".join(names)
    if len(joined) <= _LONGEST_LIST:
        return f"{opening}{joined}{closing}"
    filled = fill(f"{joined},", _WIDEST - 2 * len(_INDENT), initial_indent=_INDENT, subsequent_indent=_INDENT)
    return f"{opening}\n{filled}\n{closing}"


def _call(function: str, positional: list[str], named: dict[str, str] | None = None) -> Iterator[str]:
    """Yield a call, on one line if that is not too long."""
    arguments = [*positional, *(f"{name}={text}" for name, text in (named or {}).items())]
    yield from _bracketed(f"{function}(", arguments, ")")


def _bracketed(opening: str, items: list[str], closing: str) -> Iterator[str]:
    line = f"{opening}{', '.join(items)}{closing}"
    if len(line) <= _WIDEST and "\n" not in line:
        yield line
        return
    yield opening
    for item in items:
        yield from (_INDENT + part for part in f"{item},".splitlines())
    yield closing
