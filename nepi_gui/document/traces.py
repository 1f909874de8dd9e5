"""Steps that a user takes with traces: have them collected or not."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from nepi_core.description import ExperimentDescription, ResourceDescription
from nepi_core.factory import ResourceFactory
from nepi_core.structure import shown_name
from nepi_core.trace import Trace
from nepi_gui.document.document import Document
from nepi_gui.translation import translate


def common_traces(rtypes: Iterable[str]) -> list[Trace]:
    """Return the traces that all of some types have; none when nobody knows one of the types."""
    declared = [ResourceFactory.find(rtype) for rtype in rtypes]
    if not declared or None in declared:
        return []
    first, *others = [{each.name: each for each in known.get_traces()} for known in declared if known]
    return [trace for name, trace in first.items() if all(name in other for other in others)]


def is_collected(description: ExperimentDescription, guids: Iterable[int], name: str) -> bool | None:
    """Tell whether resources collect a trace; None when some do and some do not."""
    found = {_is_on(description.resources[guid], name) for guid in guids}
    return found.pop() if len(found) == 1 else None


def measures(description: ExperimentDescription) -> bool:
    """Tell whether any resource collects a trace that numbers can be read from."""
    return any(
        trace.series and is_collected(description, [guid], trace.name)
        for guid, resource in description.resources.items()
        for trace in common_traces([resource.rtype])
    )


def _is_on(resource: ResourceDescription, name: str) -> bool:
    told = resource.traces.get(name)
    return _usual(resource.rtype, name) if told is None else told


def _usual(rtype: str, name: str) -> bool:
    return ResourceFactory.get_resource_type(rtype).get_trace(name).enabled


def set_trace(document: Document, guids: Collection[int], name: str, on: bool) -> None:
    """Have a trace of some resources collected, or not.

    Raises:
        UnknownResourceError, UnknownTypeError, UnknownTraceError: there is no such thing; nothing was changed.
    """
    resources = [document.description.resource(guid) for guid in guids]
    changed = [each for each in resources if _is_on(each, name) != on]
    if not changed:
        return
    whose = shown_name(resources[0])
    if len(resources) > 1:
        whose = translate("Steps", "{0} resources").format(len(resources))
    text = translate("Steps", "Collect {0} of {1}") if on else translate("Steps", "Do not collect {0} of {1}")
    with document.edit(text.format(name, whose)) as edit:
        for resource in changed:
            kept = edit.resource(resource.guid).traces
            if _usual(resource.rtype, name) == on:
                kept.pop(name, None)
            else:
                kept[name] = on
