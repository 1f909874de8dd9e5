"""What a backend says about itself as a whole: what it needs, what is wrong with a network, what it is going to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

if TYPE_CHECKING:
    from nepi_core.experiment import Experiment
    from nepi_core.topology import NetGraph


@dataclass(frozen=True, slots=True)
class Check:
    """Something that a backend needs of this machine, and whether it is there.

    Attributes:
        what: what it is, such as "iperf3" or "user namespaces".
        works: whether it is there and does what it should.
        found: its version, or why it does not work.
        remedy: what to do where it does not, as a sentence or a command; "" when nothing can be done.
        optional: the backend runs without it; ``purpose`` says what then does not.
        purpose: what it is for.
    """

    what: str
    works: bool
    found: str = ""
    remedy: str = ""
    optional: bool = False
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class CommandGroup:
    """Commands that a deployment would run in one place, in their order.

    Attributes:
        place: where, such as the name of a node.
        lines: commands as a user would type them, and comments that begin with ``#``.
    """

    place: str
    lines: tuple[str, ...]


class Judgement(NamedTuple):
    """What a backend has to say about an experiment, guid to a sentence each; see `refusals` and `warnings` there."""

    refusals: Mapping[int, str]
    warnings: Mapping[int, str]


class Backend:
    """The whole of a backend; each may have one, found among its modules like its resource types.

    A subclass says its ``name``, which is what stands before ``::`` in the names of its types, and what it
    ``provides``.
    """

    name: ClassVar[str] = ""
    provides: ClassVar[str] = "its resources"

    def __init_subclass__(cls, name: str, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.name = name

    def examine(self) -> Iterable[Check]:
        """Yield what the backend needs of this machine; may take a second or two."""
        return ()

    def refusals(self, experiment: Experiment) -> Mapping[int, str]:
        """Return why resources cannot be deployed together: guid to a sentence, as of `deployment_refusal`."""
        return {}

    def warnings(self, experiment: Experiment) -> Mapping[int, str]:
        """Return what is doubtful about resources, or will fail when they are deployed: guid to a sentence."""
        return {}

    def judge(self, experiment: Experiment) -> Judgement:
        """Return both; for a backend to override that finds both in one go."""
        return Judgement(self.refusals(experiment), self.warnings(experiment))

    def commands(self, experiment: Experiment) -> Iterable[CommandGroup]:
        """Yield what the deployment of an experiment would run, without running it."""
        return ()

    def add_topology(self, experiment: Experiment, netgraph: NetGraph, **options: Any) -> None:
        """Add resources for all nodes and edges of a graph, and note their guids in its annotation ``guid``.

        Raises:
            TopologyError: the backend cannot build this graph, or none at all.
        """
        from nepi_core.errors import TopologyError

        raise TopologyError(f"The backend {self.name} builds no networks from topologies.")
