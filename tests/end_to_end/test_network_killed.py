"""The real program with an emulated network, killed at any moment, or its keeper: the kernel is as it was before."""

from __future__ import annotations

import json
import os
import random
import shlex
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from nepi_core.hosts.keeper.process_table import all_pids, read_entry
from nepi_core.states import ResourceState
from tests.end_to_end.test_killed import leftovers_in, survivors
from tests.leftovers import SESSION_MARK
from tests.nepi_core.hosts.process_checks import alive
from tests.nepi_gui.experiments import START, Described, command, environment, run

_SIDE_BY_SIDE = 4
_PATIENCE = 60.0  # for what ends by itself within two seconds, unless it hangs

# No parent, no session and no environment by which it could be found; its mark is for this test alone.
_HIDDEN = "(setsid env -i FOLDER={folder} sh -c 'trap \"\" TERM; sleep 1000; sleep 1000' &); exit 0"


@dataclass(frozen=True)
class Moment:
    """When to kill: some seconds after a line of the program, or after its start if there is no line to wait for.

    Attributes:
        longest: seconds after the line among which the moment is chosen.
        duration: seconds after which the program itself stops everything.
        interrupt: a second line to wait for, which Ctrl-C after the first brings.
    """

    name: str
    line: str
    longest: float
    duration: float = 900.0
    interrupt: str = ""


@dataclass(frozen=True)
class Victim:
    """Who is killed, and by which signal."""

    name: str
    signal: signal.Signals = signal.SIGKILL


_MOMENTS = (
    Moment("start-up", "", 0.6),
    Moment("set-up", "Deploying", 0.15),
    Moment("run", "(client) STARTED", 0.4),
    Moment("stop", "(hidden) ST", 0.3, duration=0.1),
    Moment("release", "(client) STARTED", 0.4, interrupt="releasing"),
)
_CONTROLLER = Victim("controller")
_OTHERS = (
    Victim("inner keeper"),
    Victim("outer keeper"),
    Victim("controller", signal.SIGTERM),
    Victim("controller", signal.SIGINT),
)
# Others at each moment, keepers when there are any; the controller in between, as often as there is room.
_KILLS = [(moment, victim) for moment in _MOMENTS for victim in _OTHERS if moment.line or victim.name == "controller"]
_KILLS += [(_MOMENTS[number % len(_MOMENTS)], _CONTROLLER) for number in range(50 - len(_KILLS))]


@dataclass(frozen=True)
class Listing:
    """What the kernel has that a network is made of: of this session's processes, and of this namespace."""

    namespaces: frozenset[str]
    interfaces: frozenset[str]
    mounts: frozenset[str]

    def beyond(self, before: Listing) -> list[str]:
        """Return what has come since."""
        return sorted(
            (self.namespaces - before.namespaces)
            | (self.interfaces - before.interfaces)
            | (self.mounts - before.mounts)
        )


def listing(folder: Path) -> Listing:
    """List namespaces by whatever holds one: a process, a descriptor or a mount."""
    mark = f"{SESSION_MARK}={os.environ[SESSION_MARK]}".encode()
    ours = [os.getpid(), *(pid for pid in all_pids() if alive(pid) and is_one_of(pid, mark, str(folder).encode()))]
    held = {target for pid in ours for target in links_of(pid, "ns") | links_of(pid, "fd")}
    shown = subprocess.run(["ip", "-json", "link"], check=True, stdout=subprocess.PIPE).stdout
    return Listing(
        frozenset(each for each in held if "[" in each and not each.startswith(("socket", "pipe", "anon"))),
        frozenset(f"interface {each['ifname']}" for each in json.loads(shown)),
        frozenset(Path("/proc/self/mountinfo").read_text().splitlines()),
    )


def is_one_of(pid: int, *marks: bytes) -> bool:
    """Tell whether a process has one of the marks in its environment; those of others on this machine have not."""
    with suppress(OSError):
        content = Path(f"/proc/{pid}/environ").read_bytes()
        return any(mark in content for mark in marks)
    return False


def links_of(pid: int, kind: str) -> set[str]:
    found = set()
    with suppress(OSError):
        for each in Path(f"/proc/{pid}/{kind}").iterdir():
            with suppress(OSError):  # closed since it was listed
                found.add(str(each.readlink()))
    return found


