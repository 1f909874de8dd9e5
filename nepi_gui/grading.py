"""Grading what students hand in for a lab: each submission is run by a process of its own, with the lab's checks."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from nepi_core.atomic_file import write_atomically
from nepi_core.controller import default_local_dir
from nepi_core.errors import NepiError
from nepi_core.hosts.host import Process
from nepi_core.hosts.local_host import LocalHost
from nepi_core.lab import is_check
from nepi_core.structure import shown_name
from nepi_core.times import now, tsformat
from nepi_core.trace_file import last_output
from nepi_core.xml_format import read_xml, write_xml
from nepi_gui.exit_status import ExitStatus
from nepi_gui.grades import Grade, Result, as_csv, distinct_names, print_json, print_table
from nepi_gui.interrupts import Interrupts
from nepi_gui.run_result import CheckResult
from nepi_gui.streams import deliver
from nepi_gui.submission import Prepared, RefusedError, Trust, prepare
from nepi_gui.terminal import Terminal

_TIME_LIMIT = 120.0
"""Seconds that the run of a submission may take, when nothing else is said."""

_ENDING = 40.0
"""Seconds that a run may take for its end beyond its time limit, before it is ended from outside."""

_FOLDER = "nepi-grading-"
_GRACE = 10.0
_MOST_OUTPUT = 50_000_000
_TOLD = {"checks", "outcome", "causes", "folder"}
_NO_NAME = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class GradingOptions:
    """What to grade, and how.

    Attributes:
        timeout: seconds that the run of a submission may take.
        duration: text of ``--duration`` for the runs.
        jobs: submissions to run at the same time; more than one disturb each other's measurements.
        csv: file for a table, None for none.
    """

    lab: str
    submissions: Sequence[str]
    local_dir: str | None = None
    timeout: float | None = None
    duration: str | None = None
    jobs: int = 1
    trust: Trust = field(default_factory=Trust)
    csv: str | None = None
    json: bool = False


def grade_files(options: GradingOptions, terminal: Terminal) -> ExitStatus:
    """Grade all submissions, and tell what came of them.

    Raises:
        NepiError: the lab or an option is wrong; nothing was run.
    """
    if options.csv is not None and not Path(options.csv).absolute().parent.is_dir():
        raise NepiError(f"--csv: {options.csv} cannot be written: there is no folder {Path(options.csv).parent}.")
    with Interrupts() as interrupts, _temporary_folder() as folder:
        grading = Grading(options, Path(folder), terminal, interrupts)
        interrupts.raising = False
        try:
            grading.run()
        finally:
            grading.close()
        return grading.tell()


def _temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder that is removed at the end; remove those of commands that were killed."""
    for left in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*-*"):
        pid = left.name.removeprefix(_FOLDER).partition("-")[0]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists() and left.stat().st_uid == os.geteuid():
            shutil.rmtree(left, ignore_errors=True)
    # Programs of a submission may leave there what only root can remove: no reason to lose the marks.
    return tempfile.TemporaryDirectory(prefix=f"{_FOLDER}{os.getpid()}-", ignore_cleanup_errors=True)


@dataclass(slots=True)
class _Running:
    """A submission that is being run."""

    number: int
    process: Process
    prepared: Prepared
    begun: float
    folder: Path
    over: bool = False


