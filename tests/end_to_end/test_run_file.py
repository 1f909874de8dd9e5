"""The real program, as its users start it: signals, exit status, what it imports, and what it leaves behind."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import shlex
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from nepi_core.runs.reader import RunReader
from tests.nepi_gui.experiments import ROOT, Described, command, environment, run

_FORBIDDEN = ("PySide6", "pyqtgraph", "matplotlib", "networkx", "jinja2", "paramiko", "scipy", "numpy")


def long_running(tmp_path: Path, rtype: str = "test::Server") -> str:
    described = Described("long")
    described.add(rtype)
    described.add("test::Worker", label="client", seconds=900.0)
    return described.write(tmp_path)


@contextmanager
def started(tmp_path: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run the program, from the moment when its client is STARTED."""
    with subprocess.Popen(
        command(*arguments), cwd=tmp_path, env=environment(tmp_path), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    ) as program:  # fmt: skip
        try:
            read_until(program, "(client) STARTED")
            yield program
        finally:
            program.kill()


def read_until(program: subprocess.Popen[str], text: str) -> None:
    assert program.stderr
    seen = []
    for line in program.stderr:
        seen.append(line)
        if text in line:
            return
    pytest.fail(f"{text!r} did not come: {seen}")


def run_folder(tmp_path: Path) -> Path:
    (folder,) = (tmp_path / "results").glob("*/*")
    return folder


def outcome(tmp_path: Path) -> str:
    with RunReader(run_folder(tmp_path)) as reader:
        assert not reader.running()
        return str(reader.facts()["outcome"])


def has_ended(tmp_path: Path) -> bool:
    """Tell whether the program that the server kept has ended, or does so within ten seconds."""
    path = next((run_folder(tmp_path) / "traces").glob("*.pid"), None)
    if path is None:
        return True  # interrupted before it was started
    try:
        handle = os.pidfd_open(int(path.read_text()))
    except ProcessLookupError:
        return True
    with suppress(OSError):
        return bool(select.select([handle], [], [], 10)[0])
    os.close(handle)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_releases_everything_and_says_so(tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path, "--run", long_running(tmp_path), "--json", "--no-report") as program:
        program.send_signal(number)
        out, err = program.communicate(timeout=30)
    assert program.returncode == 130
    assert "releasing 2 resources; press Ctrl-C again to hurry" in err
    assert json.loads(out)["outcome"] == "interrupted"
    assert "Traceback" not in err
    assert outcome(tmp_path) == "interrupted"
    assert has_ended(tmp_path)


def test_a_second_interrupt_hurries_whatever_a_release_waits_for(tmp_path: Path) -> None:
    with started(tmp_path, "--run", long_running(tmp_path, "test::Stubborn")) as program:
        program.send_signal(signal.SIGINT)
        read_until(program, "press Ctrl-C again")
        program.send_signal(signal.SIGINT)
        _, err = program.communicate(timeout=30)
    assert program.returncode == 130
    assert "Hurrying" in err
    assert outcome(tmp_path) == "interrupted"
    assert has_ended(tmp_path)


def test_any_number_of_interrupts_is_an_interrupted_run(tmp_path: Path) -> None:
    with started(tmp_path, "--run", long_running(tmp_path, "test::Stubborn")) as program:
        program.send_signal(signal.SIGINT)
        read_until(program, "press Ctrl-C again")
        for _ in range(5):
            with suppress(subprocess.TimeoutExpired):
                program.send_signal(signal.SIGINT)
                program.wait(0.02)
        _, err = program.communicate(timeout=30)
    assert program.returncode == 130
    assert "Traceback" not in err
    assert outcome(tmp_path) == "interrupted"
    assert has_ended(tmp_path)


_INTERRUPTED_WHILE_LOADING = """
import os, signal, sys
from nepi_gui import headless
from nepi_gui.cli import main

def read(*_):
    for _ in range(3):
        os.kill(os.getpid(), signal.SIGINT)
    signal.pause()

headless.read_xml = read
sys.exit(main(["--run", "any.xml"]))
"""


def test_an_interrupt_while_the_file_is_read_ends_at_once(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _INTERRUPTED_WHILE_LOADING],
        env=environment(tmp_path), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "nepi-gui: interrupted\n")
    assert not (tmp_path / "results").exists()


