"""Whole gradings by the real program, of labs that need no network."""

from __future__ import annotations

import codecs
import csv
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from nepi_core.description import Lab
from nepi_core.factory import ResourceFactory
from nepi_core.xml_format import read_xml, write_xml
from nepi_gui.grades import Grade, Result, as_csv, distinct_names
from nepi_gui.grading import Grading, GradingOptions
from nepi_gui.interrupts import Interrupts
from nepi_gui.run_result import CheckResult
from nepi_gui.submission import RefusedError
from nepi_gui.terminal import Terminal
from tests import leftovers
from tests.nepi_gui.experiments import Described, command, environment, run

PASSED, NOT_PASSED, WRONG, INTERRUPTED = 0, 3, 2, 130


def make_lab(folder: Path) -> Described:
    """A worker whose numbers are judged, one that students may choose the time of, and what they may do besides."""
    made = Described("lab")
    worker = made.add("test::Worker", "worker", seconds=0.0)
    made.add("test::Worker", "other")
    check = made.add("check::Metric", "numbers", atMost=3.0)
    made.description.connect(worker, check)
    made.description.lab = Lab("Lab", "Do *it*.", locked={worker}, open_attributes={worker: {"seconds", "fails"}})
    made.write(folder)
    return made


def submit(folder: Path, name: str, **attributes: object) -> str:
    """Write a submission; the attributes are those of its worker."""
    made = read_xml(folder / "lab.xml")
    made.resources[1].attributes.update(attributes)  # type: ignore[arg-type]  # whatever students write
    write_xml(made, folder / name)
    return name


def grade(folder: Path, *arguments: str) -> tuple[int, dict[str, dict]]:
    done = run(folder, "--check", "lab.xml", "--json", "--quiet", *arguments)
    assert done.stdout, done.stderr
    told = json.loads(done.stdout)["submissions"]
    return done.returncode, {Path(each["file"]).name: each for each in told}


def test_each_gets_its_row(tmp_path):
    make_lab(tmp_path)
    (tmp_path / "broken.xml").write_text("<experiment>")
    names = [
        submit(tmp_path, "right.xml", seconds=0.1),
        submit(tmp_path, "locked.xml", rounds=5),
        submit(tmp_path, "failing.xml", fails=True),
        submit(tmp_path, "hanging.xml", seconds=1000.0),
        "broken.xml",
        "none.xml",
    ]
    status, told = grade(tmp_path, *names, "--timeout", "2s", "--jobs", "3", "--csv", "marks.csv")
    assert status == NOT_PASSED
    assert {name: each["result"] for name, each in told.items()} == {
        "right.xml": "passed",
        "locked.xml": "refused",
        "failing.xml": "failed",
        "hanging.xml": "failed",
        "broken.xml": "refused",
        "none.xml": "refused",
    }
    assert list(told) == names
    assert told["locked.xml"]["reasons"] == ["Attribute 'rounds' of worker is locked by the lab: it is 1, not 5."]
    assert "it went wrong" in told["failing.xml"]["reasons"][0]
    assert told["hanging.xml"]["reasons"][0].startswith("After 2 s not everything had ended: test::Worker 1 (worker)")
    assert [each["passed"] for each in told["right.xml"]["checks"]] == [True]
    assert (Path(told["right.xml"]["folder"]) / "run.sqlite").is_file()
    rows = list(csv.DictReader((tmp_path / "marks.csv").read_text("utf-8-sig").splitlines()))
    assert [(row["submission"], row["result"], row["numbers (3)"]) for row in rows[:2]] == [
        ("right.xml", "passed", "passed"),
        ("locked.xml", "refused", ""),
    ]


def test_all_passed(tmp_path):
    make_lab(tmp_path)
    done = run(tmp_path, "--check", "lab.xml", submit(tmp_path, "a.xml"), submit(tmp_path, "b.xml", seconds=0.2))
    assert done.returncode == PASSED
    assert done.stdout.splitlines()[-1] == "2 of 2 submissions passed"
    assert "[1 of 2] a.xml passed, 1 of 1 checks" in done.stderr


def test_a_check_that_does_not_pass(tmp_path):
    made = make_lab(tmp_path)
    made.description.resources[3].attributes["atMost"] = 2.0
    made.write(tmp_path)
    done = run(tmp_path, "--check", "lab.xml", submit(tmp_path, "a.xml"))
    assert done.returncode == NOT_PASSED
    assert "numbers: The mean of value of worker is 3 ms; at most 2 ms are allowed." in done.stdout


