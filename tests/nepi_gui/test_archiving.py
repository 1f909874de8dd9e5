"""Runs as single files on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from nepi_gui.cli import main
from nepi_gui.exit_status import ExitStatus
from tests.nepi_core.runs.stored_runs import names
from tests.nepi_gui.runs.recorded import record


def test_there_and_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = record(tmp_path / "here" / "tried" / "one")
    (folder / "report.html").write_text("")
    (folder / "work").mkdir()
    (folder / "work" / "left").write_text("x")
    assert main(["--export-run", str(folder), "--output", str(tmp_path), "--with-work"]) == ExitStatus.DONE
    archive = tmp_path / "tried-one.nepirun"
    assert capsys.readouterr().out == f"{archive}\n"
    assert main(["--import-run", str(archive), "--local-dir", str(tmp_path / "there")]) == ExitStatus.DONE
    taken_in = Path(capsys.readouterr().out.strip())
    assert taken_in == tmp_path / "there" / "tried" / "one"
    assert names(taken_in) == ["experiment.xml", "run.sqlite", "traces", "work"]


def test_usual_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    folder = record(tmp_path / "here" / "tried" / "one")
    (folder / "report.html").write_text("")
    monkeypatch.setenv("NEPI_LOCAL_DIR", str(tmp_path / "usual"))
    monkeypatch.chdir(tmp_path)
    assert main(["--export-run", "here/tried/one"]) == ExitStatus.DONE
    assert main(["--import-run", "tried-one.nepirun"]) == ExitStatus.DONE
    told = capsys.readouterr().out.splitlines()
    assert told == ["tried-one.nepirun", str(tmp_path / "usual" / "tried" / "one")]


def test_what_is_wrong_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--export-run", str(tmp_path)]) == ExitStatus.WRONG
    assert "does not hold a run" in capsys.readouterr().err
    assert main(["--import-run", str(tmp_path)]) == ExitStatus.WRONG
    assert "There is no file" in capsys.readouterr().err
    assert main(["--import-run", "x", "--output", "y"]) == ExitStatus.WRONG
    assert "--output belongs to --topology or --export-run" in capsys.readouterr().err
    assert main(["--import-run", "x", "--export-run", "y"]) == ExitStatus.WRONG
    assert "--export-run and --import-run are two things to do" in capsys.readouterr().err
