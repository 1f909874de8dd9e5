"""An experiment file from a topology: ``--topology WHAT``."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nepi_core.backend import Backend
from nepi_core.controller import ExperimentController
from nepi_core.description import Layout
from nepi_core.errors import suggestion
from nepi_core.factory import ResourceFactory
from nepi_core.loading import as_deployed
from nepi_core.topology import NetGraph
from nepi_core.topology.generators import GENERATORS, TopologyType
from nepi_gui.document.spacing import spread
from nepi_gui.exit_status import ExitStatus
from nepi_gui.options import UsageError, parameter_option
from nepi_gui.terminal import Terminal

if TYPE_CHECKING:
    from nepi_core.description import ExperimentDescription


@dataclass(frozen=True, slots=True)
class TopologyOptions:
    """What to build, and from what.

    Attributes:
        what: kind of topology, or file with a graph.
        parameters: those of the kind, by name.
        backend: whose resources the network is built of.
        build: options for the backend.
        seed: what a random topology is drawn with.
        exp_id: name of the experiment; that of the output or of the topology when it is not given.
        output: file to write; standard output when it is None or "-".
    """

    what: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    backend: str = "netns"
    build: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    exp_id: str | None = None
    output: str | None = None


def write_topology(options: TopologyOptions, terminal: Terminal) -> ExitStatus:
    """Make an experiment from a topology, and write its file.

    Raises:
        NepiError: topology, parameters, backend or file are wrong; nothing was written.
    """
    netgraph = make_graph(options)
    description = describe(netgraph, _backend(options.backend), options)
    _write(description, options.output)
    for notice in netgraph.notices:
        terminal.note(notice)
    if netgraph.seed is not None and options.seed is None:
        terminal.note(f"The topology was drawn with --seed {netgraph.seed}, which gives the same one again.")
    terminal.note(_told(netgraph, options.output))
    return ExitStatus.DONE


def _backend(name: str) -> Backend:
    backends = {each.name: each for each in ResourceFactory.backends()}
    if name not in backends:
        raise UsageError(f"--backend: there is no backend {name!r}.{suggestion(name, backends)}")
    return backends[name]


def make_graph(options: TopologyOptions) -> NetGraph:
    """Return the graph of a kind of topology, or the one in a file.

    Raises:
        NepiError: the kind or a parameter is wrong, or the file cannot be read.
    """
    if options.what in GENERATORS:
        _refuse_missing(TopologyType(options.what), options.parameters)
        return NetGraph(topo_type=options.what, seed=options.seed, **options.parameters)
    return NetGraph.from_file(options.what, seed=options.seed)


def _refuse_missing(kind: TopologyType, given: Mapping[str, str]) -> None:
    for each in GENERATORS[kind].parameters:
        if each.default is None and each.name not in given:
            option = parameter_option(each.name)
            raise UsageError(f"--topology {kind} needs {option}, {each.expectation()}: {each.help}.")


def describe(netgraph: NetGraph, backend: Backend, options: TopologyOptions) -> ExperimentDescription:
    """Return the experiment that a backend makes of a graph, with places for its nodes.

    Raises:
        NepiError: the backend cannot build it, or the name of the experiment is none.
    """
    with ExperimentController(options.exp_id or _name(options), persist=False) as ec:
        backend.add_topology(ec, netgraph, **options.build)
        description = as_deployed(ec)
    description.topology = netgraph.to_description()
    place_on_canvas(description, netgraph)
    return description


def _name(options: TopologyOptions) -> str:
    """Return a name for the experiment, made of the name of the file or of the topology."""
    named = options.output if options.output not in (None, "-") else options.what
    return re.sub(r"[^\w+=,@.-]+", "-", Path(str(named)).stem).strip("-.")[:100] or "topology"


def _write(description: ExperimentDescription, output: str | None) -> None:
    from nepi_core.xml_format import to_xml, write_xml

    if output in (None, "-"):
        sys.stdout.write(to_xml(description).decode())
    else:
        write_xml(description, str(output))


def _told(netgraph: NetGraph, output: str | None) -> str:
    size = f"{netgraph.order} node{_s(netgraph.order)}, {netgraph.size()} link{_s(netgraph.size())}"
    if output in (None, "-"):
        return f"{size} written to standard output; --output FILE writes a file to run."
    return f"{size} written to {output}; run it with: nepi-gui --run {shlex.quote(str(output))} --duration 60s"


def _s(number: int) -> str:
    return "" if number == 1 else "s"


# -- places on the canvas -----------------------------------------------------------------------------------------


def place_on_canvas(description: ExperimentDescription, netgraph: NetGraph) -> None:
    """Give the resources of the nodes places on the canvas, as the graph has them, so that none overlap."""
    places = spread(netgraph.positions())
    for nid, data in netgraph.topology.nodes(data=True):
        resource = description.resources.get(data.get("guid"))
        if resource is not None:
            resource.layout = resource.layout or Layout()
            resource.layout.x, resource.layout.y = places[nid]
