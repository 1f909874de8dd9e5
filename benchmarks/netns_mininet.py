"""A program for the Python that Mininet is installed for: makes a line of hosts behind switches, and ends it when told.

It prints the seconds that the way up took, waits for a line, and prints those of the way down.
"""

from __future__ import annotations

import sys
import time

from mininet.net import Mininet  # type: ignore[import-not-found]  # for another Python
from mininet.nodelib import LinuxBridge  # type: ignore[import-not-found]  # for another Python
from mininet.topo import LinearTopo  # type: ignore[import-not-found]  # for another Python


def main(size: int) -> None:
    """Make the line and end it."""
    begin = time.monotonic()
    network = Mininet(topo=LinearTopo(k=size), switch=LinuxBridge, controller=None)
    network.start()
    print(time.monotonic() - begin, flush=True)
    sys.stdin.readline()
    begin = time.monotonic()
    network.stop()
    print(time.monotonic() - begin, begin, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
