"""Traffic between hosts, and what is measured of it: throughput, rates on the wire, delays, losses, round trips."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from benchmarks.netns_networks import Pair

_PROBE = [sys.executable, "-I", "-S", str(Path(__file__).with_name("netns_probe.py"))]
_TIME = re.compile(r" time=([\d.]+) ms")


class Arrivals(NamedTuple):
    """Datagrams that arrived, and the milliseconds that those took which the program took in."""

    number: int
    delays: list[float]


def throughput(pairs: Sequence[Pair], seconds: float, limit: int = 0) -> list[float]:
    """Return what TCP transfers in all pairs at once, by iperf3: bits a second of payload, without the first second.

    Args:
        limit: bits a second that each client sends at the most; 0 for what it can.
    """
    with ExitStack() as running:
        servers = [_serve(running, each) for each in pairs]
        clients = [_client(running, each, seconds, limit) for each in pairs]
        found = [_received(client) for client in clients]
        for server in servers:
            server.wait()
        return found


def wire_rate(pair: Pair, seconds: float) -> float:
    """Return the bits a second, with all headers, that arrive while TCP sends what it can."""
    with ExitStack() as running:
        server = _serve(running, pair)
        client = _client(running, pair, seconds + 1)
        subprocess.run([*pair.server, "sleep", "1"], check=True)
        measured = _output([*pair.server, *_PROBE, "rate", str(seconds)])
        _received(client)
        server.wait()
        return float(measured)


def _serve(running: ExitStack, pair: Pair) -> subprocess.Popen[str]:
    command = [*pair.server, "iperf3", "--server", "--one-off", "--forceflush"]
    server = running.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    running.callback(server.terminate)  # for when a client fails
    assert server.stdout
    while (told := server.stdout.readline()) and "listening" not in told:
        pass
    return server


def _client(running: ExitStack, pair: Pair, seconds: float, limit: int = 0) -> subprocess.Popen[str]:
    command = [*pair.client, "iperf3", "-c", pair.address, "-t", f"{seconds:g}", "-O", "1", "-b", str(limit), "-J"]
    return running.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))


def _received(client: subprocess.Popen[str]) -> float:
    told = json.loads(client.communicate()[0])
    if "error" in told:
        raise RuntimeError(f"iperf3: {told['error']}")
    return float(told["end"]["sum_received"]["bits_per_second"])


def datagrams(pair: Pair, count: int, rate: float) -> Arrivals:
    """Send datagrams, so many a second."""
    round_trips(pair, 3, 0.1)  # so that the addresses are known
    receiver = subprocess.Popen([*pair.server, *_PROBE, "receive", str(count)], stdout=subprocess.PIPE, text=True)
    assert receiver.stdout
    receiver.stdout.readline()
    subprocess.run([*pair.client, *_PROBE, "send", str(count), str(rate), pair.address], check=True)
    told = json.loads(receiver.communicate()[0])
    return Arrivals(told["arrived"], told["delays"])


def round_trips(pair: Pair, count: int, interval: float) -> list[float]:
    """Return the round-trip times of ping, in milliseconds."""
    command = [*pair.client, "ping", "-n", "-c", str(count), "-i", str(interval), "-W", "5", pair.address]
    return [float(found[1]) for found in _TIME.finditer(_output(command))]


def _output(command: Sequence[str]) -> str:
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