def test_a_program_of_its_own_beside_the_submission_is_not_run(tmp_path):
    make_lab(tmp_path)
    (tmp_path / "handed-in").mkdir()
    for name in ("json.py", "nepi_core.py"):
        (tmp_path / "handed-in" / name).write_text("raise SystemExit('taken over')")
    status, told = grade(tmp_path, submit(tmp_path, "handed-in/a.xml"), "--local-dir", "runs")
    assert status == PASSED, told


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing(tmp_path, number):
    make_lab(tmp_path)
    names = [submit(tmp_path, f"{each}.xml", seconds=1000.0) for each in "abc"]
    mark = f"grading-{os.getpid()}-{int(number)}"
    process = subprocess.Popen(
        command("--check", "lab.xml", *names, "--jobs", "2", "--json"),
        cwd=tmp_path,
        env=environment(tmp_path, NEPI_TEST_SESSION=mark),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        while "b.xml runs" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(number)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED
    assert [each["result"] for each in json.loads(out)["submissions"]] == ["interrupted"] * 3
    assert not leftovers.strays(mark, leftovers.GRACE)


def test_a_kill_leaves_nothing(tmp_path):
    make_lab(tmp_path)
    mark = f"grading-{os.getpid()}-kill"
    process = subprocess.Popen(
        command("--check", "lab.xml", submit(tmp_path, "a.xml", seconds=1000.0)),
        cwd=tmp_path,
        env=environment(tmp_path, NEPI_TEST_SESSION=mark, TMPDIR=str(tmp_path)),
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        while "a.xml runs" not in process.stderr.readline():
            assert process.poll() is None
        process.kill()
    assert not leftovers.strays(mark, 10)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--check", "lab.xml"], "needs the files of the submissions"),
        (["--check", "none.xml", "a.xml"], "cannot be read"),
        (["--check", "lab.xml", "a.xml", "--jobs", "0"], "whole number from 1"),
        (["--check", "lab.xml", "a.xml", "--csv", "nowhere/marks.csv"], "there is no folder nowhere"),
        (["--check", "lab.xml", "a.xml", "--timeout", "soon"], "--timeout"),
        (["--check", "plain.xml", "a.xml"], "has no checks"),
        (["--run", "lab.xml", "--csv", "marks.csv"], "--csv belongs to --check"),
    ],
)
def test_wrong_usage(tmp_path, arguments, told):
    make_lab(tmp_path)
    Described("plain").write(tmp_path)
    done = run(tmp_path, *arguments)
    assert done.returncode == WRONG
    assert told in done.stderr


@pytest.mark.parametrize(
    "name",
    ["=cmd|' -C calc'!A0.xml", " =1+1", "\n+1", "a;=1+1", 'a;"=1+1"', "a\t@SUM(1)", "\uff1d1", "-1"],
)
def test_a_spreadsheet_runs_no_formula_of_a_student(name):
    check = CheckResult(3, name, False, f"found {name}")
    made = as_csv([Grade(Path(name), Result.NOT_PASSED, [check], [name])], [(3, name)])
    text = made.decode("utf-8-sig")
    for delimiter in ",;\t":
        cells = [cell for row in csv.reader(text.splitlines(), delimiter=delimiter) for cell in row]
        assert not [cell for cell in cells if cell.strip(' \t\r\n"').startswith(tuple("=+-@\uff1d\uff0b\uff20\uff0d"))]


def test_a_spreadsheet_shows_names_of_all_languages():
    made = as_csv([Grade(Path("Müller \udcff.xml"), Result.PASSED)], [])
    assert made.startswith(codecs.BOM_UTF8)
    assert "Müller ?.xml" in made.decode("utf-8-sig")


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["a/x.xml", "b/y.xml"], ["x.xml", "y.xml"]),
        (["a/x.xml", "b/x.xml", "b/y.xml"], ["a/x.xml", "b/x.xml", "y.xml"]),
        (["1/a/x.xml", "2/a/x.xml", "b/x.xml"], ["1/a/x.xml", "2/a/x.xml", "b/x.xml"]),
        (["x.xml", "x.xml"], ["x.xml", "x.xml"]),
        (["x.xml", "a/x.xml"], ["x.xml", "a/x.xml"]),
        (["/x.xml", "."], ["x.xml", ""]),
        ([], []),
    ],
)
def test_submissions_of_one_name_are_told_from_each_other(paths, names):
    assert distinct_names([Path(each) for each in paths]) == names


def test_a_check_that_a_run_does_not_speak_of_has_not_passed(tmp_path, monkeypatch):
    make_lab(tmp_path)
    path = submit(tmp_path, "a.xml")
    options = GradingOptions(str(tmp_path / "lab.xml"), [str(tmp_path / path)], str(tmp_path / "runs"))
    document = {"outcome": "done", "causes": [], "folder": str(tmp_path), "checks": []}
    monkeypatch.setattr("nepi_gui.grading._read_document", lambda path: document)
    ResourceFactory.populate()
    with Interrupts() as interrupts:
        grading = Grading(options, tmp_path, Terminal(quiet=True), interrupts)
        try:
            grading.run()
        finally:
            grading.close()
    assert grading.grades[0].result is Result.NOT_PASSED
    assert [(each.name, each.passed) for each in grading.grades[0].checks] == [("numbers", None)]


def test_an_interrupt_is_heeded_while_all_are_refused(tmp_path, monkeypatch):
    make_lab(tmp_path)
    names = [str(tmp_path / f"{number}.xml") for number in range(5)]
    read: list[Path] = []
    with Interrupts() as interrupts:

        def refuse(lab, path, trust):
            read.append(path)
            interrupts.ask()
            raise RefusedError(["It is none."])

        monkeypatch.setattr("nepi_gui.grading.prepare", refuse)
        grading = Grading(GradingOptions(str(tmp_path / "lab.xml"), names), tmp_path, Terminal(quiet=True), interrupts)
        try:
            grading.run()
        finally:
            grading.close()
    assert len(read) == 1
    results = [grading.grades[number].result for number in range(5)]
    assert results == [Result.REFUSED, *[Result.INTERRUPTED] * 4]
