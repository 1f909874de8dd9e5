from __future__ import annotations

from pathlib import Path

import pytest

from nepi_core.states import ResourceState
from nepi_gui.cli import main
from nepi_gui.exit_status import ExitStatus
from tests.nepi_gui.experiments import START, Described

pytestmark = pytest.mark.usefixtures("types")


def test_a_file_with_nothing_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    described = Described()
    described.add("test::Worker")
    path = described.write(tmp_path)
    assert main(["--validate", path]) == ExitStatus.DONE
    assert capsys.readouterr().out == f"{path}: 1 resource, nothing is wrong\n"


def test_each_finding_has_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    described = Described()
    described.add("test::Worker", secnods=3)
    described.add("test::Wroker")
    path = described.write(tmp_path)
    assert main(["--validate", path]) == ExitStatus.WRONG
    first, second = capsys.readouterr().out.splitlines()
    lines = Path(path).read_text().splitlines()
    assert first.startswith(f"{path}:{1 + next(n for n, line in enumerate(lines) if 'test::Worker' in line)}: error: ")
    assert "Did you mean 'seconds'?" in first
    assert second.startswith(f"{path}:{1 + next(n for n, line in enumerate(lines) if 'test::Wroker' in line)}: error: ")
    assert "Did you mean 'test::Worker'?" in second


def test_what_is_merely_unknown_is_a_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    described = Described()
    described.add("test::Worker")
    path = Path(described.write(tmp_path))
    path.write_text(path.read_text().replace("<rms>", "<rms><strange/>"))
    assert main(["--validate", str(path)]) == ExitStatus.DONE
    assert "warning: " in capsys.readouterr().out


def test_conditions_of_a_file_of_unknown_origin_are_shown_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "old.xml"
    path.write_text(
        '<experiment><rms><rm guid="1" rtype="test::Worker" state="0"/><rm guid="2" rtype="test::Worker" state="0">'
        '<conditions><condition action="1" group="[1]" state="5" time="2s"/></conditions></rm></rms></experiment>'
    )
    assert main(["--validate", str(path)]) == ExitStatus.DONE
    assert "START of 2: 2s after 1 is STOPPED" in capsys.readouterr().out
    assert main(["--validate", str(path), "--dialect", "nepi6"]) == ExitStatus.DONE
    assert "does not tell" not in capsys.readouterr().out


def test_names_cannot_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    described = Described()
    described.add("linux::Node", label="red\u009b31m \u202eesrever")
    described.wait(1, START, described.add("test::Worker"), ResourceState.STARTED)
    described.description.resources[1].attributes["no-such"] = 1
    assert main(["--validate", described.write(tmp_path)]) == ExitStatus.WRONG
    assert "red\\x9b31m \\u202eesrever" in capsys.readouterr().out


def test_of_very_many_findings_the_first_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    described = Described()
    for _ in range(73):
        described.add("test::Wroker")
    assert main(["--validate", described.write(tmp_path)]) == ExitStatus.WRONG
    *findings, more = capsys.readouterr().out.splitlines()
    assert len(findings) == 50
    assert more == "... and 23 more"
