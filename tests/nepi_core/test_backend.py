"""Backends as a whole: found with their plug-ins, asked for refusals; other names of types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from nepi_core import ExperimentController, ResourceFactory, ResourceManager
from nepi_core.backend import Backend
from nepi_core.errors import DeploymentError, TopologyError
from nepi_core.experiment import Experiment
from nepi_core.loading import Severity, validate
from nepi_core.plugins import Plugin
from nepi_core.topology import NetGraph


class Pair(ResourceManager, rtype="pairs::One"):
    """Needs a second one in the experiment."""


class Pairs(Backend, name="pairs"):
    """Refuses an odd number."""

    def refusals(self, experiment: Experiment) -> Mapping[int, str]:
        guids = experiment.filter_resources("pairs::One")
        return {guids[-1]: "has no partner."} if len(guids) % 2 else {}


@pytest.fixture(autouse=True)
def pairs() -> Iterator[None]:
    ResourceFactory.populate()
    ResourceFactory._register_all([Plugin("pairs", (Pair,), (Pairs,), {"pairs::Uno": "pairs::One"})])
    yield
    ResourceFactory.unregister_type("pairs::One")
    ResourceFactory._backends.pop("pairs")
    ResourceFactory._aliases.pop("pairs::Uno")


def test_a_backend_refuses_what_does_not_fit_together() -> None:
    with ExperimentController("pairs", persist=False) as ec:
        ec.register_resource("pairs::One")
        last = ec.register_resource("pairs::One")
        odd = ec.register_resource("pairs::One")
        with pytest.raises(DeploymentError, match=rf"pairs::One {odd}: has no partner"):
            ec.deploy()
        assert not ec.has_run
        ec.remove_resource(odd)
        ec.deploy()
        ec.wait_started(last)


def test_what_is_deployed_alone_is_not_refused_for_others() -> None:
    with ExperimentController("pairs", persist=False) as ec:
        first = ec.register_resource("pairs::One")
        for _ in range(2):
            ec.register_resource("pairs::One")
        ec.deploy(first)
        ec.wait_started(first)


def test_validation_tells_the_refusals() -> None:
    with ExperimentController("pairs", persist=False) as ec:
        guid = ec.register_resource("pairs::One")
        found = validate(ec.description)
    assert [(each.guid, each.severity) for each in found] == [(guid, Severity.UNDEPLOYABLE)]


def test_a_type_has_other_names() -> None:
    assert ResourceFactory.find("pairs::Uno") is Pair
    assert ResourceFactory.aliases()["pairs::Uno"] == "pairs::One"
    assert "pairs::Uno" not in ResourceFactory.resource_types()
    with ExperimentController("pairs", persist=False) as ec:
        guid = ec.register_resource("pairs::Uno")
        assert ec.get_resource(guid).get_rtype() == "pairs::One"
        assert ec.description.resources[guid].rtype == "pairs::Uno"  # and so it is written


def test_backends_are_known_by_name() -> None:
    assert isinstance(ResourceFactory.backend("pairs"), Pairs)
    assert "pairs" in [each.name for each in ResourceFactory.backends()]
    assert ResourceFactory.backend("nothing") is None


def test_a_backend_need_not_build_topologies() -> None:
    with (
        ExperimentController("pairs", persist=False) as ec,
        pytest.raises(TopologyError, match="pairs builds no networks"),
    ):
        Pairs().add_topology(ec, NetGraph())
