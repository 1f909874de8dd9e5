"""Small backends, for tests of what the command line asks backends for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from nepi_core.attribute import Attribute
from nepi_core.backend import Backend, Check, CommandGroup
from nepi_core.errors import TopologyError
from nepi_core.experiment import Experiment
from nepi_core.host_resource import HostResource
from nepi_core.hosts.host import Host
from nepi_core.resource import ResourceManager
from nepi_core.resource_type import Drawn
from nepi_core.topology import NetGraph


class Station(HostResource, rtype="toy::Station"):
    """A host of a toy network."""

    rack = Attribute(help="Where it stands", default=1)

    @property
    def host(self) -> Host:
        return self.ec.local_host

    @property
    def base_folder(self) -> PurePosixPath:
        return PurePosixPath(Path(self.ec.local_dir))

    def shell_command(self) -> list[str]:
        return ["env", f"STATION={self.shown_name()}"]


class Cable(ResourceManager, rtype="toy::Cable", drawn=Drawn.EDGE):
    """A line between two stations."""

    delay = Attribute(help="One way", default=0.0, unit="ms")


class Toy(Backend, name="toy"):
    """A network of stations and cables."""

    provides: ClassVar[str] = "toy networks"
    checks: ClassVar[list[Check]] = []

    def examine(self) -> Iterable[Check]:
        yield from self.checks

    def refusals(self, experiment: Experiment) -> Mapping[int, str]:
        stations = experiment.get_resources_by_type("toy::Station")
        return {each.guid: "nobody works in rack 13." for each in stations if each.get("rack") == 13}

    def commands(self, experiment: Experiment) -> Iterator[CommandGroup]:
        for station in experiment.get_resources_by_type("toy::Station"):
            assert isinstance(station, Station)
            yield CommandGroup(station.shown_name(), ("# unpack it", f"rack {station.get('rack')}"))

    def add_topology(self, experiment: Experiment, netgraph: NetGraph, **options: Any) -> None:
        if options not in ({}, {"delays": "distance"}):
            raise TopologyError(f"delays cannot be {options['delays']!r}.")
        guids = {nid: experiment.register_resource("toy::Station") for nid in netgraph.nodes()}
        for nid, guid in guids.items():
            netgraph.annotate_node(nid, "guid", guid)
        for nid1, nid2 in netgraph.edges():
            ends = [guids[nid1], guids[nid2]]
            experiment.register_resource("toy::Cable", connected_to=ends, delay=len(options) * 5.0)


class Broken(Backend, name="broken"):
    """Raises when it is asked."""

    def examine(self) -> Iterable[Check]:
        yield Check("wheel", True, "4 of them")
        raise OSError("the axle is gone")