def test_a_closed_terminal_interrupts_the_run_without_complaints(tmp_path: Path) -> None:
    path = long_running(tmp_path)
    master, slave = pty.openpty()
    log = tmp_path / "stderr"
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            command("--run", path), cwd=tmp_path, stdin=slave, stdout=slave, stderr=stderr,
            env=environment(tmp_path), start_new_session=True, preexec_fn=_take_terminal,
        ) as program,
    ):  # fmt: skip
        os.close(slave)
        _wait_for(log, "(client) STARTED")
        os.close(master)  # which sends SIGHUP
        program.wait(timeout=30)
    assert program.returncode == 130
    assert "Traceback" not in log.read_text()
    assert "Errno" not in log.read_text()
    assert outcome(tmp_path) == "interrupted"


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _wait_for(log: Path, text: str) -> None:
    with subprocess.Popen(["tail", "-n", "+1", "-f", log], stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout
        assert any(text in line for line in reader.stdout)
        reader.kill()


@pytest.mark.parametrize(
    ("words", "redirected", "status", "told"),
    [
        ("--types", ">&-", 1, "Standard output cannot be written: it is closed."),
        ("--types", ">/dev/full", 1, "Standard output cannot be written: No space left on device."),
        ("--types", "2>&-", 0, ""),
        ("--types nonsense", "2>&-", 2, ""),
        ("--types nonsense", "2>/dev/full", 2, ""),
        ("--help", ">&-", 1, "Standard output cannot be written: it is closed."),
        ("--help", ">/dev/full", 1, "Standard output cannot be written: No space left on device."),
        ("--run tried.xml", ">&-", 0, "The summary cannot be written to standard output: it is closed."),
        ("--run tried.xml", ">/dev/full", 0, "The summary cannot be written to standard output: No space"),
        ("--run tried.xml", ">&- 2>&- <&-", 0, ""),
        ("--run tried.xml", ">/dev/full 2>/dev/full", 0, ""),
        ("--run tried.xml --json", ">&-", 1, "The results cannot be written to standard output: it is closed."),
        ("--run tried.xml --json", ">/dev/full", 1, "The results cannot be written to standard output: No space"),
        ("--run tried.xml --json", "2>&-", 0, ""),
        ("--run tried.xml --json", "2>/dev/full", 0, ""),
    ],
)
def test_outputs_that_cannot_be_written(tmp_path: Path, words: str, redirected: str, status: int, told: str) -> None:
    described = Described()
    described.add("test::Worker")
    described.write(tmp_path)
    program = shlex.join(command(*words.split()))
    done = subprocess.run(
        ["sh", "-c", f"{program} {redirected}"], cwd=tmp_path, env=environment(tmp_path),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


def test_nohup_stays_in_force(tmp_path: Path) -> None:
    described = Described("long")
    described.add("test::Worker", label="client", seconds=1.0)
    path = described.write(tmp_path)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # inherited by what is started, as from nohup
    try:
        with started(tmp_path, "--run", path, "--no-report") as program:
            program.send_signal(signal.SIGHUP)
            program.communicate(timeout=30)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert program.returncode == 0


def test_nothing_of_the_window_and_the_report_is_imported_for_a_run(tmp_path: Path) -> None:
    described = Described()
    described.add("test::Worker")
    script = (
        "import sys; from nepi_gui.cli import main; "
        f"status = main(['--run', {described.write(tmp_path)!r}, '--no-report', '--quiet', '--json']); "
        f"print([name for name in {(*_FORBIDDEN, 'rich')} if name in sys.modules], status, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr.strip() == "[] 0"


def test_a_run_with_summary_imports_only_rich_besides(tmp_path: Path) -> None:
    described = Described()
    described.add("test::Worker")
    done = run(tmp_path, "--run", described.write(tmp_path), "--no-report", PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0, done.stderr
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if "import time:" in line}
    assert "rich.table" in imported
    assert not imported & set(_FORBIDDEN)


def test_progress_in_a_terminal(tmp_path: Path) -> None:
    described = Described()
    described.add("test::Worker", label="client", seconds=0.3)
    described.add("test::Server")
    path = described.write(tmp_path)
    master, slave = pty.openpty()
    with subprocess.Popen(
        command("--run", path, "--no-report"), cwd=tmp_path, stdout=subprocess.PIPE, stderr=slave, text=True,
        env=environment(tmp_path, TERM="xterm-256color", COLUMNS="80", LINES="24"),
    ) as program:  # fmt: skip
        os.close(slave)
        screen = _read_all(master)
        assert program.stdout
        out = program.stdout.read()
    os.close(master)
    assert program.returncode == 0
    assert "test::Server" in screen
    assert "sleep 1000" in screen
    assert "\x1b[?25h" in screen  # the cursor is given back
    assert "tried: done" in out


def _read_all(descriptor: int) -> str:
    read = b""
    with suppress(OSError):  # EIO: the other end has been closed
        while piece := os.read(descriptor, 65536):
            read += piece
    return read.decode(errors="replace")


def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    words = " ".join(command("--types"))
    done = subprocess.run(
        ["sh", "-c", f"{words} | true"],
        env=environment(tmp_path),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


def test_a_broken_plug_in_does_not_keep_others_from_running(tmp_path: Path) -> None:
    described = Described()
    described.add("test::Worker")
    path = described.write(tmp_path)
    environment(tmp_path)
    (tmp_path / "plugins" / "broken.py").write_text("raise RuntimeError('broken on purpose')\n")
    done = run(tmp_path, "--run", path, "--no-report")
    assert done.returncode == 0
    assert done.stderr.count("broken on purpose") == 2  # in the traceback: the line, and the error


def test_a_picture_is_drawn(tmp_path: Path) -> None:
    described = Described()
    described.add("linux::Node", label="host")
    path = described.write(tmp_path)
    for kind in ("dot", "svg"):
        done = run(tmp_path, "--plot", f"picture.{kind}", path)
        assert (done.returncode, done.stdout) == (0, f"picture.{kind}\n"), done.stderr
        assert "host" in (tmp_path / f"picture.{kind}").read_text()
    done = run(tmp_path, "--plot", "none/picture.svg", path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_report_is_written_and_told(tmp_path: Path) -> None:
    described = Described()
    described.add("test::Worker")
    done = run(tmp_path, "--run", described.write(tmp_path), "--json")
    assert done.returncode == 0, done.stderr
    report = Path(json.loads(done.stdout)["report"])
    assert report.parent == run_folder(tmp_path)
    assert "<html" in report.read_text()