class Grading:
    """Grades submissions. For the main thread.

    Attributes:
        grades: of the submissions that are done, by their number.

    Raises:
        NepiError: the lab is wrong.
    """

    def __init__(self, options: GradingOptions, folder: Path, terminal: Terminal, interrupts: Interrupts) -> None:
        self.grades: dict[int, Grade] = {}
        self._options = options
        self._folder = folder
        self._terminal = terminal
        self._interrupts = interrupts
        self._lab = read_xml(options.lab)
        self._checks = [(guid, shown_name(each)) for guid, each in self._lab.resources.items() if is_check(each.rtype)]
        if not self._checks:
            raise NepiError(f"{options.lab} has no checks, so that there is nothing to grade by.")
        self._paths = [Path(each) for each in options.submissions]
        self._names = distinct_names(self._paths)
        self._local_dir = Path(options.local_dir or default_local_dir()).expanduser().absolute()
        self._limit = _TIME_LIMIT if options.timeout is None else options.timeout
        self._host = LocalHost(self._local_dir)
        self._running: list[_Running] = []
        self._interrupted = False

    # -- running -----------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Grade all submissions, or as many as there is time for before a signal comes."""
        pending = deque(range(len(self._paths)))
        while (pending or self._running) and not self._interrupted:
            may_begin = pending and len(self._running) < self._options.jobs
            if may_begin:
                self._begin(pending.popleft())
            self._interrupted = bool(self._interrupts.wait(0.0 if may_begin else self._next_look()))
            self._look()
        for each in self._running:
            self._note(each.number, Grade(self._paths[each.number], Result.INTERRUPTED))
        for number in pending:
            self.grades[number] = Grade(self._paths[number], Result.INTERRUPTED)

    def close(self) -> None:
        """End all runs, and wait for that."""
        if self._running:
            self._terminal.note("Interrupted: ending what runs; press Ctrl-C again to hurry")
            for each in self._running:
                each.process.stop(_GRACE)
            give_up_at = now() + _GRACE + 1
            while not all(each.over for each in self._running) and now() < give_up_at:
                if self._interrupts.wait(give_up_at - now()):
                    break
        self._host.close()

    def _begin(self, number: int) -> None:
        path = self._paths[number]
        try:
            prepared = prepare(self._lab, path, self._options.trust)
            running = self._start(number, prepared)
        except RefusedError as refused:
            self._note(number, Grade(path, Result.REFUSED, reasons=refused.reasons))
        except NepiError as error:
            self._note(number, Grade(path, Result.FAILED, reasons=[str(error)]))
        except Exception as error:  # whatever a hostile file found in this program: the others are graded all the same
            reason = f"This program could not read it ({type(error).__name__}: {error})."
            self._note(number, Grade(path, Result.REFUSED, reasons=[reason]))
        else:
            self._running.append(running)
            self._terminal.note(f"{self._counted(number)} runs")

    def _start(self, number: int, prepared: Prepared) -> _Running:
        folder = self._folder / str(number)
        folder.mkdir()
        write_xml(prepared.description, folder / "submission.xml")
        process = self._host.start(
            self._command(number, folder / "submission.xml"),
            stdout=folder / "stdout",
            stderr=folder / "stderr",
            # What the submission's folder holds must not be taken for a part of this program.
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            cwd=str(folder),
        )
        running = _Running(number, process, prepared, now(), folder)
        process.on_exit(partial(self._ended, running))
        return running

    def _command(self, number: int, path: Path) -> list[str]:
        stem = _NO_NAME.sub("-", self._paths[number].stem)[:60].strip("-") or "submission"
        arguments = ["--run", str(path), "--json", "--quiet", "--no-report", "--timeout", f"{self._limit:f}s"]
        arguments += ["--local-dir", str(self._local_dir), "--run-id", f"{tsformat()}-{number + 1}-{stem}"]
        if self._options.duration:
            arguments += ["--duration", self._options.duration]
        return [sys.executable, "-P", "-m", "nepi_gui", *arguments]

    def _ended(self, running: _Running, status: int) -> None:
        running.over = True
        self._interrupts.wake()

    def _next_look(self) -> float:
        return max(0.0, min(each.begun for each in self._running) + self._limit + _ENDING - now())

    def _look(self) -> None:
        """Note what has ended, and end what takes too long."""
        for each in list(self._running):
            if each.over:
                self._running.remove(each)
                self._note(each.number, self._judge(each))
            elif now() > each.begun + self._limit + _ENDING:
                each.process.stop(0)
                with suppress(NepiError):
                    each.process.wait(_GRACE)
                self._running.remove(each)
                seconds = now() - each.begun
                reason = f"Its run had not ended after {seconds:.0f} s, and was ended."
                grade = Grade(self._paths[each.number], Result.FAILED, reasons=[reason], seconds=seconds)
                self._note(each.number, grade)

    # -- what came of it ---------------------------------------------------------------------------------------------

    def _judge(self, running: _Running) -> Grade:
        path, seconds = self._paths[running.number], now() - running.begun
        document = _read_document(running.folder / "stdout")
        if document is None:
            said = last_output(running.folder / "stderr").removeprefix("nepi-gui: ")
            reason = said or f"Its run ended with status {running.process.status} and said nothing."
            result = Result.REFUSED if running.process.status == ExitStatus.WRONG else Result.FAILED
            return Grade(path, result, reasons=[reason], seconds=seconds)
        checks = sorted([*self._found(document, running.prepared.checks), *running.prepared.missing])
        if document["outcome"] != "done":
            result, reasons = Result.FAILED, document["causes"] or [f"Its run was {document['outcome']}."]
        else:
            passed = all(each.passed for each in checks)
            result, reasons = Result.PASSED if passed else Result.NOT_PASSED, []
        return Grade(path, result, checks, reasons, seconds, Path(document["folder"]))

    def _found(self, document: Mapping[str, Any], numbers: Mapping[int, int]) -> Iterator[CheckResult]:
        """Yield what each check of a submission has found; ``numbers`` are its guids there to those in the lab."""
        found = {each["guid"]: CheckResult(**each) for each in document["checks"]}
        names = dict(self._checks)
        for guid, original in numbers.items():
            silent = CheckResult(original, names[original], None, "Its run says nothing of it.")
            yield found.get(guid, silent)._replace(guid=original)

    def _note(self, number: int, grade: Grade) -> None:
        self.grades[number] = grade
        why = f": {grade.reasons[0].splitlines()[0]}" if grade.reasons else ""
        self._terminal.note(f"{self._counted(number)} {grade.in_words(len(self._checks))}{why}")

    def _counted(self, number: int) -> str:
        return f"[{number + 1} of {len(self._paths)}] {self._names[number]}"

    def tell(self) -> ExitStatus:
        """Tell all results; return the exit status."""
        grades = [self.grades[number] for number in sorted(self.grades)]
        lost = self._write_csv(grades)
        to_person = sys.stderr if self._options.json else sys.stdout
        if not (self._terminal.quiet and self._options.json):
            deliver(partial(print_table, grades, len(self._checks)), to_person)
        if self._options.json and (error := deliver(partial(print_json, grades), sys.stdout)):
            lost = lost or f"The results cannot be written to standard output: {error.strerror}."
        if lost:
            self._terminal.error(lost)
        if self._interrupted:
            return ExitStatus.INTERRUPTED
        if lost:
            return ExitStatus.FAILED
        return ExitStatus.DONE if all(each.result is Result.PASSED for each in grades) else ExitStatus.NOT_PASSED

    def _write_csv(self, grades: Sequence[Grade]) -> str:
        """Write the table for spreadsheets if that is wanted; return in a sentence what went wrong."""
        if self._options.csv is None:
            return ""
        try:
            write_atomically(self._options.csv, as_csv(grades, self._checks))
        except OSError as error:
            return f"--csv: {self._options.csv} cannot be written: {error.strerror}."
        return ""


def _read_document(path: Path) -> Mapping[str, Any] | None:
    """Return what a run says of itself, None when it could not say it."""
    try:
        if path.stat().st_size > _MOST_OUTPUT:
            return None
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) and document.keys() >= _TOLD else None
