"""``--samples``: a run's numbers for other programs, exactly and completely."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from nepi_core.runs import block_writer
from nepi_core.runs.store import RunStore
from nepi_core.series import Sample, Series
from nepi_gui.cli import main
from nepi_gui.samples_table import HEADER


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a run with samples in blocks and in rows."""
    monkeypatch.setattr(block_writer, "_FULL", 100)
    monkeypatch.setattr(block_writer, "_FEWEST", 50)
    (tmp_path / "experiment.xml").write_text("<experiment/>")
    store = RunStore(tmp_path)
    store.resource(2, "linux::Ping", 'the "first", of two')
    store.series(2, "stdout", [Series("rtt", "ms")])
    store.samples(Sample(1.79e9 + number, 2, "stdout", "rtt", number / 10) for number in range(230))
    store.samples(Sample(1.79e9 + number, 3, "table", "x", number) for number in range(3))
    store.close()
    return tmp_path


def test_all_samples_are_printed(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--samples", str(run)]) == 0
    printed = capsys.readouterr()
    header, *rows = csv.reader(io.StringIO(printed.out))
    assert tuple(header) == HEADER
    expected = [
        [f"{1.79e9 + number}", "2", 'the "first", of two', "stdout", "rtt", "ms", f"{number / 10}"]
        for number in range(230)
    ]
    assert rows[:230] == expected
    assert rows[230] == ["1790000000.0", "3", "", "table", "x", "", "0.0"]
    assert len(rows) == 233
    assert printed.err == ""


def test_what_is_missing_is_told(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (run / "experiment.xml").unlink()
    assert main(["--samples", str(run)]) == 0
    assert "There is no experiment.xml" in capsys.readouterr().err


def test_what_is_no_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--samples", str(tmp_path)]) == 2
    assert "is not the folder of a run: it has no run.sqlite." in capsys.readouterr().err
