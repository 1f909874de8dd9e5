"""The real program, killed at any moment: nothing that it started survives, and what it recorded can be read."""

from __future__ import annotations

import os
import random
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from nepi_core.hosts.leftovers import Leftover, find_leftovers
from nepi_core.runs.reader import RunReader
from tests.leftovers import describe
from tests.nepi_core.hosts.process_checks import wait_until_none_with
from tests.nepi_gui.experiments import Described, command, environment, run

_SIDE_BY_SIDE = 5  # a killed run mostly waits for the second that its programs are given to end

# No parent, no session and no environment by which it could be found; its mark is for this test alone.
_HIDDEN = "(setsid env -i FOLDER={folder} sh -c 'trap \"\" TERM; sleep 1000; sleep 1000' &); exit 0"

# It ends at last, since nothing else would catch it if it did survive.
_FORKING = """
import os, time
end = time.monotonic() + 40
while time.monotonic() < end:
    if os.fork():
        os._exit(0)
    os.setsid()
    time.sleep(0.005)
"""

_PROGRAMS = {
    "stubborn": "trap '' TERM HUP INT; while :; do sleep 1; done",
    "plain": "exec sleep 1000",
    "double fork": "(setsid sh -c 'setsid sleep 1000 & exit' &); exit 0",
    "hidden": _HIDDEN,
    "forks and ends, over and over": shlex.join([sys.executable, "-I", "-S", "-c", _FORKING]),
    "talkative": "while :; do seq 1 200; head -c 20000 /dev/urandom >&2; sleep 0.02; done",
}


@dataclass(frozen=True)
class Moment:
    """When to kill: some seconds after a line of the program, or after its start if there is no line to wait for.

    Attributes:
        lines: texts of lines to wait for, one after the other; the first is answered with Ctrl-C if `interrupt`.
        longest: seconds after the last line among which the moment is chosen.
        duration: seconds after which the program itself stops everything.
        without: label of a program to leave out.
        recorded: the run store and the description, which nothing waits for, have had time to be written by then.
    """

    name: str
    lines: tuple[str, ...]
    longest: float
    duration: float = 900.0
    interrupt: bool = False
    without: str = ""
    recorded: bool = False


_MOMENTS = (
    Moment("start-up", (), 0.4),
    Moment("run", ("(stubborn) STARTED",), 0.5),
    Moment("stop", ("(plain) STOPPED",), 0.3, duration=0.1),
    Moment("release", ("(stubborn) STARTED", "releasing"), 0.3, interrupt=True),
    Moment("close", ("(stubborn) STOPPED",), 1.0, duration=0.1, recorded=True),
    # Without a program that would hold up the end.
    Moment("report", ("(stubborn) STOPPED",), 1.0, duration=0.1, without="hidden", recorded=True),
)


def nasty_experiment(folder: Path, without: str) -> str:
    described = Described("nasty")
    node = described.add("linux::Node", hostname="localhost")
    for label, text in _PROGRAMS.items():
        if label == without:
            continue
        attributes = {"command": text.replace("{folder}", shlex.quote(str(folder))), "grace": 0.05}
        if label == "stubborn":
            attributes["grace"] = 0.2  # the last one to end
        if label == "talkative":
            attributes["seriesPattern"] = r"(?P<number>\d+)"
        guid = described.add("linux::Application", label=label, **attributes)
        described.description.connect(node, guid)
    return described.write(folder)


@contextmanager
def running(folder: Path, moment: Moment) -> Iterator[subprocess.Popen[str]]:
    options = ["--local-dir", str(folder / "results"), "--duration", f"{moment.duration}s"]
    with subprocess.Popen(
        command("--run", nasty_experiment(folder, moment.without), *options), cwd=folder, env=environment(folder),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as program:  # fmt: skip
        try:
            yield program
        finally:
            program.kill()


def await_lines(program: subprocess.Popen[str], moment: Moment) -> None:
    assert program.stderr
    seen = []
    for number, text in enumerate(moment.lines):
        for line in program.stderr:
            seen.append(line)
            if text in line:
                break
        else:
            pytest.fail(f"{text!r} did not come: {seen}")
        if moment.interrupt and number == 0:
            program.send_signal(signal.SIGINT)


def leftovers_in(folder: Path) -> list[Leftover]:
    return [each for each in find_leftovers() if Path(each.run_folder).is_relative_to(folder)]


def survivors(folder: Path) -> list[str]:
    """Return what is still there of a run long after its end, and end it, lest it disturb other tests."""
    pids = wait_until_none_with(str(folder))
    told = [describe(pid) for pid in pids]
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return told


def problems_of_record(run_folder: Path, moment: Moment) -> list[str]:
    """Read all that was recorded, and return what a kill does not excuse."""
    excused = {"The run was cut short, with its program or its machine; its last moments may be missing."}
    if not moment.recorded:
        excused.add("There is no run.sqlite: states, values and log of this run are missing.")
        excused.add("There is no experiment.xml: the description of this run is missing.")
    with RunReader(run_folder) as reader:
        assert not reader.running()
        for read in (reader.facts, reader.environment, reader.resources, reader.state_changes, reader.log):
            read()
        for each in reader.series():
            reader.samples(each.guid, each.trace, each.series)
        return [each for each in reader.notices if each not in excused]


def kill_at(folder: Path, moment: Moment, seconds: float) -> list[str]:
    """Run the program, kill it, and return all that is wrong then."""
    folder.mkdir()
    with running(folder, moment) as program:
        await_lines(program, moment)
        time.sleep(seconds)
    ends = {-signal.SIGKILL} if moment.duration > 1 and not moment.interrupt else {-signal.SIGKILL, 0, 130}
    problems = [] if program.returncode in ends else [f"exit status {program.returncode}"]
    problems += survivors(folder)
    problems += map(str, leftovers_in(folder))
    for run_folder in folder.glob("results/*/*"):
        problems += problems_of_record(run_folder, moment)
    return [f"{folder.name}, killed {seconds:.3f} s into {moment.name}: {problem}" for problem in problems]


@pytest.mark.slow
def test_nothing_survives_and_the_record_opens_whenever_the_program_is_killed(tmp_path: Path) -> None:
    chosen = random.Random(2)
    moments = [_MOMENTS[number % len(_MOMENTS)] for number in range(50)]
    seconds = [chosen.uniform(0, moment.longest) for moment in moments]
    folders = [tmp_path / f"run-{number:02}" for number in range(50)]
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as threads:
        problems = [problem for each in threads.map(kill_at, folders, moments, seconds) for problem in each]
    assert problems == []
    assert leftovers_in(tmp_path) == []
    cleaned = run(tmp_path, "--clean", "--local-dir", str(tmp_path))
    assert (cleaned.returncode, cleaned.stdout) == (0, "Nothing is left of earlier runs.\n")
