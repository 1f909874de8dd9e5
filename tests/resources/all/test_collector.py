from __future__ import annotations

import re
from pathlib import Path

import pytest

from nepi_core.controller import ExperimentController
from nepi_core.errors import AttributeValueError, ConnectionNotAllowedError, DeploymentError, FormatError
from nepi_core.states import ResourceState
from nepi_core.xml_format import read_xml_text


def collect(bench, *guids: int, **attributes) -> int:
    return bench.ec.register_resource("Collector", connected_to=guids, **{"traceName": "stdout", **attributes})


def collected(bench) -> dict[str, str]:
    folder = Path(bench.ec.run_dir)
    own = re.compile(r"(traces|work)/|run\.sqlite|experiment\.xml")
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and not own.match(str(path.relative_to(folder)))
    }


def test_traces_of_everything_connected(bench):
    one, two = bench.shell("echo one"), bench.shell("echo two")
    collect(bench, one, two)
    bench.run(one, two)
    assert collected(bench) == {}
    bench.ec.shutdown()
    assert collected(bench) == {f"{one}.stdout": "one\n", f"{two}.stdout": "two\n"}


def test_folder_and_name(bench):
    app = bench.shell("echo one; echo error >&2")
    collect(bench, app, traceName="stderr", subDir="results/of it", rename="messages.txt")
    bench.run(app)
    bench.ec.shutdown()
    assert collected(bench) == {f"results/of it/{app}.messages.txt": "error\n"}


def test_also_when_some_have_failed(bench, expect_log):
    expect_log("FAILED")
    good, bad = bench.shell("echo good"), bench.add(command="echo bad; exit 3")
    collect(bench, good, bad)
    bench.ec.deploy()
    bench.ec.wait([good, bad], quit=lambda: False)
    bench.ec.shutdown()
    assert collected(bench)[f"{bad}.stdout"] == "bad\n"


def test_traces_are_whole(bench):
    app = bench.shell("trap 'echo end; exit' TERM; echo begin; while :; do sleep 0.01; done", startedWhen="begin")
    collect(bench, app)
    bench.run_started(app)
    bench.ec.shutdown()
    assert collected(bench) == {f"{app}.stdout": "begin\nend\n"}


def test_released_alone_it_copies_what_there_is(bench):
    app = bench.shell("echo begin; exec sleep 1000", startedWhen="begin")
    collector = collect(bench, app)
    bench.run_started(app, collector)
    bench.ec.release(collector)
    assert collected(bench) == {f"{app}.stdout": "begin\n"}
    assert bench.ec.state(app) is ResourceState.STARTED


def test_results_that_are_removed_are_collected_before(bench):
    app = bench.shell("echo one", hardRelease=True)
    collect(bench, app)
    bench.run(app)
    path = bench.ec.get_resource(app).trace_path("stdout")
    bench.ec.shutdown()
    assert collected(bench) == {f"{app}.stdout": "one\n"}
    assert not path.exists()


def test_nothing_was_run(bench):
    collect(bench, bench.shell("echo one"))
    bench.ec.shutdown()
    assert not Path(bench.ec.run_dir).exists() or collected(bench) == {}


def test_copy_that_fails_does_not_keep_the_others(bench, expect_log):
    expect_log("Collector 4: could not be released cleanly: On localhost, cannot copy")
    one, two = bench.shell('mkdir -p "$OLDPWD"; echo one'), bench.shell("echo two")
    collect(bench, one, two, rename="x")
    bench.run(one, two)
    Path(bench.ec.run_dir, f"{one}.x", "in the way").mkdir(parents=True)
    bench.ec.shutdown()
    assert collected(bench) == {f"{two}.x": "two\n"}


# -- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["..", "/tmp", "a/../..", "a/..", "traces", "./traces/x", "a\0b"])
def test_folder_outside_is_refused(bench, folder):
    with pytest.raises(AttributeValueError, match=r"attribute 'subDir' cannot be .*; it takes a path below the folder"):
        collect(bench, bench.shell("true"), subDir=folder)


@pytest.mark.parametrize("name", ["../x", "a/b", "/etc/passwd", "x" * 201])
def test_name_with_folders_is_refused(bench, name):
    with pytest.raises(AttributeValueError, match=r"attribute 'rename' cannot be .*; it takes a name of at most"):
        collect(bench, bench.shell("true"), rename=name)


def test_file_with_a_folder_outside_is_refused(tmp_path):
    text = (
        '<experiment exp_id="e" nthreads="20"><rms><rm guid="1" rtype="Collector" state="0"><attributes>'
        '<attribute name="subDir" type="string" value="../../x"/></attributes></rm></rms></experiment>'
    )
    with (
        pytest.raises(FormatError, match="subDir"),
        ExperimentController(description=read_xml_text(text.encode()), local_dir=tmp_path),
    ):
        pass


def test_collector_of_a_collector_is_refused(bench):
    first = collect(bench, bench.shell("true"))
    with pytest.raises(ConnectionNotAllowedError, match="a Collector has no traces"):
        collect(bench, first)


def test_resource_without_the_trace_is_refused(bench):
    with pytest.raises(ConnectionNotAllowedError, match=r"cannot collect 'pcap' from .*: it has only stdout, stderr"):
        collect(bench, bench.shell("true"), traceName="pcap")
    with pytest.raises(ConnectionNotAllowedError, match="cannot collect 'stdout' from linux::Node 1: it has no traces"):
        collect(bench, bench.node)


def test_trace_that_is_named_later_is_checked_at_deployment(bench):
    collector = bench.ec.register_resource("Collector", connected_to=bench.shell("true"))
    bench.ec.set(collector, "traceName", "pcap")
    with pytest.raises(DeploymentError, match="cannot collect 'pcap'"):
        bench.ec.deploy()


def test_trace_that_is_switched_off_is_refused(bench):
    app = bench.shell("true")
    bench.ec.enable_trace(app, "stdout", False)
    collect(bench, app)
    with pytest.raises(DeploymentError, match=r"collects the trace 'stdout' of .*, which is switched off"):
        bench.ec.deploy()


def test_nothing_to_collect_from_is_refused(bench):
    collect(bench)
    with pytest.raises(DeploymentError, match="is connected to nothing"):
        bench.ec.deploy()


def test_trace_name_is_required(bench):
    bench.ec.register_resource("Collector", connected_to=bench.shell("true"))
    with pytest.raises(DeploymentError, match=r"attribute 'traceName' has no value"):
        bench.ec.deploy()


def test_unknown_type_in_a_file_is_no_reason_to_refuse_it(tmp_path):
    text = (
        '<experiment exp_id="e" nthreads="20"><rms><rm guid="1" rtype="Collector" state="0"><attributes><attribute '
        'name="traceName" type="string" value="x"/></attributes><connections><connection guid="2"/></connections></rm>'
        '<rm guid="2" rtype="no::Such" state="0"><connections><connection guid="1"/></connections></rm></rms>'
        "</experiment>"
    )
    with ExperimentController(description=read_xml_text(text.encode()), local_dir=tmp_path, persist=False) as ec:
        assert ec.get_resource(1).connections == {2}
