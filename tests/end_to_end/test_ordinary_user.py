"""Emulated networks for who is not root: the real program, as another user in a user namespace when this is root."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Files stay readable, whoever owns them, while the program sees a user that is not root.
_OTHER_USER = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"] if os.geteuid() == 0 else []


@pytest.fixture
def as_other_user() -> list[str]:
    """Return what stands before a command that an ordinary user runs."""
    tried = subprocess.run([*_OTHER_USER, "true"], capture_output=True, text=True)
    if tried.returncode:
        pytest.skip(f"No other user can be tried here: {tried.stderr}")
    return _OTHER_USER


def test_two_hosts_with_capture_and_tcpdump(as_other_user: list[str], tmp_path: Path) -> None:
    script = tmp_path / "tried.py"
    script.write_text(
        """
import os, sys
from nepi_core import ExperimentController, ResourceAction, ResourceState

assert os.geteuid() != 0
with ExperimentController("ordinary", local_dir=sys.argv[1]) as ec:
    h1, h2 = (ec.register_resource("netns::Node", name=name) for name in ("h1", "h2"))
    link = ec.register_resource("netns::Link", connected_to=[h1, h2], delay=2.0, rate=10.0)
    capture = ec.register_resource("netns::Capture", connected_to=link, filter="icmp")
    dump = ec.register_resource("linux::Tcpdump", connected_to=h2, i="eth0", expression="icmp")
    ping = ec.register_resource("linux::Ping", connected_to=h1, target="h2", count=5, interval=0.05)
    ec.register_condition(ping, ResourceAction.START, [capture, dump], ResourceState.STARTED)
    ec.deploy()
    ec.wait_finished(ping, timeout=60)
    for guid in (capture, dump):
        ec.stop(guid)
    told = ec.get_resource(h1).host.run(["sh", "-c", "id -u; ip address add 10.9.9.9/32 dev lo && echo allowed"])
    values = {name: ec.run.last_values.get(key) for name, key in
              {"rtt": (ping, "rtt"), "captured": (capture, "captured"), "dumped": (dump, "captured")}.items()}
print(__import__("json").dumps({**values, "told": told.stdout.split()}))
"""
    )
    command = [*as_other_user, sys.executable, str(script), str(tmp_path / "results")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["rtt"] >= 4
    assert found["captured"] == found["dumped"] == 10
    assert found["told"][0] != "0"
    assert found["told"][1:] == ["allowed"]
