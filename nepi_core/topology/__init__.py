"""The graph from which an experiment is built: generated, given or read, addressed, placed. Builds on networkx."""

from nepi_core.topology.generators import TopologyType
from nepi_core.topology.netgraph import NetGraph

__all__ = ["NetGraph", "TopologyType"]