def network_experiment(folder: Path) -> str:
    """Write two hosts at two routers, by a switch, a plain link, one of user space and one with a rate."""
    described = Described("network")
    nodes = {name: described.add("netns::Node", name) for name in ("h1", "r1", "r2", "h2")}
    nodes["s1"] = described.add("netns::Switch", "s1")
    for first, second, attributes in (
        ("h1", "s1", {}),
        ("s1", "r1", {}),
        ("r1", "r2", {"delay": 2.0, "emulation": "userspace"}),
        ("r2", "h2", {"rate": 50.0}),
    ):
        link = described.add("netns::Link", **attributes)
        described.description.connect(nodes[first], link)
        described.description.connect(nodes[second], link)

    def application(kind: str, label: str, node: str, **attributes: object) -> int:
        guid = described.add(f"linux::{kind}", label, grace=0.2, **attributes)
        described.description.connect(nodes[node], guid)
        return guid

    application("Application", "hidden", "h2", command=_HIDDEN.format(folder=shlex.quote(str(folder))))
    application("Application", "stubborn", "r1", command="trap '' TERM HUP INT; while :; do sleep 1; done")
    application("Ping", "ping", "h1", target="h2", interval=0.05)
    server = application("Iperf3Server", "server", "h2")
    client = application("Iperf3Client", "client", "h1", target="h2", time=1000)
    described.wait(client, START, server, ResourceState.STARTED)
    return described.write(folder)


@contextmanager
def running(folder: Path, moment: Moment) -> Iterator[subprocess.Popen[str]]:
    options = ["--local-dir", str(folder / "results"), "--duration", f"{moment.duration}s"]
    with subprocess.Popen(
        command("--run", network_experiment(folder), *options), cwd=folder, env=environment(folder),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as program:  # fmt: skip
        hang = threading.Timer(_PATIENCE, program.kill)
        hang.start()
        try:
            yield program
        finally:
            hang.cancel()
            program.kill()


def await_moment(program: subprocess.Popen[str], moment: Moment) -> None:
    if moment.line:
        await_line(program, moment.line)
    if moment.interrupt:
        program.send_signal(signal.SIGINT)
        await_line(program, moment.interrupt)


def await_line(program: subprocess.Popen[str], text: str) -> None:
    assert program.stderr
    seen = []
    for line in program.stderr:
        seen.append(line)
        if text in line:
            return
    pytest.fail(f"{text!r} did not come: {seen}")


def kill(program: subprocess.Popen[str], victim: Victim) -> None:
    """Kill the victim; a keeper that is not there yet, or any more, is none."""
    if victim.name == "controller":
        program.send_signal(victim.signal)
    elif keepers := network_keepers(program.pid):
        with suppress(ProcessLookupError):
            os.kill(keepers[0 if victim.name == "outer keeper" else -1], victim.signal)
    else:
        program.terminate()


def network_keepers(controller: int) -> list[int]:
    """Return the outer and inner process of the network keeper, as far as they are there."""
    entries = [entry for entry in map(read_entry, all_pids()) if entry]
    outer = [each.pid for each in entries if each.parent == controller and b"network_keeper" in command_line(each.pid)]
    inner = [each.pid for each in entries if each.parent in outer and b"network_keeper" in command_line(each.pid)]
    return outer + inner


def command_line(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def kill_at(folder: Path, moment: Moment, victim: Victim, seconds: float) -> list[str]:
    """Run the program, kill it or its keeper, and return all that is wrong then."""
    folder.mkdir()
    problems = []
    with running(folder, moment) as program:
        await_moment(program, moment)
        time.sleep(seconds)
        kill(program, victim)
        program.communicate()
        if program.returncode == -signal.SIGKILL and victim != _CONTROLLER:
            problems.append("it does not end")
    problems += survivors(folder)
    problems += map(str, leftovers_in(folder))
    told = f"{folder.name}, {victim.name} killed ({victim.signal.name}) {seconds:.3f} s into {moment.name}"
    return [f"{told}: {problem}" for problem in problems]


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("iperf3"), reason="iperf3 is not installed")
def test_nothing_of_a_network_survives_whenever_the_program_or_its_keeper_is_killed(tmp_path: Path) -> None:
    before = listing(tmp_path)
    chosen = random.Random(3)
    kills = [(moment, victim, chosen.uniform(0, moment.longest)) for moment, victim in _KILLS]
    folders = [tmp_path / f"run-{number:02}" for number in range(len(kills))]
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as threads:
        found = threads.map(kill_at, folders, *zip(*kills, strict=True))
        problems = [problem for each in found for problem in each]
    assert problems == []
    assert listing(tmp_path).beyond(before) == []
    cleaned = run(tmp_path, "--clean", "--local-dir", str(tmp_path))
    assert (cleaned.returncode, cleaned.stdout) == (0, "Nothing is left of earlier runs.\n")


def test_the_listing_sees_what_a_network_is_made_of(tmp_path: Path) -> None:
    before = listing(tmp_path)
    entered = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", "echo; read line"]
    with subprocess.Popen(entered, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        if not holder.stdout.readline():
            pytest.skip("no user namespaces here")
        more = listing(tmp_path).beyond(before)
        holder.communicate(b"\n")
    assert {each.partition(":")[0] for each in more} == {"user", "net"}
    assert listing(tmp_path).beyond(before) == []
