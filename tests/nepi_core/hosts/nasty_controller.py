"""A controller to be killed: starts programs that resist being ended, and says so on its standard output.

Arguments: run folder, grace in seconds, "wait" or "go on" (start without end), and "forking" or "not forking": what
forks for ever leaves thousands of zombies to a slow init when its keeper is killed.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from nepi_core.hosts.local_host import LocalHost

SHELL = {
    "plain": "exec sleep 1000",
    "stubborn": "trap '' TERM HUP INT; while :; do sleep 1; done",
    "grandchildren": "(sleep 1000; sleep 1000) & (trap '' TERM; sleep 1000; sleep 1000) & wait",
    "left the session": "setsid sh -c 'trap \"\" TERM; sleep 1000; sleep 1000' & exit 0",
    "double fork": "(setsid sh -c 'setsid sleep 1000 & exit' &); exit 0",
    "cleared environment": "setsid env -i sh -c 'sleep 1000; :' \"$0 without marks\" & exit 0",
    "stopped": "kill -STOP $$; sleep 1000",
}
PYTHON = {
    "forks and ends for ever": (
        "import os, time\nfor _ in range(100000):\n  if os.fork(): os._exit(0)\n  os.setsid(); time.sleep(0.001)\n"
    ),
    "forks in a loop": (
        "import os, time\nfor _ in range(40):\n  if not os.fork(): time.sleep(1000)\n  time.sleep(0.01)\n"
    ),
}


def main(run_folder: str, grace: str, then: str, kind: str) -> None:
    host = LocalHost(run_folder=Path(run_folder), grace=float(grace))
    rounds = itertools.count() if then == "go on" else range(1)
    for _ in rounds:
        for text in SHELL.values():
            host.start(["sh", "-c", text, run_folder])
        for text in PYTHON.values() if kind == "forking" else ():
            host.start([sys.executable, "-I", "-S", "-c", text])
        print("started", flush=True)
        if then == "go on":
            host.run(["sleep", "0.05"])
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
