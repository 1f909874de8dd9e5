"""The emulated network as a whole: what it needs of this machine, what is wrong with one, what builds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from nepi_core.backend import Backend, Check, CommandGroup, Judgement
from nepi_core.errors import suggestion

if TYPE_CHECKING:
    from nepi_core.experiment import Experiment
    from nepi_core.topology import NetGraph

    from ._plan.model import Plan
    from .link import Link
    from .route import Route

# Modules are imported where they are needed: every start of the program loads this one.


class EmulatedNetwork(Backend, name="netns"):
    """Networks of namespaces on this machine."""

    provides = "emulated networks"

    def examine(self) -> Iterable[Check]:
        """Yield what this machine must allow and have."""
        from ._rights import kernel_features, namespace_settings

        features = list(kernel_features())
        yield from features
        if not all(each.works or each.optional for each in features):
            yield from namespace_settings()

    def refusals(self, experiment: Experiment) -> Mapping[int, str]:
        """Return why parts of the network cannot be deployed as they are described."""
        from ._plan.planner import check_plan

        return _refused(experiment, check_plan(experiment))

    def warnings(self, experiment: Experiment) -> Mapping[int, str]:
        """Return what will fail when it is deployed, such as a loop of switches, or has no effect."""
        from ._plan.planner import check_plan

        return _doubted(experiment, check_plan(experiment))

    def judge(self, experiment: Experiment) -> Judgement:
        """Return both, of one plan."""
        from ._plan.planner import check_plan

        plan = check_plan(experiment)
        return Judgement(_refused(experiment, plan), _doubted(experiment, plan))

    def commands(self, experiment: Experiment) -> Iterable[CommandGroup]:
        """Yield the commands that build the network, node by node."""
        from ._dry_run import planned_commands

        return planned_commands(experiment)

    def add_topology(self, experiment: Experiment, netgraph: NetGraph, **options: Any) -> None:
        """Add a node for each node of a graph, and a link for each edge; see `_topology` for the options."""
        from ._topology import add_topology

        add_topology(experiment, netgraph, **options)


def _refused(experiment: Experiment, plan: Plan) -> Mapping[int, str]:
    for route in experiment.get_resources_by_type("netns::Route"):
        if not route.deployment_refusal() and route.guid not in plan.problems:
            try:
                cast("Route", route).route(plan)
            except ValueError as error:
                plan.refuse(route.guid, str(error))
    return plan.problems


def _doubted(experiment: Experiment, plan: Plan) -> Mapping[int, str]:
    found = dict(plan.faults)
    for link in experiment.get_resources_by_type("netns::Link"):
        shapes = cast("Link", link).shapes
        if any(shape.queue and not shape.rate for shape in shapes):
            found.setdefault(link.guid, "attribute 'queue' has no effect without a 'rate' to wait for.")
    for guid, problem in _unknown_names(experiment):
        found.setdefault(guid, problem)
    return found


def _unknown_names(experiment: Experiment) -> Iterator[tuple[int, str]]:
    """Yield what names a host that the network does not have; where there is a way out of it, nobody knows."""
    from ._plan.wiring import is_host_name, station_name

    nodes = {node.guid: station_name(node, "n") for node in experiment.get_resources_by_type("netns::Node")}
    if not nodes or experiment.get_resources_by_type("netns::Nat"):
        return
    known = {"localhost", "ip6-localhost"}.union(*((name.lower(), f"ip6-{name.lower()}") for name in nodes.values()))
    for guid in experiment.resources:
        manager = experiment.get_resource(guid)
        for attribute in manager.get_attributes() if not nodes.keys().isdisjoint(manager.connections) else ():
            name = manager.value(attribute) if attribute.names_host else None
            if name and is_host_name(name) and name.lower() not in known:
                problem = f"attribute '{attribute.name}': nothing in this network is called {name!r}."
                yield guid, problem + suggestion(name, sorted(nodes.values()))
