"""Experiments to draw, and the types of resources that they need."""

from __future__ import annotations

from collections.abc import Iterable

from nepi_core.description import Condition, ExperimentDescription, ResourceDescription
from nepi_core.plot.figure import draw, render
from nepi_core.plot.picture import make_picture
from nepi_core.resource import ResourceManager
from nepi_core.resource_type import Drawn
from nepi_core.states import ResourceAction, ResourceState

HOST, APPLICATION, LINK = "drawn::Host", "drawn::Application", "drawn::Link"


class Host(ResourceManager, rtype=HOST):
    """A node."""


class Application(ResourceManager, rtype=APPLICATION, drawn=Drawn.BADGE):
    """Something attached to a node."""


class Link(ResourceManager, rtype=LINK, drawn=Drawn.EDGE):
    """A line between nodes."""


TYPES = (Host, Application, Link)


def experiment(rtypes: Iterable[str], connections: Iterable[tuple[int, int]] = ()) -> ExperimentDescription:
    """Return an experiment whose resources are numbered from 1."""
    made = ExperimentDescription(exp_id="drawn")
    for guid, rtype in enumerate(rtypes, 1):
        made.resources[guid] = ResourceDescription(guid, rtype)
    for first, second in connections:
        made.connect(first, second)
    return made


def start_after(group: tuple[int, ...], time: str | None = None) -> Condition:
    return Condition(ResourceAction.START, group, ResourceState.STARTED, time)


def open_fonts() -> None:
    """Have matplotlib open its fonts, which it keeps open, before a test that looks for open files begins."""
    picture = make_picture(experiment([HOST, APPLICATION], [(1, 2)]))
    render(draw(picture), "svg")
