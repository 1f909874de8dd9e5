from __future__ import annotations

import os
import select
from pathlib import Path

import pytest

from nepi_core.errors import ConnectionNotAllowedError, DeploymentError
from nepi_core.states import ResourceState
from nepi_core.trace import TraceAttr
from tests.resources.conftest import PATIENCE, as_root

# -- traces ----------------------------------------------------------------------------------------


def test_output_is_collected(bench):
    app = bench.shell("echo out; echo err >&2; pwd")
    assert bench.run(app) == ["STOPPED"]
    assert bench.printed(app).startswith("out\n")
    assert bench.ec.trace(app, "stderr") == "err\n"


def test_size_of_a_trace_is_a_number(bench):  # one of NEPI's faults
    app = bench.shell("printf 12345678")
    bench.run(app)
    assert bench.ec.trace(app, "stdout", TraceAttr.SIZE) == 8
    assert bench.ec.trace(app, "stdout", TraceAttr.STREAM, 3, 1) == "456"
    assert Path(bench.ec.trace(app, "stdout", TraceAttr.PATH)).read_text() == "12345678"


def test_output_in_one_trace_lets_the_application_end(bench):  # one of NEPI's faults
    app = bench.shell("echo out; echo err >&2", splitStderr=False)
    assert bench.run(app) == ["STOPPED"]
    assert bench.printed(app) == "out\nerr\n"
    assert not bench.ec.get_resource(app).trace_path("stderr").exists()


def test_switched_off_traces_leave_no_files(bench):
    app = bench.shell("echo out; echo err >&2")
    for trace in ("stdout", "stderr"):
        bench.ec.enable_trace(app, trace, False)
    assert bench.run(app) == ["STOPPED"]
    assert list(bench.ec.trace_folder.iterdir()) == []


def test_binary_output_is_kept_as_it_is(bench):
    app = bench.shell("head -c 300000 /dev/urandom; printf '\\377\\000'")
    assert bench.run(app) == ["STOPPED"]
    assert bench.ec.trace(app, "stdout", "size") == 300_002
    assert "\ufffd" in bench.printed(app)


def test_output_without_end_meets_its_limit(bench, expect_log):
    expect_log("FAILED")
    app = bench.shell("head -c 200000000 /dev/zero", outputLimit=20)
    state, cause = bench.outcome(app)
    assert (state, "It wrote more than 20 MB to a file." in cause) == ("FAILED", True)
    assert bench.ec.trace(app, "stdout", "size") == 20_000_000


# -- ends ------------------------------------------------------------------------------------------


def test_exit_status_3_ends_failed(bench, expect_log):  # one of NEPI's faults
    expect_log("exit status 3")
    app = bench.shell("echo fine; echo 'no such luck' >&2; exit 3")
    state, cause = bench.outcome(app)
    assert state == "FAILED"
    assert "exit status 3" in cause
    assert "no such luck" in cause
    assert bench.ec.get_resource(app).failure.status == 3


def test_cause_tells_the_last_lines_only(bench, expect_log):
    expect_log("FAILED")
    app = bench.shell("seq 100000 >&2; exit 1")
    _, cause = bench.outcome(app)
    assert cause.endswith("99999\n100000")
    assert len(cause) < 2500


def test_program_that_is_killed_is_failed(bench, expect_log):
    expect_log("signal 9")
    app = bench.shell("kill -KILL $$")
    state, cause = bench.outcome(app)
    assert (state, "was ended by signal 9" in cause) == ("FAILED", True)


def test_critical_failure_ends_the_experiment(bench, expect_log):
    expect_log("FAILED")
    app, other = bench.add(command="exit 1"), bench.shell("sleep 1000")
    bench.ec.deploy()
    assert not bench.ec.wait_finished([app, other], timeout=PATIENCE)
    assert bench.ec.abort


def test_stopping_a_running_application_ends_stopped_within_the_grace(bench):  # one of NEPI's faults
    app = bench.shell("sleep 1000; sleep 1000", grace=3600)
    bench.run_started(app)
    bench.ec.stop(app)
    assert bench.ec.state(app) is ResourceState.STOPPED


def test_program_that_ignores_being_asked_is_ended_after_the_grace(bench):
    app = bench.shell("trap '' TERM; echo ready; while :; do sleep 1000; done", grace=0.2, startedWhen="ready")
    bench.run_started(app)
    bench.ec.stop(app)
    assert bench.ec.state(app) is ResourceState.STOPPED


def test_what_a_program_leaves_behind_ends_with_the_experiment(bench):
    app = bench.shell("sleep 1000 & setsid sleep 1000 & echo $!")
    assert bench.run(app) == ["STOPPED"]
    left = int(bench.printed(app))
    os.kill(left, 0)
    bench.ec.shutdown()
    with pytest.raises(ProcessLookupError):
        os.kill(left, 0)


