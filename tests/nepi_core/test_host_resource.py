"""The folders that a resource lays out on its host."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from nepi_core.description import Layout
from nepi_core.factory import ResourceFactory
from nepi_core.host_resource import HostResource
from nepi_core.hosts.host import Host
from nepi_core.runs.reader import RecordedHost, RunReader


class Machine(HostResource, rtype="test::Machine"):
    """A host with a home."""

    @property
    def host(self) -> Host:
        raise NotImplementedError

    @property
    def base_folder(self) -> PurePosixPath:
        return PurePosixPath("/home/me")


@pytest.fixture
def machine(types, make_ec):
    ResourceFactory.register_type(Machine)
    ec = make_ec("exp", run_id="run")
    yield ec.get_resource(ec.register_resource("test::Machine"))
    ResourceFactory.unregister_type("test::Machine")


def test_folders(machine):
    guest = machine.ec.get_resource(machine.ec.register_resource("test::Scripted"))
    assert machine.shared_folder("bin") == PurePosixPath("/home/me/.nepi/nepi-usr/bin")
    assert machine.experiment_folder == PurePosixPath("/home/me/.nepi/nepi-exp/exp")
    assert machine.resource_folder(guest) == machine.experiment_folder / "scripted-2"
    assert machine.run_folder(guest) == machine.experiment_folder / "scripted-2/run"


def test_placeholders_have_nepis_names(machine):
    guest = machine.ec.get_resource(machine.ec.register_resource("test::Scripted"))
    base = "/home/me/.nepi"
    assert machine.placeholders(guest) == {
        "LIB": f"{base}/nepi-usr/lib",
        "BIN": f"{base}/nepi-usr/bin",
        "SRC": f"{base}/nepi-usr/src",
        "SHARE": f"{base}/nepi-usr/share",
        "USR": f"{base}/nepi-usr",
        "EXP": f"{base}/nepi-exp",
        "EXP_HOME": f"{base}/nepi-exp/exp",
        "NODE_HOME": f"{base}/nepi-exp/exp/machine-1",
        "APP_HOME": f"{base}/nepi-exp/exp/scripted-2",
        "RUN_HOME": f"{base}/nepi-exp/exp/scripted-2/run",
        "CODE": f"{base}/nepi-exp/exp/scripted-2/code",
        "HOME": "/home/me",
    }


def test_a_host_is_called_by_its_label(machine):
    assert machine.shown_name() == "test::Machine 1"
    machine.data.layout = Layout(label="h1")
    assert machine.shown_name() == "h1"


def test_the_run_tells_how_a_host_that_is_ready_is_entered(machine):
    ec = machine.ec
    ec.deploy()
    ec.wait_started(machine.guid)
    ec.shutdown()
    with RunReader(Path(ec.run_dir)) as reader:
        assert reader.hosts() == [RecordedHost(1, "test::Machine 1", ())]
