"""Emulated networks: how fast they come and go, and how exact and fast their links are."""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from scipy.stats import binom

from benchmarks.netns_networks import ByHand, Down, Emulated, Network, line, pair, pairs, random_network
from benchmarks.netns_peers import PlainLoop, mininet_installed, mininet_line
from benchmarks.netns_traffic import datagrams, round_trips, throughput, wire_rate
from benchmarks.table import Table, seconds
from benchmarks.timing import median

COLUMNS = ("work", "reach", "here", "beside it")

# Room for what is under way on a fast link with a long delay; the kernel's own limit would be measured otherwise.
_BUFFERS = {"net.ipv4.tcp_rmem": "4096 131072 33554432", "net.ipv4.tcp_wmem": "4096 131072 33554432"}
_SYSCTL = " ".join(f"'{key}={value}'" for key, value in _BUFFERS.items())
_DELAY = 20.0  # ms
_SETTLING = 5.0  # seconds in which the kernel gives back the memory of a large network that has ended
_REACH = 500_000_000  # bits a second, of two user-space links


def run(quick: bool) -> Table:
    """Measure everything and return the table."""
    table = Table(COLUMNS)
    times = 1 if quick else 5
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NEPI_LOCAL_DIR"] = folder
        for part in (large, lines, plain_links, rate_limits, delays, forwarding, losses):
            part(table, times, quick)
    return table


# -- up and down ------------------------------------------------------------------------------------


def lines(table: Table, times: int, quick: bool) -> None:
    """Measure lines of switches with a host at each."""
    reach = {10: ("", ""), 50: ("0.3 s", "0.9 s"), 100: ("0.8 s", "1.9 s")}
    _up_and_down(Emulated, 10)  # what is only done once in a process
    for size, (goal_up, goal_down) in reach.items():
        if quick and size == 100:
            continue
        runs = [(_up_and_down(Emulated, size), _up_and_down(ByHand, size)) for _ in range(times)]
        ours, floor = (_medians(each) for each in zip(*runs, strict=True))
        ups, downs = [f"ip -batch {seconds(floor[0])}"], [f"ip -batch {_down(floor[1])}"]
        if size <= 50:
            up, down = _mininet(size, times)
            ups.append(up)
            downs.append(down)
        work = f"line of {size} hosts behind {size} switches"
        table.add(f"{work}: up", goal_up, seconds(ours[0]), "; ".join(ups))
        table.add(f"{work}: down", goal_down, _down(ours[1]), "; ".join(downs))


Taken = tuple[float, Down]


def _up_and_down(kind: type[Emulated] | type[ByHand], size: int) -> Taken:
    with kind(line(size)) as network:
        return network.up, network.down()


def _medians(runs: Iterable[Taken]) -> Taken:
    ups, downs = zip(*runs, strict=True)
    return statistics.median(ups), Down(*map(statistics.median, zip(*downs, strict=True)))


def _mininet(size: int, times: int) -> tuple[str, str]:
    if not mininet_installed():
        return "Mininet not installed", "Mininet not installed"
    up, down = _medians(mininet_line(size) for _ in range(min(times, 3)))
    return f"Mininet {seconds(up)}", f"Mininet {_down(down)}"


def _down(down: Down) -> str:
    return f"{seconds(down.returned)}, kernel done {seconds(down.removed)}"


