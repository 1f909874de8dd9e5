"""The labs among the examples: right submissions pass, wrong ones do not, and each for its reason."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from nepi_core.lab import differences, is_check
from nepi_core.loading import validate
from nepi_core.xml_format import read_xml
from tests.nepi_gui.experiments import ROOT, run

LABS = ROOT / "examples" / "labs"
SUBMISSIONS = ROOT / "tests" / "data" / "labs"
FILES = sorted(LABS.glob("*.xml"))
STORIES = (LABS / "README.md").read_text(encoding="utf-8")

NOT_PASSED = 3


def grade(folder: Path, lab: str, *submissions: str) -> tuple[int, list[dict[str, Any]]]:
    """Grade by the real program; return its exit status and what it tells."""
    tried = ["unshare", "--user", "--map-root-user", "--net", "true"]
    if (done := subprocess.run(tried, capture_output=True, text=True, check=False)).returncode:
        pytest.skip(f"No network namespaces here: {done.stderr}")
    paths = [str(SUBMISSIONS / each) for each in submissions]
    graded = run(folder, "--check", str(LABS / lab), *paths, "--json", "--quiet", "--local-dir", str(folder / "runs"))
    assert graded.stdout, graded.stderr
    return graded.returncode, json.loads(graded.stdout)["submissions"]


def failed(row: dict[str, Any]) -> list[str]:
    assert not row["reasons"]
    return [each["name"] for each in row["checks"] if not each["passed"]]


def test_routing(tmp_path: Path) -> None:
    status, (right, wrong) = grade(tmp_path, "routing.xml", "routing-right.xml", "routing-wrong.xml")
    assert status == NOT_PASSED
    assert right["result"] == "passed", right
    assert failed(wrong) == ["h1 and h2 do not print"]


@pytest.mark.slow
def test_bufferbloat(tmp_path: Path) -> None:
    if shutil.which("iperf3") is None:
        pytest.skip("needs the program iperf3")
    status, (right, wrong) = grade(tmp_path, "bufferbloat.xml", "bufferbloat-right.xml", "bufferbloat-wrong.xml")
    assert status == NOT_PASSED
    assert right["result"] == "passed", right
    assert failed(wrong) == ["delay under load"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_lab_is_complete(path: Path) -> None:
    lab = read_xml(path)
    assert f"## `{path.name}`: " in STORIES
    assert lab.exp_id == path.stem
    assert lab.lab is not None
    assert lab.lab.title
    assert lab.lab.task
    assert lab.lab.structure_locked
    assert [each for each in lab.resources.values() if is_check(each.rtype)]
    assert validate(lab) == []


@pytest.mark.parametrize("path", sorted(SUBMISSIONS.glob("*.xml")), ids=lambda path: path.name)
def test_each_submission_is_of_its_lab(path: Path) -> None:
    lab = read_xml(LABS / f"{path.stem.rpartition('-')[0]}.xml")
    assert differences(lab, read_xml(path)) == []
