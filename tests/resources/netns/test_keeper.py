"""The network keeper: what nodes are made of, what programs in them may do, and that all of it goes with it."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from nepi_core.resources.netns._host import NamespaceHost
from nepi_core.resources.netns._keeper import NetworkKeeperClient

from nepi_core.errors import HostError
from tests.nepi_core.hosts.process_checks import alive, processes_with, wait_until_gone, wait_until_none_with
from tests.nepi_gui.experiments import ROOT
from tests.resources.conftest import PATIENCE

_KINDS = ("net", "mnt", "uts", "user", "pid")


class Rig:
    """A network keeper, and nodes in its hands."""

    def __init__(self, as_root: bool = False) -> None:
        self.deaths: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.keeper = NetworkKeeperClient("", as_root, self.deaths.put)

    def make(self, *names: str, **settings: str) -> dict[str, str]:
        """Make nodes, and return why some were not made; settings have __ for their dots."""
        wanted = [(key.replace("__", "."), value) for key, value in settings.items()]
        _, problems = self.keeper.make_nodes([(name, wanted) for name in names])
        return dict(problems)

    def host(self, name: str) -> NamespaceHost:
        return NamespaceHost(name, lambda: self.keeper)

    def run(self, name: str, *command: str) -> str:
        """Run a command in a node ("" is the fabric), and return what it printed."""
        return self.host(name).run(command, timeout=PATIENCE, check=True).stdout

    def namespaces(self, name: str) -> dict[str, str]:
        links = self.run(name, "readlink", *(f"/proc/self/ns/{kind}" for kind in _KINDS))
        return dict(zip(_KINDS, links.split(), strict=True))

    def held(self) -> int:
        """Return how many namespaces the keeper holds by descriptors."""
        held = 0
        for each in Path(f"/proc/{self.keeper.inside}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed since it was listed
                held += str(each.readlink()).startswith(("net:", "mnt:", "uts:"))
        return held


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    yield made
    made.keeper.close()


# -- nodes -----------------------------------------------------------------------------------------


def test_nodes_share_users_and_processes_and_nothing_else(rig: Rig) -> None:
    assert rig.make("a", "b") == {}
    a, b, fabric = (rig.namespaces(name) for name in ("a", "b", ""))
    for kind in ("net", "mnt", "uts"):
        assert len({a[kind], b[kind], fabric[kind]}) == 3
    for kind in ("user", "pid"):
        assert a[kind] == b[kind] == fabric[kind] != str(Path(f"/proc/self/ns/{kind}").readlink())


def test_a_node_is_as_a_machine_that_was_just_started(rig: Rig) -> None:
    rig.make("a")
    assert rig.run("a", "hostname") == "a\n"
    assert rig.run("a", "ls", "/sys/class/net") == "lo\n"
    assert "<LOOPBACK,UP,LOWER_UP>" in rig.run("a", "ip", "link")
    assert rig.run("a", "ping", "-c1", "-W5", "127.0.0.1")


def test_a_program_is_of_this_user_and_may_do_what_it_likes_with_the_network(rig: Rig) -> None:
    rig.make("a")
    assert rig.run("a", "id", "-u") == f"{os.geteuid()}\n"
    assert rig.run("a", "id", "-g") == f"{os.getegid()}\n"
    rig.run("a", "ip", "link", "add", "x0", "type", "veth", "peer", "name", "x1")
    rig.run("a", "sh", "-c", "ip link set x0 up")  # also what a program starts
    rig.run("a", "sysctl", "-qw", "net.ipv4.ip_default_ttl=9")
    assert "x0" not in rig.run("", "ip", "link")


def test_this_user_may_be_called_root(tmp_path: Path) -> None:
    rig = Rig(as_root=True)
    try:
        rig.make("a")
        assert rig.run("a", "id", "-u") == "0\n"
        rig.run("a", "touch", str(tmp_path / "made"))
        assert (tmp_path / "made").stat().st_uid == os.geteuid()
        rig.run("a", "ip", "link", "add", "x0", "type", "veth", "peer", "name", "x1")
    finally:
        rig.keeper.close()


def test_a_program_sees_no_process_of_this_machine(rig: Rig) -> None:
    rig.make("a")
    seen = [int(each) for each in rig.run("a", "ls", "/proc").split() if each.isdecimal()]
    assert 1 in seen
    assert len(seen) <= 3


def test_settings_are_made_in_one_node(rig: Rig) -> None:
    assert rig.make("a", net__ipv4__ip_default_ttl="5") == {}
    rig.make("b")
    setting = "/proc/sys/net/ipv4/ip_default_ttl"
    assert rig.run("a", "cat", setting) == "5\n"
    assert rig.run("b", "cat", setting) == "64\n"
    rig.keeper.ask("settings", "b", [("net.ipv4.ip_default_ttl", "6")])
    assert rig.run("b", "cat", setting) == "6\n"
    with pytest.raises(HostError, match="net/ipv4/no_such"):
        rig.keeper.ask("settings", "b", [("net.ipv4.no_such", "6")])
    assert rig.run("a", "cat", setting) == "5\n"


def test_a_node_that_cannot_be_made_does_not_keep_others_from_it(rig: Rig) -> None:
    fabric = rig.namespaces("")
    _, problems = rig.keeper.make_nodes([("a", []), ("b", [("net.ipv4.no_such", "1")]), ("c", [])])
    assert problems == {"b": "No such file or directory: there is no such setting as net.ipv4.no_such."}
    assert rig.namespaces("a")["net"] != rig.namespaces("c")["net"]
    assert rig.namespaces("") == fabric


def test_a_table_of_names_is_seen_by_all_nodes_and_may_change(rig: Rig, tmp_path: Path) -> None:
    table = tmp_path / "hosts"
    table.write_text("192.0.2.7 seven\n")
    outside = Path("/etc/hosts").read_bytes()
    rig.keeper.use_hosts_table(table)
    rig.make("a")
    assert rig.run("a", "getent", "hosts", "seven").split() == ["192.0.2.7", "seven"]
    table.write_text("192.0.2.8 eight\n")
    assert rig.run("a", "getent", "hosts", "eight").split() == ["192.0.2.8", "eight"]
    assert Path("/etc/hosts").read_bytes() == outside


def test_a_node_that_is_given_up_goes(rig: Rig) -> None:
    before = rig.held()
    rig.make("a", "b")
    assert rig.held() == before + 6
    rig.keeper.ask("forget", ["a"])
    assert rig.held() == before + 3
    with pytest.raises(HostError, match=r"'true' cannot be started there: No such file"):
        rig.run("a", "true")
    assert rig.run("b", "hostname") == "b\n"


def test_after_a_program_that_cannot_be_started_the_keeper_is_at_home(rig: Rig) -> None:
    rig.make("a")
    fabric = rig.namespaces("")
    for name, command in (("a", "no-such-program"), ("nowhere", "true")):
        with pytest.raises(HostError):
            rig.run(name, command)
    assert rig.namespaces("") == fabric


# -- ends ------------------------------------------------------------------------------------------


def leave_programs(rig: Rig, token: str) -> list[int]:
    """Start programs that do not want to end, one without parent, session and environment; return those there are."""
    rig.make("a")
    for command in (
        "trap '' TERM HUP INT; while :; do sleep 1; done",
        f"(setsid env -i TOKEN={token} sh -c 'trap \"\" TERM; sleep 1000; sleep 1000' &); exit 0",
    ):
        rig.host("a").start(["sh", "-c", command], env={"TOKEN": token})
    rig.run("a", "sh", "-c", f"until grep -qs 'TOKEN={token}' /proc/[0-9]*/environ; do :; done")
    return processes_with(token)


def test_all_programs_end_with_it(rig: Rig, tmp_path: Path) -> None:
    pids = leave_programs(rig, str(tmp_path))
    assert pids
    rig.keeper.close()
    assert wait_until_gone([*pids, rig.keeper.inside, rig.keeper.pid]) == []
    assert wait_until_none_with(str(tmp_path)) == []
    assert rig.deaths.empty()
    with pytest.raises(HostError, match="has ended"):
        rig.make("b")


@pytest.mark.parametrize("victim", ["inside", "pid"])
def test_all_programs_end_when_it_is_killed(rig: Rig, tmp_path: Path, victim: str, expect_log) -> None:
    expect_log("died")
    pids = leave_programs(rig, str(tmp_path))
    os.kill(getattr(rig.keeper, victim), signal.SIGKILL)
    assert rig.deaths.get(timeout=PATIENCE) == (
        f"The keeper (process {rig.keeper.pid}), which owns the emulated network, has died."
    )
    assert wait_until_gone([*pids, rig.keeper.inside, rig.keeper.pid]) == []
    assert wait_until_none_with(str(tmp_path)) == []
    with pytest.raises(HostError):
        rig.run("a", "true")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_that_are_meant_for_the_controller_do_not_end_it(rig: Rig, number: int) -> None:
    for pid in (rig.keeper.pid, rig.keeper.inside):
        os.kill(pid, number)
    assert rig.make("a") == {}
    assert alive(rig.keeper.pid)


_REFUSED = """
import sys
sys.path.insert(0, sys.argv[1])
from nepi_core.errors import HostError
from nepi_core.resources.netns._keeper import NetworkKeeperClient
try:
    NetworkKeeperClient("", False, print).close()
except HostError as error:
    print(error)
"""


@pytest.mark.parametrize("kind", ["user", "net", "pid", "mnt"])
def test_a_kernel_that_allows_no_namespaces(kind: str) -> None:
    setting = f"user.max_{kind}_namespaces"
    none = f'echo 0 >/proc/sys/{setting.replace(".", "/")} || exit 77; exec "$@"'
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "sh", "-c", none, "sh", sys.executable, "-c", _REFUSED, str(ROOT)],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    if done.returncode == 77:
        pytest.skip(f"no limit can be set here: {done.stderr}")
    assert f"{setting} is 0" in done.stdout, done.stderr
    assert "sysctl -w" in done.stdout