def large(table: Table, times: int, quick: bool) -> None:
    """Measure a large random network."""
    if quick:
        return
    wiring = random_network(1000, 1500)
    memory, programs = _memory(), _proportional(os.getpid())
    with Emulated(wiring) as network:
        programs = _proportional(os.getpid()) - programs
        taken = _memory() - memory
        up, down = network.up, network.down()
    time.sleep(_SETTLING)
    memory = _memory()
    with ByHand(wiring) as network_by_hand:
        floor_taken = _memory() - memory
        floor_up, floor_down = network_by_hand.up, network_by_hand.down()
    work, nodes = "1,000 nodes, 1,500 links", len(wiring.hosts)
    table.add(f"{work}: up", "20 s", seconds(up), f"ip -batch, without routes {seconds(floor_up)}")
    table.add(
        f"{work}: memory a node",
        "2 MB",
        f"kernel {taken / nodes:.0f} kB, our programs {programs / nodes:.0f} kB",
        f"ip -batch, without routes: kernel {floor_taken / nodes:.0f} kB",
    )
    table.add(f"{work}: down", "10 s", _down(down), f"ip -batch {_down(floor_down)}")


def _memory() -> int:
    """Return what the kernel has for itself and cannot give back, in kB: programs of others do not change it."""
    return sum(_kilobytes("/proc/meminfo", f"{name}:") for name in ("SUnreclaim", "Percpu", "VmallocUsed"))


def _proportional(pid: int) -> int:
    """Return what a process and its descendants have in memory, shared pages by their shares, in kB."""
    children = [int(each) for path in Path(f"/proc/{pid}/task").glob("*/children") for each in path.read_text().split()]
    return _kilobytes(f"/proc/{pid}/smaps_rollup", "Pss:") + sum(map(_proportional, children))


def _kilobytes(path: str, name: str) -> int:
    return next(int(text.split()[1]) for text in Path(path).read_text().splitlines() if text.startswith(name))


# -- plain links and rates --------------------------------------------------------------------------


def plain_links(table: Table, times: int, quick: bool) -> None:
    """Measure what a plain link carries, and in turn what a bare pair of veths does."""
    work = "plain link, TCP by iperf3"
    if _lacks(table, work, "iperf3"):
        return
    with Emulated(pairs(1)) as ours, ByHand(pairs(1)) as bare:
        runs = [_compared(ours, bare, number % 2 == 0) for number in range(times + 3)]
    here, floor = map(statistics.median, zip(*runs, strict=True))
    low, ratio, high = statistics.quantiles((first / second for first, second in runs), n=4)
    told = f"{here / 1e9:.1f} Gbit/s; {ratio:.2f} of the floor (quartiles {low:.2f}, {high:.2f})"
    table.add(work, "0.95 of the floor", told, f"bare veth pair {floor / 1e9:.1f} Gbit/s")


def _compared(ours: Network, bare: Network, ours_first: bool) -> tuple[float, float]:
    """Return the bits a second of both; who comes first may be at an advantage."""
    found = {each: throughput([pair(each, 0)], 1.5)[0] for each in ((ours, bare) if ours_first else (bare, ours))}
    return found[ours], found[bare]


def rate_limits(table: Table, times: int, quick: bool) -> None:
    """Measure bits on the wire, with all headers, of links with a limit."""
    for limit in (10, 100):
        work = f"rate limit {limit} Mbit/s: bits on the wire under TCP"
        if _lacks(table, work, "iperf3"):
            continue
        with Emulated(pairs(1), rate=float(limit)) as network:
            measured = median(partial(wire_rate, pair(network, 0), 3), min(times, 3)) / 1e6
        table.add(work, "within 3 %", f"{measured:.2f} Mbit/s; {measured / limit - 1:+.2%}", "")


# -- links in user space ----------------------------------------------------------------------------


def delays(table: Table, times: int, quick: bool) -> None:
    """Measure the time that datagrams take one way, and in turn the same over a plain link."""
    delayed, plain = [], []
    with (
        Emulated(pairs(1), emulation="userspace", delay=_DELAY) as network,
        Emulated(pairs(1)) as other,
    ):
        for _ in range(min(times, 3)):
            delayed.append(_mean_and_late(datagrams(pair(network, 0), 4000, 1000).delays))
            plain.append(_mean_and_late(datagrams(pair(other, 0), 4000, 1000).delays))
    mean, late = (statistics.median(each) - _DELAY for each in zip(*delayed, strict=True))
    floor_mean, floor_late = map(statistics.median, zip(*plain, strict=True))
    table.add(
        "user-space delay of 20 ms, 1,000 datagrams a second, one way",
        "mean within 0.3 ms; 99th percentile within 2 ms",
        f"mean {mean:+.3f} ms; 99th percentile {late:+.3f} ms",
        f"plain link: mean {floor_mean:.3f} ms; 99th percentile {floor_late:.3f} ms",
    )


