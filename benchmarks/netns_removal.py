"""When the kernel has removed all network namespaces of a user namespace, which it does long after they are given up.

The kernel counts them, and counts each down as the very last step of its removal. So a program goes into the user
namespace, allows one network namespace there, and tries to make it: it succeeds once no other is left. What tries to
make one in the meantime is refused before it costs anything.
"""

from __future__ import annotations

import ctypes
import errno
import os
import subprocess
import sys
import time
from pathlib import Path

_NEW_NET = 0x40000000
_PAUSE = 0.001  # seconds


class Removal:
    """Waits in the user namespace of a process, from now on: no further network namespaces can be made there.

    Args:
        pid: a process that is in the user namespace.
    """

    def __init__(self, pid: int) -> None:
        command = [sys.executable, "-I", "-S", __file__, str(pid)]
        self._program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._program.stdout
        if not self._program.stdout.readline():
            raise RuntimeError(f"The user namespace of process {pid} cannot be watched.")

    def moment(self) -> float:
        """Wait until the last one is removed, and return when that was, on the monotonic clock."""
        return float(self._program.communicate("\n")[0])


def main() -> None:
    """Go into the user namespace of a process; when told to, wait until it has no network namespaces."""
    library = ctypes.CDLL(None, use_errno=True)
    with Path(f"/proc/{sys.argv[1]}/ns/user").open() as namespace:
        if library.setns(namespace.fileno(), 0):
            sys.exit(os.strerror(ctypes.get_errno()))
    Path("/proc/sys/user/max_net_namespaces").write_text("1")
    print("ready", flush=True)
    sys.stdin.readline()
    while library.unshare(_NEW_NET):
        if ctypes.get_errno() != errno.ENOSPC:
            sys.exit(os.strerror(ctypes.get_errno()))
        time.sleep(_PAUSE)
    print(time.monotonic())


if __name__ == "__main__":
    main()
