"""The record of a run: what is in its folder while it goes on, and at its end."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from nepi_core.controller import ExperimentController
from nepi_core.errors import NepiError
from nepi_core.factory import ResourceFactory
from nepi_core.resource import ResourceManager
from nepi_core.runs.reader import RunReader
from nepi_core.series import RegexParser, Series
from nepi_core.trace import Trace
from nepi_core.xml_format import read_xml
from tests.nepi_core.resource_types import PATIENCE


class Counting(ResourceManager, rtype="test::Counting"):
    """Writes numbers, one a line, and stops."""

    numbers = Trace(help="Numbers", enabled=True, series=(Series("n", unit="1"),), parser=RegexParser(r"^(?P<n>\d+)$"))
    plain = Trace(help="Text without numbers", enabled=True)

    def do_start(self) -> None:
        path = self.trace_path("numbers")
        path.write_text("1\n")
        self.ec.run.follow(self, "numbers")
        self.ec.run.follow(self, "plain")
        super().do_start()
        with path.open("a") as file:
            file.write("2\n3")
        self.ec.run.finish(self, "numbers")
        self.set_stopped()


@pytest.fixture
def ec(make_ec) -> Iterator[ExperimentController]:
    ResourceFactory.register_type(Counting)
    ec = make_ec("exp", run_id="run")
    yield ec
    ec.shutdown()
    ResourceFactory.unregister_type("test::Counting")


def test_everything_of_a_run_is_in_its_folder(ec):
    guid = ec.register_resource("test::Counting")
    ec.deploy()
    ec.wait_finished(guid, timeout=PATIENCE)
    assert ec.run.last_values == {(guid, "n"): 3.0}
    ec.get_resource(guid).warning("said something")
    ec.shutdown()
    folder = Path(ec.run_dir)
    assert read_xml(folder / "experiment.xml").resources.keys() == {guid}
    with RunReader(folder) as reader:
        assert {key: reader.facts()[key] for key in ("exp_id", "run_id", "outcome")} == {
            "exp_id": "exp",
            "run_id": "run",
            "outcome": "done",
        }
        assert [change.new.name for change in reader.state_changes(guid)] == ["READY", "STARTED", "STOPPED", "RELEASED"]
        assert reader.samples(guid, "numbers", "n")[1] == [1.0, 2.0, 3.0]
        assert [(each.guid, each.rtype) for each in reader.resources()] == [(guid, "test::Counting")]
        assert "test::Counting 1: said something" in [entry.message for entry in reader.log(logging.WARNING)]
        assert reader.environment()["description.sha256" if "description.sha256" in reader.environment() else "python"]


def test_failure_is_in_the_record_with_its_cause(ec, expect_log):
    expect_log("FAILED: broken")
    guid = ec.register_resource("test::Scripted")
    ec.deploy()
    ec.wait_started(guid, timeout=PATIENCE)
    ec.get_resource(guid).fail("broken")
    ec.shutdown()
    with RunReader(Path(ec.run_dir)) as reader:
        failed = [change for change in reader.state_changes(guid) if change.new.name == "FAILED"]
        assert [change.cause for change in failed] == ["broken"]
        assert reader.facts()["outcome"] == "failed"
        assert any("FAILED: broken" in entry.message for entry in reader.log(logging.ERROR, guid))


def test_outcome_of_who_knows_better(ec):
    ec.register_resource("test::Scripted")
    ec.deploy()
    ec.run.outcome = "interrupted"
    ec.shutdown()
    ec.run.close("done")
    with RunReader(Path(ec.run_dir)) as reader:
        assert reader.facts()["outcome"] == "interrupted"


def test_resources_of_a_later_deployment_are_in_the_record_too(ec):
    first = ec.register_resource("test::Scripted")
    ec.deploy()
    ec.wait_started(first, timeout=PATIENCE)
    later = ec.register_resource("test::Place")
    ec.deploy()
    ec.shutdown()
    folder = Path(ec.run_dir)
    assert read_xml(folder / "experiment.xml").resources.keys() == {first, later}
    with RunReader(folder) as reader:
        assert {each.guid for each in reader.resources()} == {first, later}


def test_nothing_is_opened_after_shutdown(ec):
    ec.shutdown()
    for name in ("run", "local_host"):
        with pytest.raises(NepiError, match="Run run of experiment exp has been shut down"):
            getattr(ec, name)
    assert not Path(ec.run_dir).exists()


def test_folder_that_cannot_be_made_is_told_and_nothing_is_deployed(make_ec, tmp_path):
    (tmp_path / "file").write_text("in the way")
    ec = make_ec("exp", tmp_path / "file")
    guid = ec.register_resource("test::Scripted")
    with pytest.raises(NepiError, match="cannot be made"):
        ec.deploy()
    assert ec.get_resource(guid).deployment_group is None
    assert not ec.has_run