def test_stop_reaches_what_a_program_forked(bench):
    app = bench.shell("sleep 1000 & echo $!; wait", startedWhen=r"\d+")
    bench.run_started(app)
    child = os.pidfd_open(int(bench.printed(app)))
    bench.ec.stop(app)
    assert select.select([child], [], [], PATIENCE)[0]
    os.close(child)


def test_time_limit(bench, expect_log):
    expect_log("did not end within")
    app = bench.shell("sleep 1000", timeout=0.2)
    state, cause = bench.outcome(app)
    assert (state, "It did not end within 0.2 s." in cause) == ("FAILED", True)


def test_end_before_the_time_limit(bench):
    app = bench.shell("true", timeout=0.00001 + 3600)
    assert bench.run(app) == ["STOPPED"]


def test_restart(bench):
    app = bench.shell("echo again >> count; wc -l < count")
    assert bench.run(app) == ["STOPPED"]
    for turn in ("2", "3"):
        bench.ec.start(app)
        bench.ec.wait(app, ResourceState.STOPPED, timeout=PATIENCE)
        assert bench.printed(app).strip() == turn
    assert [change.new.name for change in bench.ec.get_resource(app).life.changes[-4:]] == ["STARTED", "STOPPED"] * 2


def test_release_while_it_runs(bench):
    app = bench.shell("sleep 1000")
    bench.run_started(app)
    bench.ec.release(app, timeout=PATIENCE)
    assert bench.ec.state(app) is ResourceState.RELEASED


def test_nothing_to_run(bench):
    app = bench.add()
    assert bench.run(app) == ["STOPPED"]


def test_daemon_does_not_end_by_itself(bench):
    app, daemon = bench.shell("sleep 1000"), bench.shell("sleep 1000", daemon=True)
    assert bench.ec.get_resource(app).ends_by_itself()
    assert not bench.ec.get_resource(daemon).ends_by_itself()


def test_program_that_cannot_be_started(bench, expect_log):
    expect_log("cannot be started in its working folder|cannot make the folder")
    app = bench.shell("true", workingDirectory="/dev/null/folder")
    state, cause = bench.outcome(app)
    assert (state, "/dev/null/folder" in cause) == ("FAILED", True)


# -- started when ----------------------------------------------------------------------------------


def test_started_only_when_the_line_has_come(bench):
    app = bench.shell("read line; echo loading; echo ready at 80; exec sleep 1000", startedWhen=r"ready at \d+")
    bench.run_started(app)
    assert bench.ec.state(app) is ResourceState.STARTED
    assert "ready at 80" in bench.printed(app)


def test_line_on_standard_error_among_standard_output(bench):
    app = bench.shell("echo ready >&2; exec sleep 1000", startedWhen="ready", splitStderr=False)
    bench.run_started(app)
    assert bench.ec.state(app) is ResourceState.STARTED


@pytest.mark.parametrize(("status", "states"), [(0, "READY STARTED STOPPED"), (1, "READY FAILED")])
def test_program_that_ends_before_the_line(bench, expect_log, status, states):
    if status:
        expect_log("exit status 1")
    app = bench.shell(f"echo almost; exit {status}", startedWhen="ready")
    bench.run(app)
    assert [change.new.name for change in bench.ec.get_resource(app).life.changes][
        -len(states.split()) :
    ] == states.split()


def test_line_in_a_trace_that_is_switched_off_is_refused(bench):
    app = bench.shell("echo ready", startedWhen="ready")
    bench.ec.enable_trace(app, "stdout", False)
    with pytest.raises(DeploymentError, match="needs the trace 'stdout', which is switched off"):
        bench.ec.deploy()


@pytest.mark.parametrize("attribute", ["startedWhen", "seriesPattern"])
def test_wrong_pattern_is_refused_before_anything_runs(bench, attribute):
    bench.shell("touch started", **{attribute: "(unclosed"})
    with pytest.raises(DeploymentError, match="is no regular expression"):
        bench.ec.deploy()


# -- numbers ---------------------------------------------------------------------------------------


def test_numbers_by_a_pattern(bench):
    app = bench.shell("for i in 1 2 3; do echo load=$i.5; done; printf load=9", seriesPattern=r"load=(?P<load>[\d.]+)")
    bench.run(app)
    assert bench.samples(app, "load") == [1.5, 2.5, 3.5, 9.0]


def test_numbers_by_columns(bench):
    app = bench.shell("echo 'time;rate;host'; echo '1795230702;3;a'; echo '1795230703;4;b'", seriesCsv=True)
    bench.run(app)
    assert bench.samples(app, "rate") == [3.0, 4.0]
    assert bench.times(app, "rate") == [1795230702.0, 1795230703.0]


