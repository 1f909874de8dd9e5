"""Start a program, such as a shell, inside a node of a running network, in the terminal of whoever calls this.

Arguments: pid and start of the network keeper, its descriptors of the node's namespaces, and the command.
"""

# pathlib would take as long to import as all the rest.
# ruff: noqa: PTH109, PTH112
from __future__ import annotations

import os
import signal
import sys

from nepi_core.hosts.keeper.process_table import identity

from . import kernel


def main() -> None:
    """Go in, start the command, wait for its end, and end like it."""
    keeper, node, command = sys.argv[1], sys.argv[2], sys.argv[3:]
    pid = keeper.partition(".")[0]
    if identity(int(pid)) != keeper:
        sys.exit("The network is not there any more: its run has ended.")
    folder = os.getcwd()
    _go_in(pid, node.split(","))
    inside = os.fork()  # a process gets into a process namespace by being born there
    if not inside:
        _become(command, folder)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is for the command
    signal.signal(signal.SIGQUIT, signal.SIG_IGN)
    status = os.waitstatus_to_exitcode(os.waitpid(inside, 0)[1])
    sys.exit(status if status >= 0 else 128 - status)


def _go_in(pid: str, descriptors: list[str]) -> None:
    paths = [f"/proc/{pid}/ns/user", f"/proc/{pid}/ns/pid", *(f"/proc/{pid}/fd/{each}" for each in descriptors)]
    try:
        for descriptor in [os.open(path, os.O_RDONLY | os.O_CLOEXEC) for path in paths]:
            kernel.set_namespace(descriptor)
    except OSError as error:
        sys.exit(
            f"The node cannot be entered ({error.strerror}): the network belongs to another user, or it has ended."
        )


def _become(command: list[str], folder: str) -> None:
    os.chdir(folder if os.path.isdir(folder) else "/")
    if os.geteuid() != 0:
        kernel.pass_capabilities_on()
    os.environ["PATH"] = f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin"  # where ip and tc are
    try:
        os.execvp(command[0], command)
    except OSError as error:
        print(f"'{command[0]}' cannot be started: {error.strerror}.", file=sys.stderr)
        os._exit(127)
