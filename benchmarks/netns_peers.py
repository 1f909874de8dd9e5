"""What others take for the same: Mininet, and a forwarder of user-space links written the plain way."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.netns_networks import Down, Fabric
from benchmarks.netns_removal import Removal
from benchmarks.timing import ROOT

_SYSTEM_PYTHON = "/usr/bin/python3"  # for which distributions install Mininet
_MININET = Path(__file__).with_name("netns_mininet.py")
_LOOP = Path(__file__).with_name("netns_plain_loop.py")
_OFFLOADS = (
    "import sys; sys.path.append(sys.argv[1]); from _programs.offloads import switch_offloads_off\n"
    "for each in sys.argv[2:]: switch_offloads_off(each)"
)


def mininet_installed() -> bool:
    """Tell whether Mininet can be imported."""
    try:
        done = subprocess.run([_SYSTEM_PYTHON, "-c", "import mininet"], stderr=subprocess.DEVNULL, check=False)
    except FileNotFoundError:
        return False
    return not done.returncode


def mininet_line(size: int) -> tuple[float, Down]:
    """Return what Mininet takes for a line of hosts behind bridges.

    It wants to be root, and is, in a user namespace of its own: the same for all who are compared.
    """
    enter = ["unshare", "--user", "--map-root-user", "--net", "--mount"]
    with subprocess.Popen(
        [*enter, _SYSTEM_PYTHON, str(_MININET), str(size)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as program:
        assert program.stdout
        up = float(program.stdout.readline())
        removal = Removal(program.pid)
        told, _ = program.communicate("\n")
    returned, begin = map(float, told.split())
    return up, Down(returned, removal.moment() - begin)


class PlainLoop(Fabric):
    """Links of `pairs`, laid like our user-space links, whose frames a plain Python loop carries.

    Args:
        number: of links.
        delay: in milliseconds.
        settings: sysctls of the hosts.
    """

    def __init__(self, number: int, delay: float, settings: dict[str, str]) -> None:
        super().__init__()
        hosts = [
            (f"{side}{each}", f"10.0.{each}.{side_number}/24")
            for each in range(number)
            for side_number, side in enumerate("ab", start=1)
        ]
        self.run("\n".join(f"ip link add {host}in type veth peer name {host}out" for host, _ in hosts))
        off = [sys.executable, "-I", "-S", "-c", _OFFLOADS, str(ROOT / "resources" / "netns")]
        subprocess.run([*self.inside, *off, *(f"{host}out" for host, _ in hosts)], check=True)
        self.run("\n".join(line for host, address in hosts for line in _host_lines(host, address, settings)))
        loop = [sys.executable, "-I", "-S", str(_LOOP), str(delay), *(f"{host}in" for host, _ in hosts)]
        self._loop = subprocess.Popen([*self.inside, *loop])

    def __enter__(self) -> PlainLoop:
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.terminate()
        self._loop.wait()
        self.close()


def _host_lines(host: str, address: str, settings: dict[str, str]) -> Iterator[str]:
    yield f"ip netns add {host}"
    yield f"ip link set {host}in up"
    yield f"ip link set {host}out netns {host}"
    yield f"ip -n {host} address add {address} dev {host}out"
    yield f"ip -n {host} link set {host}out up"
    for key, value in settings.items():
        yield f"ip netns exec {host} sh -c 'echo {value} > /proc/sys/{key.replace('.', '/')}'"
