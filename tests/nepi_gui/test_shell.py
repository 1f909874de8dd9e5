from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nepi_core.errors import NepiError
from nepi_core.lifecycle import StateChange
from nepi_core.runs.store import RunStore
from nepi_core.states import ResourceState
from nepi_gui.shell import find_host, find_run, open_shell
from nepi_gui.terminal import Terminal
from tests.nepi_gui.experiments import Described, command, environment, run

PATIENCE = 60.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    """The record of a run that is going on, with three hosts."""
    store = RunStore(tmp_path / "results" / "lab" / "first")
    store.facts(began=1.0, outcome="running")
    store.resource(1, "toy::Station", "h1")
    store.resource(2, "toy::Station", "server room")
    store.host(1, "h1", ["env", "PLACE=one"])
    store.host(2, "h2", ["env", "PLACE=two"])
    store.host(3, "toy::Station 3", [])
    store.flush()
    yield store
    store.close()


def shell(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "--shell", *arguments, **more)


@pytest.mark.parametrize(("node", "place"), [("h1", "one"), ("1", "one"), ("h2", "two"), ("server room", "two")])
def test_a_command_runs_on_the_host_that_is_named(store: RunStore, tmp_path: Path, node: str, place: str) -> None:
    done = shell(tmp_path, str(store.folder), node, "--", "sh", "-c", 'echo "$PLACE" "$@"', "--", "-x", "--", "--json")
    assert (done.stdout, done.stderr) == (f"{place} -x -- --json\n", "")


def test_the_exit_status_is_that_of_the_command(store: RunStore, tmp_path: Path) -> None:
    assert shell(tmp_path, str(store.folder), "3", "--", "sh", "-c", "exit 42").returncode == 42
    assert shell(tmp_path, str(store.folder), "3", "--", "sh", "-c", "kill -9 $$").returncode == -signal.SIGKILL


def test_on_this_machine_it_runs_in_the_folder_of_the_run(store: RunStore, tmp_path: Path) -> None:
    assert shell(tmp_path, str(store.folder), "3", "--", "pwd").stdout == f"{store.folder.resolve()}\n"


def test_without_a_command_the_users_shell_is_opened(store: RunStore, tmp_path: Path) -> None:
    assert shell(tmp_path, str(store.folder), "3", SHELL="pwd").stdout == f"{store.folder.resolve()}\n"
    opened = subprocess.run(
        command("--shell", str(store.folder), "h1"),
        env=environment(tmp_path, SHELL=""),
        input="echo $PLACE; exit 3\n",
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (opened.stdout, opened.returncode) == ("one\n", 3)


def test_programs_get_the_signals_of_a_shell(store: RunStore, tmp_path: Path) -> None:
    ignored = shell(tmp_path, str(store.folder), "3", "--", "grep", "SigIgn", "/proc/self/status").stdout.split()[1]
    assert not int(ignored, 16) & 1 << signal.SIGPIPE - 1


def test_a_running_experiment_is_entered_while_it_goes_on(tmp_path: Path) -> None:
    described = Described("living")
    described.add("linux::Node", label="here")
    described.description.connect(described.add("linux::Application", command="echo up; exec sleep 1000"), 1)
    path = described.write(tmp_path)
    started = command("--run", path, "--no-report", "--timeout", "100s")
    with subprocess.Popen(started, env=environment(tmp_path), stderr=subprocess.PIPE, text=True) as program:
        assert program.stderr is not None
        seen = ""
        while "linux::Application 2 STARTED" not in seen:
            line = program.stderr.readline()
            assert line, seen
            seen += line
        done = shell(tmp_path, path, "here", "--", "ls")
        missed = shell(tmp_path, path, "heer")
        program.send_signal(signal.SIGINT)
        program.stderr.read()
    assert done.returncode == 0, done.stderr
    assert "run.sqlite" in done.stdout.split()
    assert "no host 'heer' that is READY. Did you mean 'here'?" in missed.stderr
    ended = shell(tmp_path, path, "here")
    assert ended.returncode == 2
    assert "No run of the experiment is going on in" in ended.stderr


def test_of_several_runs_the_newest_is_taken_and_told(store: RunStore, tmp_path: Path) -> None:
    path = Described("lab").write(tmp_path)
    newer = RunStore(store.folder.with_name("a second"))
    try:
        newer.facts(began=2.0)
        newer.host(7, "h1", ["env", "PLACE=newer"])
        newer.flush()
        done = shell(tmp_path, path, "h1", "--", "printenv", "PLACE")
    finally:
        newer.close()
    assert done.stdout == "newer\n"
    assert done.stderr == "2 runs of the experiment are going on; this is the newest, a second.\n"
    assert shell(tmp_path, path, "h1", "--", "printenv", "PLACE").stdout == "one\n"


def test_an_experiment_that_runs_under_another_name_is_found(store: RunStore, tmp_path: Path) -> None:
    path = Described("other").write(tmp_path)
    assert find_run(path, "lab", str(tmp_path / "results"), None, Terminal()) == store.folder
    assert "No run of the experiment" in shell(tmp_path, path, "h1").stderr


def test_what_cannot_be_entered_is_told(store: RunStore, tmp_path: Path) -> None:
    folder = str(store.folder)
    store.host(4, "h1", [])
    store.state_changed(StateChange(3, ResourceState.STOPPED, ResourceState.RELEASED, 2.0, ""))
    store.flush()
    for node, said in (
        ("h1", "stands at several hosts; name one by its guid: 1, 4."),
        ("h9", "The run has no host 'h9' that is READY. Known are: h1, h2, server room"),
        ("3", "The host '3' has been released already."),
    ):
        with pytest.raises(NepiError, match=re.escape(said)):
            find_host(store.folder, node)
    done = shell(tmp_path, folder, "2", "--", "no-such-program")
    assert done.returncode in (126, 127)  # as `env` tells it; 126 when a folder of PATH may not be read
    done = shell(tmp_path, folder, "4", "--", "no-such-program")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert re.search("On h1, 'no-such-program' cannot be started: (No such file|Permission denied)", done.stderr)


def test_runs_that_are_over_or_are_none_are_told(store: RunStore, tmp_path: Path) -> None:
    store.close()
    nameless = tmp_path / "nameless.xml"
    nameless.write_text("<experiment/>")
    for given, said in (
        (str(store.folder), "is not going on any more"),
        (str(tmp_path), "is not the folder of a run: it has no run.sqlite"),
        (str(nameless), "does not name its experiment"),
        (str(tmp_path / "missing.xml"), "missing.xml"),
    ):
        with pytest.raises(NepiError, match=re.escape(said)):
            find_run(given, None, None, None, Terminal())


def test_a_run_without_hosts_is_told(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "run")
    store.flush()
    try:
        with pytest.raises(NepiError, match="no host that commands can be run on, or none that is READY yet"):
            find_host(store.folder, "h1")
    finally:
        store.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_run_of_another_account_is_refused(store: RunStore) -> None:
    os.chown(store.folder / "run.sqlite", 65534, -1)
    with pytest.raises(NepiError, match="belongs to another account"):
        open_shell(store.folder, "h1", [])
