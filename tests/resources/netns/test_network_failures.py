"""What goes wrong with emulated networks: each failure is told with its cause, and nothing hangs."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from nepi_core.resources.netns import _batches

from nepi_core.errors import HostError
from nepi_core.states import ResourceState
from tests.nepi_gui.experiments import ROOT
from tests.resources.conftest import PATIENCE

from .built_network import BuiltNetwork, ExpectLog


def loop_of_switches(network: BuiltNetwork, critical: bool) -> None:
    for name in ("s1", "s2", "s3"):
        network.switch(name, critical=critical)
    for ends in (("s1", "s2"), ("s2", "s3"), ("s3", "s1"), ("h1", "s1"), ("h2", "s1")):
        network.link(*ends, critical=critical)


def test_a_loop_of_switches_takes_the_last_link_out(pair: BuiltNetwork, expect_log: ExpectLog) -> None:
    expect_log("it closes a loop of switches")
    loop_of_switches(pair, critical=False)
    pair.ec.deploy()
    shared = [pair.ec.get_resource(pair.guids[name]).connections for name in ("s3", "s1")]
    (link,) = shared[0] & shared[1]
    causes = pair.await_failures([link])
    assert causes[link].startswith("Between s1 and s3 it closes a loop of switches")
    assert "Set attribute 'stp' of one of the switches" in causes[link]
    pair.ec.wait_started([pair.guids[name] for name in ("h1", "h2", "s1", "s2", "s3")], timeout=PATIENCE)
    assert pair.reaches("h1", "h2")


def test_a_loop_of_critical_switches_ends_the_experiment(pair: BuiltNetwork, expect_log: ExpectLog) -> None:
    expect_log("it closes a loop of switches")
    loop_of_switches(pair, critical=True)
    pair.ec.deploy()
    pair.ec.wait_finished([pair.guids["h1"]], timeout=PATIENCE)  # returns, since it aborts
    assert pair.ec.abort


def test_a_program_in_a_node_dies(pair: BuiltNetwork, expect_log: ExpectLog) -> None:
    expect_log("signal 9")
    pair.link("h1", "h2")
    program = pair.application("h1", "kill -9 $$", critical=False)
    pair.ec.deploy()
    assert list(pair.await_failures([program])) == [program]
    assert pair.reaches("h1", "h2")


def test_a_setting_that_the_kernel_does_not_have(network: BuiltNetwork, expect_log: ExpectLog) -> None:
    expect_log("there is no such setting")
    wrong = network.node("h1", sysctl="net.ipv4.tcp_ecm=1", critical=False)
    network.node("h2")
    network.node("h3")
    network.link("h2", "h3")
    network.ec.deploy()
    assert "there is no such setting as net.ipv4.tcp_ecm" in network.await_failures([wrong])[wrong]
    network.ec.wait_started([network.guids["h2"], network.guids["h3"]], timeout=PATIENCE)
    assert network.reaches("h2", "h3")


def test_the_keeper_is_killed(network: BuiltNetwork, expect_log: ExpectLog) -> None:
    for said in ("has died", "keeper died", "is ended"):
        expect_log(said)
    for name in ("h1", "h2"):
        network.node(name, critical=False)
    network.switch("s1", critical=False)
    network.link("h1", "s1", critical=False)
    network.link("h2", "s1", critical=False, emulation="userspace")
    program = network.application("h1", "sleep 1000", critical=False)
    network.deploy()
    os.kill(inner_keeper(network), signal.SIGKILL)
    causes = network.await_failures(network.ec.resources)
    assert causes.pop(program)
    assert all("has died" in cause for cause in causes.values()), causes
    with pytest.raises(HostError, match="ended"):
        network.run("h1", "true")


def test_the_keeper_is_killed_while_it_builds(network: BuiltNetwork, expect_log: ExpectLog) -> None:
    expect_log("died")
    names = [f"n{number}" for number in range(30)]
    guids = [network.node(name, critical=False) for name in names]
    links = [network.link(*pair, critical=False) for pair in itertools.pairwise(names)]
    network.ec.deploy()
    network.ec.wait(guids[:1], ResourceState.READY, timeout=PATIENCE)
    os.kill(inner_keeper(network, names[0]), signal.SIGKILL)
    causes = network.await_failures([*guids, *links])
    assert all("died" in causes[guid] or "ended" in causes[guid] for guid in guids)


def inner_keeper(network: BuiltNetwork, name: str = "h1") -> int:
    return int(network.resource(name).network.entrance(network.guids[name])[0].partition(".")[0])


def test_a_forwarder_is_killed(network: BuiltNetwork, expect_log: ExpectLog) -> None:
    expect_log("The forwarder of the network has died")
    for name in ("h1", "r", "h2"):
        network.node(name)
    carried = network.link("h1", "r", emulation="userspace", critical=False)
    plain = network.link("r", "h2")
    network.deploy()
    os.kill(forwarder(network), signal.SIGKILL)
    assert network.await_failures([carried])[carried].startswith("The forwarder of the network has died")
    assert network.ec.state(plain) is ResourceState.STARTED
    assert network.reaches("r", "h2")


def forwarder(network: BuiltNetwork) -> int:
    """Return the pid of the forwarder."""
    children = Path(f"/proc/{inner_keeper(network)}/task/{inner_keeper(network)}/children").read_text().split()
    (found,) = [int(pid) for pid in children if b"forwarder" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return found


def test_iproute2_is_missing(
    pair: BuiltNetwork, expect_log: ExpectLog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    expect_log("iproute2")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(_batches, "SYSTEM_FOLDERS", str(tmp_path))
    link = pair.link("h1", "h2")
    pair.ec.deploy()
    told = pair.await_failures([link])[link]
    assert told == "The program 'ip' of iproute2 cannot be started: No such file or directory."


_OUT_OF_NAMESPACES = """
import json, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from tests.resources.netns.built_network import BuiltNetwork
made = BuiltNetwork(Path(sys.argv[2]))
guids = [made.node(f"h{number}", critical=False) for number in range(4)]
made.link("h0", "h1", critical=False)
guids.append(made.link("h2", "h3", critical=False))
made.ec.deploy()
made.ec.wait_finished(guids[2:], timeout=60)
print(json.dumps([made.failures(), made.reaches("h0", "h1")]))
made.ec.shutdown()
"""


def test_the_kernel_allows_no_more_namespaces(tmp_path: Path) -> None:
    few = 'echo 3 >/proc/sys/user/max_net_namespaces || exit 77; exec "$@"'
    entered = ["unshare", "--user", "--map-root-user", "sh", "-c", few, "sh"]
    done = subprocess.run(
        [*entered, sys.executable, "-c", _OUT_OF_NAMESPACES, str(ROOT), str(tmp_path)],
        capture_output=True, text=True, timeout=2 * PATIENCE, check=False,
    )  # fmt: skip
    if done.returncode == 77:
        pytest.skip(f"no limit can be set here: {done.stderr}")
    assert done.stdout, done.stderr
    failures, works = json.loads(done.stdout)
    assert works
    assert set(failures) == {"3", "4", "6"}
    assert failures["3"].startswith(
        "The node cannot be made: There are as many namespaces already as the kernel allows"
    )
    assert "user.max_net_namespaces is 3" in failures["4"]
    assert failures["6"].startswith("Its end netns::Node 3")


def test_a_kernel_without_netem_is_told(pair: BuiltNetwork, expect_log: ExpectLog) -> None:
    link = pair.link("h1", "h2", delay=1.0, emulation="kernel", critical=False)
    pair.ec.deploy()
    pair.ec.wait_started([*pair.guids.values(), link], timeout=PATIENCE)
    if pair.resource("h1").network.construction.links.kernel_impairs():
        pytest.skip("this kernel has netem")
    expect_log("no netem")
    assert "'auto' and 'userspace' do without it" in pair.await_failures([link])[link]
