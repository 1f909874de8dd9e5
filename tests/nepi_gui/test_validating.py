"""Conditions that can never be met are found without running anything, by ``--validate`` and in the window."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nepi_core.description import AttributeChange
from nepi_core.loading import Severity
from nepi_core.states import ResourceState
from nepi_gui.cli import main
from nepi_gui.document.checker import findings
from nepi_gui.exit_status import ExitStatus
from nepi_gui.validating import find_all
from tests.nepi_gui.experiments import START, STOP, Described

pytestmark = pytest.mark.usefixtures("types")


def in_vain() -> Described:
    """A worker that waits for the end of a server that never ends, and another that waits for that one."""
    described = Described()
    described.add("test::Server", "web")
    described.add("test::Worker")
    described.wait(2, START, 1, ResourceState.STOPPED)
    described.add("test::Worker")
    described.wait(3, START, 2, ResourceState.STARTED, "2s")
    return described


SENTENCE = (
    "test::Worker 2: the condition 'START of 2: once 1 is STOPPED' can never be met: web does not end by itself, and "
    "no condition stops it."
)


def test_the_cause_is_told_and_not_what_follows_from_it() -> None:
    found = find_all(in_vain().description)
    assert [(each.severity, each.guid, each.message) for each in found] == [(Severity.WARNING, 2, SENTENCE)]


def test_command_line_and_window_find_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    described = in_vain()
    assert main(["--validate", described.write(tmp_path)]) == ExitStatus.DONE
    assert f"warning: {SENTENCE}" in capsys.readouterr().out
    assert [each.message for each in findings(described.description)] == [SENTENCE]


def test_what_ends_or_is_stopped_is_waited_for() -> None:
    described = in_vain()
    described.wait(1, STOP, 1, ResourceState.STARTED, "10s")
    assert not find_all(described.description)


def test_planned_changes_wait_in_vain_too() -> None:
    described = Described()
    server, worker = described.add("test::Server"), described.add("test::Worker")
    described.description.changes.append(AttributeChange((worker,), "rounds", 3, (server,), ResourceState.STOPPED))
    [finding] = find_all(described.description)
    assert finding.guid == worker
    assert finding.message.startswith("test::Worker 2: the planned change of 'rounds' can never be met: Server 1 does")


def test_servers_that_are_each_stopped_after_the_other() -> None:
    described = Described()
    for guid in (1, 2):
        described.add("test::Server")
        described.wait(guid, STOP, 3 - guid, ResourceState.STOPPED)
    assert [each.guid for each in find_all(described.description)] == [1, 2]


def test_a_failure_may_come_or_not() -> None:
    described = Described()
    described.add("test::Server")
    described.add("test::Worker")
    described.wait(2, START, 1, ResourceState.FAILED)
    assert not find_all(described.description)


def test_a_circle_that_is_refused_is_told_once() -> None:
    described = Described()
    for guid in (1, 2):
        described.add("test::Worker")
        described.wait(guid, START, 3 - guid, ResourceState.STARTED)
    assert [each.severity for each in find_all(described.description)] == [Severity.ERROR]


def test_it_needs_no_window() -> None:
    program = "import sys, nepi_gui.validating; sys.exit('PySide6' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2])
