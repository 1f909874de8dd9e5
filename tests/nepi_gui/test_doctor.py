from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from nepi_core.backend import Check
from nepi_core.factory import ResourceFactory
from nepi_gui.cli import main
from nepi_gui.exit_status import ExitStatus
from tests.nepi_gui.backends import Broken, Toy

Examine = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def examine(toy: type[Toy], capsys: pytest.CaptureFixture[str]) -> Examine:
    """Return what has the command examine a backend with given checks, and returns exit status and lines."""

    def act(*checks: Check) -> tuple[int, list[str]]:
        toy.checks[:] = checks
        status = main(["--doctor"])
        told = capsys.readouterr()
        assert told.err == ""
        return status, told.out.splitlines()

    return act


def test_what_works_is_listed_with_its_version(examine: Examine) -> None:
    status, lines = examine(Check("glue", True, "2.1"), Check("paint", False, "none", "buy some", True, "beauty"))
    assert status == ExitStatus.DONE
    assert [line.split() for line in lines[:2]] == [["toy"], ["ok", "glue", "2.1"]]
    assert lines[2].split(maxsplit=2) == ["optional", "paint", "none; buy some; for beauty"]
    assert lines[-1] == "toy: toy networks work here."


def test_what_is_missing_fails_and_tells_the_remedy(examine: Examine) -> None:
    status, lines = examine(Check("glue", False, "It is dry.", "apt-get install glue"), Check("paint", True))
    assert status == ExitStatus.FAILED
    assert lines[1].split(maxsplit=2) == ["MISSING", "glue", "It is dry; apt-get install glue"]
    assert lines[-1] == "toy: toy networks do not work here: glue: It is dry."


def test_a_backend_of_which_nothing_is_installed_does_not_work_and_is_no_failure(examine: Examine) -> None:
    status, lines = examine(Check("box", False, "not installed", "buy one", optional=True))
    assert status == ExitStatus.DONE
    assert lines[-1] == "toy: toy networks do not work here: box: not installed."


def test_a_backend_without_needs_works(examine: Examine) -> None:
    assert examine() == (ExitStatus.DONE, ["toy: toy networks work here."])


@pytest.mark.usefixtures("toy")
def test_an_examination_that_raises_is_told_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    ResourceFactory._backends["broken"] = Broken()
    assert main(["--doctor"]) == ExitStatus.FAILED
    told = capsys.readouterr()
    assert "4 of them" in told.out
    last = "examination: it ended with an error: the axle is gone"
    assert f"broken: its resources do not work here: {last}." in told.out
    assert "toy: toy networks work here." in told.out
    assert "Traceback" not in told.out + told.err


def test_as_json(toy: type[Toy], capsys: pytest.CaptureFixture[str]) -> None:
    toy.checks[:] = [Check("glue", False, "dry", "buy some", purpose="all")]
    assert main(["--doctor", "--json"]) == ExitStatus.FAILED
    document = json.loads(capsys.readouterr().out)
    check = {"what": "glue", "works": False, "found": "dry", "remedy": "buy some", "optional": False, "purpose": "all"}
    toys = {"backend": "toy", "provides": "toy networks", "works": False, "checks": [check]}
    assert document == {"works": False, "backends": [toys]}


def test_what_plug_ins_tell_cannot_steer_the_terminal(examine: Examine) -> None:
    _, lines = examine(Check("glue\x1b[2J", False, "\x1b]0;title\x07"))
    assert "\x1b" not in "".join(lines)


def test_this_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--doctor"]) in (ExitStatus.DONE, ExitStatus.FAILED)
    told = capsys.readouterr()
    assert "linux: programs on this machine" in told.out
    assert "ns3: simulated networks" in told.out
    assert told.err == ""
