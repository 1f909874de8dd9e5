"""The emulated network as a whole: what it needs of this machine, and what is wrong with the network of an experiment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nepi_core.backend import Backend, Check
from nepi_core.experiment import Experiment

from ._plan.planner import make_plan


class EmulatedNetwork(Backend, name="netns"):
    """Networks of namespaces on this machine."""

    def examine(self) -> Iterable[Check]:
        """Yield what this machine must allow and have."""
        from ._rights import kernel_features, namespace_settings

        yield from namespace_settings()
        yield from kernel_features()

    def refusals(self, experiment: Experiment) -> Mapping[int, str]:
        """Return why parts of the network cannot be deployed as they are described."""
        return make_plan(experiment).problems