def _mean_and_late(found: Sequence[float]) -> tuple[float, float]:
    return statistics.fmean(found), _late(found)


def forwarding(table: Table, times: int, quick: bool) -> None:
    """Measure what one and two user-space links carry, beside a plain Python loop, and what a third one feels."""
    work = "user-space links of 20 ms, 1,500-byte frames, TCP by iperf3"
    if _lacks(table, work, "iperf3"):
        return
    with (
        Emulated(pairs(3), _SYSCTL, emulation="userspace", delay=_DELAY) as network,
        PlainLoop(2, _DELAY, _BUFFERS) as loop,
    ):
        for number, reach in ((1, ""), (2, "500 Mbit/s")):
            runs = [[_loaded(each, number) for each in (network, loop)] for _ in range(min(times, 3))]
            here, peer = map(_middle, zip(*runs, strict=True))
            table.add(f"{work}: {number} at once", reach, here, f"plain Python loop {peer}")
        idle, moderate, most = (_third_link(network, load) for load in (None, _REACH // 2, 0))
    table.add(
        "ping over a third such link while two carry 500 Mbit/s together",
        "unharmed",
        _round_trips(moderate),
        f"while they carry nothing {_round_trips(idle)}; all they can {_round_trips(most)}",
    )


def _loaded(network: Network, number: int) -> list[float]:
    """Return the Mbit/s of some links that are loaded at the same time."""
    return [each / 1e6 for each in throughput([pair(network, each) for each in range(number)], 5)]


def _middle(runs: Iterable[list[float]]) -> str:
    """Return the run with the median sum, in words."""
    chosen = sorted(runs, key=sum)
    shares = chosen[len(chosen) // 2]
    parts = f" ({' + '.join(f'{each:.0f}' for each in shares)})" if len(shares) > 1 else ""
    return f"{sum(shares):.0f} Mbit/s{parts}"


def _third_link(network: Network, load: int | None) -> list[float]:
    """Return round trips of a third link while two others have a load each: None, bits a second, or 0 for all."""
    probe = partial(round_trips, pair(network, 2), 400, 0.01)
    if load is None:
        return probe()
    with ThreadPoolExecutor(1) as pool:
        loaded = pool.submit(throughput, [pair(network, each) for each in range(2)], 7, load)
        round_trips(pair(network, 2), 2, 1.5)  # until the load is there
        found = probe()
        loaded.result()
    return found


def _round_trips(found: Sequence[float]) -> str:
    return f"{statistics.median(found):.2f} ms, 99th percentile {_late(found):.2f} ms"


def losses(table: Table, times: int, quick: bool) -> None:
    """Count what arrives over a link that loses one in a hundred."""
    number = 100_000
    with Emulated(pairs(1), emulation="userspace", loss=1.0) as network:
        lost = number - datagrams(pair(network, 0), number, 20_000).number
    low, high = binom.interval(0.99, number, 0.01)
    reach = f"inside the 99 % confidence interval, {low:.0f} to {high:.0f}"
    table.add("user-space loss of 1 %: lost of 100,000 datagrams", reach, f"{lost:,}", "")


def _late(found: Sequence[float]) -> float:
    """Return the 99th percentile."""
    return statistics.quantiles(found, n=100)[98]


def _lacks(table: Table, work: str, program: str) -> bool:
    """Tell whether a program is missing, and say so in the table."""
    if shutil.which(program):
        return False
    table.add(work, "", f"needs the program {program}", "")
    return True
