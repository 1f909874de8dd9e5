from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from nepi_core.description import ExperimentDescription
from nepi_gui.cli import main
from nepi_gui.exit_status import ExitStatus
from tests.nepi_gui.experiments import Described

pytestmark = pytest.mark.usefixtures("toy", "types")


@pytest.fixture
def network() -> Described:
    """Two stations, one without a label, and what runs on them."""
    described = Described()
    described.add("toy::Station", label="h1", rack=2)
    described.add("toy::Station")
    for host, target in ((1, "h2"), (2, "h1"), (1, "h3; rm x")):
        guid = described.add("linux::Ping", target=target, count=3)
        described.description.connect(guid, host)
    described.description.connect(described.add("linux::Application"), 1)  # runs nothing
    described.add("test::Worker")
    return described


@pytest.fixture
def results(tmp_path: Path) -> Iterator[Path]:
    """Return the folder for results, which nothing may make."""
    results = tmp_path / "results"
    yield results
    assert not results.exists()


def tried(described: Described, folder: Path, *options: str) -> int:
    path = described.write(folder)
    return main(["--run", path, "--dry-run", "--local-dir", str(folder / "results"), *options])


def test_commands_are_shown_place_by_place(
    network: Described, tmp_path: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tried(network, tmp_path, "--set", "1.rack=7") == ExitStatus.DONE
    told = capsys.readouterr()
    assert told.err == ""
    assert told.out == (
        "# h1\n# unpack it\nrack 7\n\n"
        "# toy::Station 2\n# unpack it\nrack 1\n\n"
        "# h1: programs\nping -c 3 h2\nping -c 3 'h3; rm x'\n\n"
        "# toy::Station 2: programs\nping -c 3 h1\n"
    )


def test_as_json(network: Described, tmp_path: Path, results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tried(network, tmp_path, "--json", "--exp-id", "other", "--duration", "3s") == ExitStatus.DONE
    groups = json.loads(capsys.readouterr().out)["groups"]
    assert groups[0] == {"place": "h1", "lines": ["# unpack it", "rack 2"]}
    assert groups[-1] == {"place": "toy::Station 2: programs", "lines": ["ping -c 3 h1"]}


def test_what_a_run_refuses_is_refused(
    network: Described, tmp_path: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network.add("linux::Ping", target="h1")
    assert tried(network, tmp_path, "--set", "1.rack=13") == ExitStatus.WRONG
    told = capsys.readouterr()
    assert "toy::Station 1 (h1): nobody works in rack 13." in told.err
    assert "connected to no host" in told.err
    assert told.out == ""
    assert tried(network, tmp_path, "--set", "1.rakc=13") == ExitStatus.WRONG
    assert "Did you mean 'rack'?" in capsys.readouterr().err


def test_an_experiment_without_commands_says_so(
    tmp_path: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    described = Described()
    described.add("test::Worker")
    assert tried(described, tmp_path) == ExitStatus.DONE
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "This experiment runs no commands: nothing in it says any.\n")
    assert tried(described, tmp_path, "--json") == ExitStatus.DONE
    assert json.loads(capsys.readouterr().out) == {"groups": []}


def test_what_a_file_says_cannot_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    described = Described()
    described.description = ExperimentDescription(exp_id="steering")
    described.add("toy::Station", label="h\x851")
    described.description.connect(described.add("linux::Application", command="echo \x9b2J"), 1)
    assert tried(described, tmp_path) == ExitStatus.DONE
    assert not set(capsys.readouterr().out) & {"\x85", "\x9b"}
