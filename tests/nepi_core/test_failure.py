"""What a failure means for the whole experiment, and who decides that."""

from __future__ import annotations

import gc
import threading

import pytest

from nepi_core.controller import ECState, ExperimentController
from nepi_core.failure import FailureLevel, FailureManager
from nepi_core.states import ResourceState
from tests.nepi_core.resource_types import PATIENCE


def test_without_a_controller():
    fm = FailureManager()
    assert (fm.ec, fm.failure_level, fm.abort) == (None, FailureLevel.OK, False)
    fm.eval_failure(1)
    assert not fm.abort
    fm.set_rm_failure()
    assert (fm.failure_level, fm.abort) == (FailureLevel.RM_FAILURE, True)


def test_level_never_falls():
    fm = FailureManager()
    fm.set_ec_failure()
    fm.set_rm_failure()
    assert fm.failure_level is FailureLevel.EC_FAILURE


def test_controller_is_not_kept_alive():
    fm = FailureManager()
    controller = ExperimentController(fm=fm)
    assert fm.ec is controller
    controller.shutdown()
    del controller
    gc.collect()
    assert fm.ec is None


@pytest.mark.parametrize("critical", [True, False])
def test_only_a_critical_failure_gives_the_experiment_up(ec, expect_log, critical):
    expect_log("FAILED: broken")
    guid = ec.register_resource("test::Scripted", critical=critical)
    ec.get_resource(guid).fail("broken")
    assert ec.abort is critical
    assert ec.failure_level is (FailureLevel.RM_FAILURE if critical else FailureLevel.OK)
    assert ec.ecstate is (ECState.FAILED if critical else ECState.RUNNING)


def test_given_failure_manager_is_really_used(make_ec, expect_log):
    class Lenient(FailureManager):
        def __init__(self) -> None:
            super().__init__()
            self.judged: list[int] = []

        def eval_failure(self, guid: int) -> None:
            self.judged.append(guid)

    expect_log("FAILED")
    fm = Lenient()
    ec = make_ec(fm=fm)
    guid = ec.register_resource("test::Scripted")
    ec.get_resource(guid).fail("broken")
    assert ec.fm is fm
    assert fm.ec is ec
    assert fm.judged == [guid]
    assert not ec.abort


@pytest.mark.parametrize("give_up", ["set_rm_failure", "set_ec_failure"])
def test_waits_return_when_the_failure_manager_gives_the_experiment_up_by_itself(ec, give_up):
    guid = ec.register_resource("test::Scripted")
    found: list[bool] = []
    waiting = threading.Event()

    def wait() -> None:
        waiting.set()
        found.append(ec.wait_started(guid, timeout=PATIENCE))

    thread = threading.Thread(target=wait)
    thread.start()
    assert waiting.wait(PATIENCE)
    getattr(ec.fm, give_up)()
    thread.join(PATIENCE)
    assert found == [False]
    assert ec.state(guid) is ResourceState.NEW


def test_failure_manager_that_raises_is_told_of_and_gives_the_experiment_up(make_ec, expect_log):
    class Broken(FailureManager):
        def eval_failure(self, guid: int) -> None:
            raise RuntimeError("no idea")

    expect_log("FAILED")
    expect_log("The failure manager could not judge the failure of resource 1")
    ec = make_ec(fm=Broken())
    guid = ec.register_resource("test::Scripted")
    ec.get_resource(guid).script["start"] = lambda: 1 / 0
    ec.deploy()
    ec.wait_started(guid, timeout=PATIENCE)
    assert ec.state(guid) is ResourceState.FAILED
    assert ec.failure_level is FailureLevel.EC_FAILURE


def test_type_that_dropped_all_attributes_is_critical(ec, expect_log):
    from nepi_core.factory import ResourceFactory
    from nepi_core.resource import ResourceManager
    from nepi_core.resource_type import clsinit

    @clsinit
    class Bare(ResourceManager):
        _rtype = "test::Bare"

    ResourceFactory.register_type(Bare)
    try:
        expect_log("FAILED")
        guid = ec.register_resource("test::Bare")
        ec.get_resource(guid).fail("broken")
        assert ec.abort
        ec.shutdown()
    finally:
        ResourceFactory.unregister_type("test::Bare")
