from __future__ import annotations

import socket
from pathlib import Path

import pytest

from nepi_core.errors import DeploymentError
from nepi_core.states import ResourceState


@pytest.mark.parametrize("hostname", ["", "localhost", "127.0.0.1", "::1", socket.gethostname()])
def test_this_machine(bench, hostname):
    bench.ec.set(bench.node, "hostname", hostname)
    app = bench.shell("hostname")
    assert bench.run(app) == ["STOPPED"]


def test_another_machine_is_refused(bench):
    bench.ec.set(bench.node, "hostname", "host1.example.org")
    with pytest.raises(DeploymentError, match=r"'hostname' is 'host1\.example\.org', and this version runs on this"):
        bench.ec.deploy()


def test_programs_run_below_the_folder_of_the_run(bench):
    app = bench.shell("pwd")
    bench.run(app)
    assert bench.printed(app).startswith(bench.ec.run_dir)


def test_programs_run_below_a_home_that_was_given(bench, tmp_path):
    home = tmp_path / "home of experiments"
    bench.ec.set(bench.node, "home", str(home))
    app = bench.shell("pwd; echo $EXP_HOME; echo $NODE_HOME")
    bench.run(app)
    folder = f"{home}/.nepi/nepi-exp/bench"
    assert bench.printed(app).splitlines() == [
        f"{folder}/application-2/{bench.ec.run_id}",
        folder,
        f"{folder}/node-1",
    ]


@pytest.mark.parametrize(("attribute", "kept"), [("cleanHome", []), ("cleanExperiment", ["other"])])
def test_cleaning(bench, tmp_path, attribute, kept):
    experiments = tmp_path / ".nepi" / "nepi-exp"
    for name in ("bench", "other"):
        (experiments / name / "old").mkdir(parents=True)
    bench.ec.set(bench.node, "home", str(tmp_path))
    bench.ec.set(bench.node, attribute, True)
    bench.ec.deploy()
    bench.ec.wait_started(bench.node)
    assert [path.name for path in experiments.glob("*")] == kept


def test_tear_down_comes_after_the_applications(bench, tmp_path):
    bench.ec.set(bench.node, "tearDown", f"cp '{tmp_path}/ended' '{tmp_path}/seen'")
    app = bench.shell("true", tearDown=f"touch '{tmp_path}/ended'")
    bench.run(app)
    bench.ec.release()
    assert (tmp_path / "seen").exists()


def test_tear_down_that_fails_is_told_and_the_release_succeeds(bench, expect_log):
    expect_log("the tearDown command ended with exit status 4: oh")
    bench.ec.set(bench.node, "tearDown", "echo oh >&2; exit 4")
    bench.ec.deploy()
    bench.ec.wait_started(bench.node)
    bench.ec.release()
    assert bench.ec.state(bench.node) is ResourceState.RELEASED


def test_application_deploys_after_its_host(bench):
    app = bench.shell("true")
    bench.run(app)
    changes = [*bench.ec.get_resource(bench.node).life.changes, *bench.ec.get_resource(app).life.changes]
    order = [(change.guid, change.new.name) for change in sorted(changes, key=lambda change: change.time)]
    assert order.index((bench.node, "READY")) < order.index((app, "DISCOVERED"))


def test_release_of_the_host_waits_for_what_runs_on_it(bench):
    app = bench.shell("trap 'echo ended >> log; exit' TERM; echo on; while :; do sleep 0.01; done", startedWhen="on")
    bench.run_started(app)
    log = Path(bench.ec.get_resource(app).run_home, "log")
    bench.ec.release()
    assert log.read_text() == "ended\n"
    released = [bench.ec.get_release_time(guid) for guid in (app, bench.node)]
    assert released == sorted(released)
