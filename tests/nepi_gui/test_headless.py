from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nepi_core.runs.reader import RunReader
from nepi_core.states import ResourceState
from nepi_gui.cli import main
from nepi_gui.exit_status import ExitStatus
from tests.nepi_gui.experiments import START, STOP, Described

pytestmark = pytest.mark.usefixtures("types")

ExpectLog = Callable[[str], None]


class Tried:
    """The command in this process, with its results."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder = folder
        self._capsys = capsys
        self.out = self.err = ""

    def run(self, described: Described, *options: str) -> int:
        path = described.write(self._folder)
        results = str(self._folder / "results")
        status = main(["--run", path, "--local-dir", results, "--no-report", *options])
        self.out, self.err = self._capsys.readouterr()
        return status

    def run_json(self, described: Described, *options: str) -> tuple[int, Any]:
        status = self.run(described, "--json", *options)
        return status, json.loads(self.out)

    @property
    def was_started(self) -> bool:
        return (self._folder / "results").exists()


@pytest.fixture
def tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Tried:
    return Tried(tmp_path, capsys)


def state_of(document: Any, guid: int) -> str:
    return str(next(each for each in document["resources"] if each["guid"] == guid)["state"])


def test_a_run_ends_when_all_that_ends_has_ended(tried: Tried) -> None:
    described = Described()
    described.add("test::Server")
    described.add("test::Worker", label="client")
    assert tried.run(described) == ExitStatus.DONE
    assert "test::Worker 2 (client) STOPPED" in tried.err
    assert "tried: done" in tried.out
    row = next(line for line in tried.out.splitlines() if "client" in line)
    assert row.split()[-6:] == ["3", "3", "1", "6", "6", "ms"]


def test_results_as_json(tried: Tried) -> None:
    described = Described()
    worker = described.add("test::Worker", label="client")
    status, document = tried.run_json(described, "--exp-id", "named")
    assert status == ExitStatus.DONE
    assert document["exp_id"] == "named"
    assert document["outcome"] == "done"
    assert document["causes"] == []
    assert Path(document["folder"], "run.sqlite").is_file()
    (resource,) = document["resources"]
    assert (resource["guid"], resource["label"], resource["state"]) == (worker, "client", "STOPPED")
    assert list(resource["times"]) == ["READY", "STARTED", "STOPPED", "RELEASED"]
    assert document["series"] == [
        {"guid": worker, "trace": "numbers", "series": "value", "unit": "ms", "count": 3}
        | {"min": 1.0, "mean": 3.0, "max": 6.0, "last": 6.0}
    ]
    assert "done after" in tried.err


def test_quiet_says_nothing_about_success(tried: Tried) -> None:
    described = Described()
    described.add("test::Worker")
    assert tried.run(described, "--quiet") == ExitStatus.DONE
    assert (tried.out, tried.err) == ("", "")


def test_attributes_from_the_command_line(tried: Tried) -> None:
    described = Described()
    described.add("test::Worker", seconds=900.0)
    assert tried.run(described, "--set", "test::Worker.seconds=0") == ExitStatus.DONE
    assert tried.run(described, "--set", "1.secnods=0") == ExitStatus.WRONG
    assert "Did you mean 'seconds'?" in tried.err


def test_a_critical_failure_fails_the_run_and_its_cause_comes_first(tried: Tried, expect_log: ExpectLog) -> None:
    expect_log("it went wrong")
    described = Described()
    described.add("test::Worker", seconds=900.0)
    described.add("test::Worker", fails=True)
    status, document = tried.run_json(described)
    assert status == ExitStatus.FAILED
    assert document["outcome"] == "failed"
    assert document["causes"] == ["test::Worker 2: it went wrong"]
    assert state_of(document, 2) == "FAILED"
    assert tried.err.count("Traceback") == 0
    with RunReader(Path(document["folder"])) as reader:
        assert reader.facts()["outcome"] == "failed"


def test_a_failure_that_is_not_critical_is_told_and_does_not_fail_the_run(tried: Tried, expect_log: ExpectLog) -> None:
    expect_log("it went wrong")
    described = Described()
    described.add("test::Worker", fails=True, critical=False)
    described.add("test::Worker")
    assert tried.run(described) == ExitStatus.DONE
    assert "test::Worker 1 FAILED (not critical): it went wrong" in tried.out


def test_what_waits_for_a_failure_does_not_keep_the_run_alive(tried: Tried) -> None:
    described = Described()
    worker, rescuer, helper = (described.add("test::Worker") for _ in range(3))
    described.wait(rescuer, START, worker, ResourceState.FAILED)
    described.wait(helper, START, rescuer, ResourceState.STOPPED)
    assert tried.run(described) == ExitStatus.DONE
    assert "Never started: test::Worker 2, test::Worker 3" in tried.out


def test_a_run_that_would_never_end_is_refused(tried: Tried) -> None:
    described = Described()
    described.add("test::Server")
    assert tried.run(described) == ExitStatus.WRONG
    assert "--duration 60s" in tried.err
    assert not tried.was_started


def test_waiting_for_what_never_happens_is_refused_with_the_reason(tried: Tried) -> None:
    described = Described()
    server, worker = described.add("test::Server"), described.add("test::Worker")
    described.add("test::Worker")
    described.wait(worker, START, server, ResourceState.STOPPED)
    assert tried.run(described) == ExitStatus.WRONG
    assert "test::Worker 2: its START comes once 1 is STOPPED, but test::Server 1 neither ends by itself" in tried.err
    assert not tried.was_started
    status, document = tried.run_json(described, "--timeout", "300ms")
    assert status == ExitStatus.FAILED
    assert "test::Worker 2 is READY" in document["causes"][0]


def test_a_duration_stops_everything_and_lets_follow_what_waits_for_that(tried: Tried) -> None:
    described = Described()
    server, collector = described.add("test::Server"), described.add("test::Worker")
    described.wait(collector, START, server, ResourceState.STOPPED)
    status, document = tried.run_json(described, "--duration", "100ms")
    assert status == ExitStatus.DONE
    assert document["outcome"] == "done"
    assert (state_of(document, server), state_of(document, collector)) == ("STOPPED", "STOPPED")


@pytest.mark.parametrize("rtype", ["linux::Node", "test::Server"])
def test_a_duration_is_waited_for_when_nothing_ends_by_itself(tried: Tried, rtype: str) -> None:
    described = Described()
    guid = described.add(rtype)
    status, document = tried.run_json(described, "--duration", "100ms")
    assert status == ExitStatus.DONE
    (resource,) = document["resources"]
    assert state_of(document, guid) == "STOPPED"
    started, stopped = (datetime.fromisoformat(resource["times"][each]) for each in ("STARTED", "STOPPED"))
    assert stopped - started >= timedelta(milliseconds=90)
    assert "Never started" not in tried.err


def test_a_duration_counts_from_the_deployment_of_what_never_starts(tried: Tried) -> None:
    described = Described()
    first, second = described.add("test::Server"), described.add("test::Server")
    described.wait(second, START, first, ResourceState.FAILED)
    status, document = tried.run_json(described, "--duration", "50ms")
    assert status == ExitStatus.DONE
    assert (state_of(document, first), state_of(document, second)) == ("STOPPED", "READY")
    assert "Never started: test::Server 2" in tried.err


def test_a_duration_in_which_a_critical_resource_fails_is_a_failed_run(tried: Tried, expect_log: ExpectLog) -> None:
    expect_log("was not found on PATH")
    described = Described()
    described.add("test::Server", program="no-such-program")
    status, document = tried.run_json(described, "--duration", "900s")
    assert status == ExitStatus.FAILED
    assert state_of(document, 1) == "FAILED"
    with RunReader(Path(document["folder"])) as reader:
        assert reader.facts()["outcome"] == "failed"


def test_a_duration_ends_when_nothing_is_left_alive(tried: Tried, expect_log: ExpectLog) -> None:
    expect_log("was not found on PATH")
    described = Described()
    described.add("test::Server", program="no-such-program", critical=False)
    assert tried.run(described, "--duration", "900s") == ExitStatus.DONE
    assert "FAILED (not critical)" in tried.out


def test_a_timeout_before_the_end_of_the_duration_tells_what_runs(tried: Tried) -> None:
    described = Described()
    described.add("test::Server")
    status, document = tried.run_json(described, "--duration", "900s", "--timeout", "200ms")
    assert status == ExitStatus.FAILED
    assert document["causes"] == ["After 0.2 s not everything had ended: test::Server 1 is STARTED."]


def test_a_stop_condition_ends_a_server(tried: Tried) -> None:
    described = Described()
    server, worker = described.add("test::Server"), described.add("test::Worker")
    described.wait(server, STOP, worker, ResourceState.STOPPED, "10ms")
    status, document = tried.run_json(described)
    assert status == ExitStatus.DONE
    assert state_of(document, server) == "STOPPED"


def test_a_timeout_fails_the_run(tried: Tried) -> None:
    described = Described()
    described.add("test::Worker", seconds=900.0)
    status, document = tried.run_json(described, "--timeout", "200ms")
    assert status == ExitStatus.FAILED
    assert document["causes"] == ["After 0.2 s not everything had ended: test::Worker 1 is STARTED."]
    with RunReader(Path(document["folder"])) as reader:
        assert reader.facts()["outcome"] == "failed"


def test_of_an_unknown_type_alone_it_is_said_that_it_is_unknown(tried: Tried) -> None:
    described = Described()
    described.add("test::Wroker")
    assert tried.run(described) == ExitStatus.WRONG
    assert "Did you mean 'test::Worker'?" in tried.err
    assert "ends by itself" not in tried.err


def test_what_cannot_be_deployed_is_the_fault_of_the_file(tried: Tried) -> None:
    described = Described()
    described.add("test::Worker")
    described.add("test::Wroker")
    assert tried.run(described, "--duration", "1s") == ExitStatus.WRONG
    assert "Did you mean 'test::Worker'?" in tried.err
    assert not tried.was_started


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no XML",
        "<experiment><rms>",
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><experiment exp_id="&b;"/>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><experiment exp_id="&a;"/>',
        '<experiment exp_id="../../up"><rms><rm guid="1" rtype="test::Worker" state="0"/></rms></experiment>',
        '<experiment><rms><rm guid="one" rtype="test::Worker" state="0"/></rms></experiment>',
        "<experiment>" * 5000,
    ],
)
def test_hostile_files_get_a_sentence(content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "hostile.xml"
    path.write_text(content)
    assert main(["--run", str(path), "--local-dir", str(tmp_path / "results")]) == ExitStatus.WRONG
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("nepi-gui: ")
    assert "root:" not in told.err
    assert not (tmp_path / "results").exists()


def test_a_results_folder_that_cannot_be_made_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    described = Described()
    described.add("test::Worker")
    path = described.write(tmp_path)
    (tmp_path / "file").write_text("in the way")
    assert main(["--run", path, "--local-dir", str(tmp_path / "file")]) == ExitStatus.WRONG
    assert str(tmp_path / "file") in capsys.readouterr().err


def test_of_many_resources_only_numbers_are_told(tried: Tried) -> None:
    described = Described()
    for _ in range(300):
        described.add("test::Worker")
    assert tried.run(described) == ExitStatus.DONE
    assert len(tried.err.splitlines()) < 10
    assert "and 260 more" in tried.out
