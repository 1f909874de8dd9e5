"""This machine as a host, with real programs and files."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from nepi_core.errors import CommandError, HostError, WaitTimeoutError
from nepi_core.hosts.command_output import BoundedOutput
from nepi_core.hosts.local_host import LocalHost
from tests.nepi_core.hosts.process_checks import PYTHON, Reports, wait_until_gone

LIMIT = 30.0  # seconds that a test waits before it fails; nothing takes nearly as long


def shell(text: str) -> list[str]:
    return ["sh", "-c", text]


# -- how programs end


@pytest.mark.parametrize(("text", "status"), [("true", 0), ("exit 3", 3), ("kill -9 $$", -9), ("kill -TERM $$", -15)])
def test_status_tells_how_a_program_ended(host: LocalHost, text: str, status: int) -> None:
    process = host.start(shell(text))
    assert process.wait(LIMIT) == status
    assert process.status == status


def test_status_is_none_while_the_program_runs(host: LocalHost) -> None:
    process = host.start(["sleep", "100"])
    assert process.status is None
    with pytest.raises(WaitTimeoutError, match=r"'sleep 100' has not ended within 0\.01 s"):
        process.wait(0.01)
    process.stop(5)
    assert process.wait(LIMIT) == -signal.SIGTERM


def test_callbacks_are_called_once_also_when_registered_late(host: LocalHost) -> None:
    told: list[tuple[str, int]] = []
    ended = threading.Event()
    process = host.start(shell("read line; exit 4"))
    process.on_exit(lambda status: told.append(("early", status)))
    process.on_exit(lambda _status: ended.set())
    assert ended.wait(LIMIT)
    process.on_exit(lambda status: told.append(("late", status)))
    assert told == [("early", 4), ("late", 4)]


def test_a_callback_that_fails_is_logged_and_the_others_are_called(
    host: LocalHost, caplog: pytest.LogCaptureFixture, expect_log
) -> None:
    expect_log("what was to happen after")
    ended = threading.Event()
    process = host.start(["sleep", "100"])
    process.on_exit(lambda _status: [][1])  # it is meant to fail
    process.on_exit(lambda _status: ended.set())
    process.stop(5)
    assert ended.wait(LIMIT)
    assert "what was to happen after the end of 'sleep 100' failed" in caplog.text
    assert host.start(["true"]).wait(LIMIT) == 0


def test_a_callback_cannot_start_programs_and_does_not_hang(host: LocalHost) -> None:
    outcome: list[str] = []
    ended = threading.Event()

    def start_another(_status: int) -> None:
        with pytest.raises(HostError) as caught:
            host.start(["true"])
        outcome.append(str(caught.value))
        ended.set()

    process = host.start(["sleep", "100"])
    process.on_exit(start_another)
    process.stop(5)
    assert ended.wait(LIMIT)
    assert "callback" in outcome[0]


def test_fifty_programs_at_once(host: LocalHost) -> None:
    processes = [host.start(shell(f"exit {number}")) for number in range(50)]
    assert [process.wait(LIMIT) for process in processes] == list(range(50))


def test_starts_from_many_threads(host: LocalHost, tmp_path: Path) -> None:
    def work(number: int) -> None:
        output = tmp_path / f"{number}"
        assert host.start(["echo", str(number)], stdout=output).wait(LIMIT) == 0
        assert output.read_text() == f"{number}\n"
        done.append(number)

    done: list[int] = []
    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    assert sorted(done) == list(range(20))


# -- what programs are given


def test_program_gets_input_output_environment_and_folder(host: LocalHost, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("given\n")
    process = host.start(
        shell('cat; echo "$COLOUR"; pwd; echo wrong >&2'),
        stdin=tmp_path / "in",
        stdout=tmp_path / "out",
        stderr=tmp_path / "err",
        env={"COLOUR": "blue; $(no) 'shell'"},
        cwd=str(tmp_path),
    )
    assert process.wait(LIMIT) == 0
    assert (tmp_path / "out").read_text() == f"given\nblue; $(no) 'shell'\n{tmp_path}\n"
    assert (tmp_path / "err").read_text() == "wrong\n"


def test_both_outputs_in_one_file_keep_their_order(host: LocalHost, tmp_path: Path) -> None:
    output = tmp_path / "both"
    assert host.start(shell("echo 1; echo 2 >&2; echo 3"), stdout=output, stderr=output).wait(LIMIT) == 0
    assert output.read_text() == "1\n2\n3\n"


def test_program_has_no_input_unless_given(host: LocalHost) -> None:
    assert host.run(["cat"]).stdout == ""


def test_signals_are_as_usual_for_programs(host: LocalHost) -> None:
    blocked, ignored = host.run(["grep", "-E", "^Sig(Ign|Blk)", "/proc/self/status"]).stdout.split()[1::2]
    the_c_librarys_own = 1 << (32 - 1) | 1 << (33 - 1)  # posix_spawn ignores them; no program can use them
    assert int(blocked, 16) == 0
    assert int(ignored, 16) & ~the_c_librarys_own == 0


def test_program_inherits_no_descriptors(host: LocalHost) -> None:
    listed = host.run(["ls", "/proc/self/fd"]).stdout.split()
    assert listed == ["0", "1", "2", "3"]  # the last is ls's own


def test_program_is_found_on_the_path_that_it_is_given(host: LocalHost, tmp_path: Path) -> None:
    program = tmp_path / "my-own-program"
    program.write_text("#!/bin/sh\necho mine\n")
    program.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    assert host.run(["my-own-program"], env={"PATH": path}).stdout == "mine\n"
    assert host.run(["./my-own-program"], cwd=str(tmp_path)).stdout == "mine\n"


def test_large_environment_and_odd_bytes(host: LocalHost) -> None:
    large = {f"LARGE_{number}": "x" * 100_000 for number in range(10)}
    process = host.start(shell('test "${#LARGE_9}" = 100000'), env=large)
    assert process.wait(LIMIT) == 0
    odd = os.fsdecode(b"\xff\xfe")
    counted = host.run(
        [*PYTHON, "import os, sys; print(os.fsencode(sys.argv[1]), os.environb[b'ODD'])", odd], env={"ODD": odd}
    )
    assert counted.stdout == "b'\\xff\\xfe' b'\\xff\\xfe'\n"


def test_markers_reach_the_program(tmp_path: Path) -> None:
    host = LocalHost(run_folder=tmp_path, marker={"NEPI_EXP": "first"})
    try:
        printed = host.run(shell('echo "$NEPI_RUN $NEPI_EXP $NEPI_JOB"')).stdout.split()
    finally:
        host.close()
    assert printed[:2] == [str(tmp_path), "first"]
    assert printed[2].count(".") == 2


# -- what cannot be started


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["no-such-program"], "the program 'no-such-program' was not found on PATH"),
        (["/no/such/program"], "'/no/such/program' cannot be started: No such file or directory"),
        (["/etc"], "'/etc' cannot be started: Permission denied"),
        (["/etc/passwd"], "'/etc/passwd' cannot be started: Permission denied"),
        (["echo", "x" * 3_000_000], "'echo' cannot be started: Argument list too long"),
        (["echo", "a\0b"], "'echo' cannot be started: embedded null byte"),
        ([], "is no command"),
        ("echo hello", "is no command"),
    ],
)
def test_error_names_the_program(host: LocalHost, command: list[str], words: str) -> None:
    with pytest.raises(HostError, match=words):
        host.start(command)
    assert host.start(["true"]).wait(LIMIT) == 0


def test_error_names_missing_interpreter_folder_and_files(host: LocalHost, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    with pytest.raises(HostError, match="the interpreter that its first line names does not exist"):
        host.start([str(script)])
    with pytest.raises(HostError, match="'true' cannot be started in its working folder: No such file"):
        host.start(["true"], cwd=str(tmp_path / "missing"))
    with pytest.raises(HostError, match="missing/out"):
        host.start(["true"], stdout=tmp_path / "missing" / "out")
    with pytest.raises(HostError, match="missing' for a program's input"):
        host.start(["true"], stdin=tmp_path / "missing")
    with pytest.raises(HostError, match="illegal environment variable name"):
        host.start(["true"], env={"A=B": "C"})


# -- output


def test_output_limit_ends_a_program_that_prints_too_much(host: LocalHost, tmp_path: Path) -> None:
    limit = 50_000_000
    process = host.start(["cat", "/dev/zero"], stdout=tmp_path / "out", output_limit=limit)
    assert process.wait(LIMIT) == -signal.SIGXFSZ
    assert (tmp_path / "out").stat().st_size == limit
    other = host.run(shell("ulimit -f"))
    assert other.stdout == "unlimited\n"  # for the next program it is as before


def test_binary_output_is_kept_as_it_is(host: LocalHost, tmp_path: Path) -> None:
    every_byte = bytes(range(256)) * 100
    (tmp_path / "in").write_bytes(every_byte)
    assert host.start(["cat"], stdin=tmp_path / "in", stdout=tmp_path / "out").wait(LIMIT) == 0
    assert (tmp_path / "out").read_bytes() == every_byte
    assert host.run(["cat", str(tmp_path / "in")]).stdout == every_byte.decode(errors="replace")


def test_run_returns_status_and_both_outputs(host: LocalHost) -> None:
    completed = host.run(shell("cat; echo wrong >&2; exit 3"), input="géant\n" * 100_000)
    assert completed.status == 3
    assert completed.stdout == "géant\n" * 100_000
    assert completed.stderr == "wrong\n"


def test_run_reads_two_large_outputs_without_deadlock(host: LocalHost) -> None:
    text = "import sys\nfor _ in range(3000): sys.stdout.write('o' * 1000); sys.stderr.write('e' * 1000)"
    completed = host.run([*PYTHON, text])
    assert (len(completed.stdout), len(completed.stderr)) == (3_000_000, 3_000_000)


def test_run_bounds_its_memory(host: LocalHost) -> None:
    completed = host.run(shell("echo first; head -c 50000000 /dev/zero; echo last"))
    assert completed.stdout.startswith("first\n")
    assert completed.stdout.endswith("last\n")
    assert "bytes left out" in completed.stdout
    assert len(completed.stdout) < 17 * 1024 * 1024


@pytest.mark.parametrize("size", [0, 5, 10, 15, 20, 21, 35, 100])
def test_bounded_output_keeps_both_ends(size: int) -> None:
    printed = bytes(97 + number % 26 for number in range(size))
    output = BoundedOutput(10)
    for start in range(0, size, 7):
        output.add(printed[start : start + 7])
    if size <= 20:
        assert output.text() == printed.decode()
    else:
        middle = f"\n[... {size - 20} bytes left out ...]\n"
        assert output.text() == printed[:10].decode() + middle + printed[-10:].decode()


def test_run_checks_the_status(host: LocalHost) -> None:
    with pytest.raises(CommandError, match=r"On localhost, '.*' ended with exit status 2: it went wrong") as caught:
        host.run(shell("echo fine; echo it went wrong >&2; exit 2"), check=True)
    assert caught.value.status == 2


def test_run_ends_the_command_and_what_it_forked_after_the_timeout(host: LocalHost, reports: Reports) -> None:
    text = f"echo $$ > {reports.path}; sleep 100 & echo $! > {reports.path}; setsid sleep 100 & wait"
    with pytest.raises(WaitTimeoutError, match=r"took longer than 0\.5 s"):
        host.run(shell(text), timeout=0.5)
    assert wait_until_gone(reports.pids(2)) == []


def test_run_does_not_wait_for_what_the_command_leaves_in_the_background(host: LocalHost) -> None:
    assert host.run(shell("sleep 100 & echo done"), timeout=LIMIT).stdout == "done\n"


def test_run_of_a_command_that_closes_its_outputs_early(host: LocalHost) -> None:
    assert host.run(shell("echo a; exec >&- 2>&-; sleep 0.1; exit 5"), timeout=LIMIT).status == 5


# -- as root


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_root_needs_no_sudo(host: LocalHost) -> None:
    assert host.run(["id", "-u"], sudo=True, env={"PATH": "/usr/bin:/bin"}).stdout == "0\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="needs an ordinary user")
def test_sudo_is_used_or_its_refusal_explained(host: LocalHost) -> None:
    command = ["sh", "-c", "echo $(id -u) $COLOUR"]
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "-l", "--", "env"], capture_output=True).returncode == 0:
        assert host.run(command, sudo=True, env={"COLOUR": "blue"}).stdout == "0 blue\n"
        process = host.start(["sleep", "1000"], sudo=True)
        process.stop(LIMIT)
        assert process.wait(LIMIT) != 0
    else:
        with pytest.raises(HostError, match="'sh' must run as root on localhost, and sudo"):
            host.run(command, sudo=True)


# -- files


def test_put_and_get_files_and_folders(host: LocalHost, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "inner").mkdir(parents=True)
    (source / "program").write_text("#!/bin/sh\n")
    (source / "program").chmod(0o755)
    (source / "inner" / "data").write_bytes(b"\0\1")
    (source / "link").symlink_to("program")
    for _ in range(2):  # the second time over what is there
        host.put(source, str(tmp_path / "there" / "copy"))
        host.get(str(tmp_path / "there" / "copy"), tmp_path / "back")
    assert (tmp_path / "back" / "inner" / "data").read_bytes() == b"\0\1"
    assert os.access(tmp_path / "back" / "program", os.X_OK)
    assert (tmp_path / "back" / "link").readlink() == Path("program")
    host.put(source / "link", str(tmp_path / "a" / "b" / "file"))
    assert not (tmp_path / "a" / "b" / "file").is_symlink()
    assert [each.name for each in (tmp_path / "a" / "b").iterdir()] == ["file"]


def test_copy_onto_itself_is_harmless_and_into_itself_refused(host: LocalHost, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("content")
    host.put(file, str(file))
    host.get(str(file), file)
    host.put(tmp_path, str(tmp_path))
    assert file.read_text() == "content"
    with pytest.raises(HostError, match="into itself"):
        host.put(tmp_path, str(tmp_path / "inner" / "most"))


def test_copy_of_a_missing_file_leaves_nothing(host: LocalHost, tmp_path: Path) -> None:
    with pytest.raises(HostError, match=r"cannot copy '.*missing' to '.*copy': No such file"):
        host.get(str(tmp_path / "missing"), tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


def test_read_exists_make_folder(host: LocalHost, tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    assert not host.exists(path)
    Path(path).write_bytes(b"0123456789")
    assert host.exists(path)
    assert host.read(path) == b"0123456789"
    assert host.read(path, 3, 4) == b"3456"
    assert host.read(path, 8, 100) == b"89"
    with pytest.raises(HostError, match="cannot read"):
        host.read(str(tmp_path / "missing"))
    host.make_folder(str(tmp_path / "a" / "b"))
    host.make_folder(str(tmp_path / "a" / "b"))
    assert (tmp_path / "a" / "b").is_dir()
    with pytest.raises(HostError, match="cannot make the folder"):
        host.make_folder(path)


def test_remove(host: LocalHost, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "inner").mkdir(parents=True)
    (tmp_path / "link").symlink_to(folder)
    host.remove(str(tmp_path / "link"))
    assert folder.is_dir()
    host.remove(str(folder))
    host.remove(str(folder))
    (tmp_path / "file").touch()
    host.remove(str(tmp_path / "file"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["", " ", "/", "//", "/usr", "/usr/..", "~", "~/..", ".", "..", "/home/../etc"])
def test_remove_refuses_what_nobody_means(
    host: LocalHost, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A failure of this test must do no harm.
    removed: list[object] = []
    monkeypatch.setattr("shutil.rmtree", removed.append)
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: removed.append(path))
    monkeypatch.setenv("HOME", str(tmp_path / "users" / "me"))
    with pytest.raises(HostError, match="looks like a mistake"):
        host.remove(path)
    assert removed == []