def test_numbers_and_the_awaited_line_together(bench):
    app = bench.shell("echo x=1; echo ready; echo x=2", startedWhen="ready", seriesPattern=r"x=(?P<x>\d)")
    bench.run(app)
    assert bench.samples(app, "x") == [1.0, 2.0]


# -- what it is given ------------------------------------------------------------------------------


def test_environment(bench):
    app = bench.shell("""printf '%s|' "$A" "$B" "$C" "$D" """, env="""A=1 B='two words' C="it's; $(touch x)" D=""")
    bench.run(app)
    assert bench.printed(app) == "1|two words|it's; $(touch x)||"


@pytest.mark.parametrize("env", ["novalue", "1A=b", "A B=c", "A='unclosed", "=x"])
def test_environment_that_is_none_is_refused(bench, env):
    bench.shell("true", env=env)
    with pytest.raises(DeploymentError, match="'env' is no list of NAME=value"):
        bench.ec.deploy()


def test_folders_of_nepi_are_in_the_environment(bench):
    app = bench.shell('echo "$RUN_HOME"; pwd; echo "$SRC"; echo "$HOME"')
    bench.run(app)
    run_home, folder, sources, home = bench.printed(app).splitlines()
    assert run_home == folder == bench.ec.get_resource(app).run_home
    assert sources == f"{bench.ec.local_dir}/.nepi/nepi-usr/src"
    assert home == os.environ.get("HOME", "")


@pytest.mark.parametrize("text", ["one line", "two\nlines\n", "x" * 5000, "~nobody-of-this-name/file", "a\u20ac"])
def test_standard_input_from_text(bench, text):
    app = bench.shell("cat", stdin=text)
    bench.run(app)
    assert bench.printed(app) == text


def test_standard_input_from_a_file(bench, tmp_path):
    (tmp_path / "in put").write_text("from a file")
    app = bench.shell("cat", stdin=str(tmp_path / "in put"))
    bench.run(app)
    assert bench.printed(app) == "from a file"


def test_no_standard_input(bench):
    app = bench.shell("cat; echo done")
    bench.run(app)
    assert bench.printed(app) == "done\n"


HOSTILE = [
    "; touch pwned",
    "$(touch pwned)",
    "`touch pwned`",
    "'; touch pwned '",
    '"; touch pwned "',
    "a\ntouch pwned\n",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_values_never_reach_a_shell(bench, tmp_path, monkeypatch, text):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / f"folder {text}".replace("/", "")
    app = bench.shell("pwd; cat", stdin=text, workingDirectory=str(folder))
    bench.run(app)
    assert bench.printed(app) == f"{folder}\n{text}"
    assert list(tmp_path.rglob("pwned")) == []


@as_root
def test_as_root(bench):
    app = bench.shell("id -u", sudo=True)
    bench.run(app)
    assert bench.printed(app) == "0\n"


def test_tear_down(bench):
    app = bench.shell("echo first > file", tearDown="cat file > torn-down; pwd >> torn-down")
    bench.run(app)
    folder = Path(bench.ec.get_resource(app).run_home)
    assert not (folder / "torn-down").exists()
    bench.ec.release()
    assert (folder / "torn-down").read_text() == f"first\n{folder}\n"


def test_tear_down_that_fails_is_told_and_the_release_succeeds(bench, expect_log):
    expect_log(r"released cleanly.*tearDown: false.*exit status 1")
    app = bench.shell("true", tearDown="false")
    bench.run(app)
    bench.ec.release()
    assert bench.ec.state(app) is ResourceState.RELEASED


# -- where it runs ---------------------------------------------------------------------------------


def test_second_host_is_refused(bench):
    app = bench.shell("true")
    with pytest.raises(ConnectionNotAllowedError, match="it runs on one host, and linux::Node 1 is that"):
        bench.ec.register_connection(app, bench.ec.register_resource("linux::Node"))


def test_no_host_is_refused(bench):
    bench.ec.register_resource("linux::Application", command="true")
    with pytest.raises(DeploymentError, match="linux::Application 2: is connected to no host"):
        bench.ec.deploy()


def test_activity_is_the_command_while_it_runs(bench):
    app = bench.shell("sleep 1000")
    manager = bench.ec.get_resource(app)
    assert manager.activity() == ""
    bench.run_started(app)
    assert manager.activity() == "sleep 1000"
    bench.ec.stop(app)
    assert manager.activity() == ""


def test_many_at_once(bench):
    apps = [bench.shell(f"echo {number}; exit 0") for number in range(40)]
    assert set(bench.run(*apps)) == {"STOPPED"}
    assert [bench.printed(app).strip() for app in apps] == [str(number) for number in range(40)]
