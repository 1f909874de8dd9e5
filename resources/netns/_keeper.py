"""The controller's end of the network keeper: starts it, tells why it cannot be, and asks it for nodes."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from nepi_core.errors import HostError
from nepi_core.hosts.keeper.client import KeeperClient, KeeperProgram

_FOLDER = Path(__file__).parent
_ROOT = Path(sys.modules["nepi_core"].__path__[0]).parent
_GRACE = 1.0
_PROGRAM = "import sys; _, root, folder, name = sys.argv[:4]; sys.path += [folder, root]; del sys.argv[1:4]; "
_PROGRAM += "__import__(name, fromlist=['main']).main()"


def program_command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs one of this backend's own programs; see `_programs`."""
    own = [str(_ROOT), str(_FOLDER), f"_programs.{module}"]
    return [sys.executable, "-I", "-S", "-c", _PROGRAM, *own, *arguments]


class NetworkKeeperClient(KeeperClient):
    """A network keeper.

    Args:
        as_root: this user is called root inside, and not as outside.
        died: called with a sentence when it dies although nobody has closed it.

    Attributes:
        inside: pid, outside, of the first process inside.

    Raises:
        HostError: it cannot be started; the message says what forbids it.
    """

    def __init__(self, run_folder: str, as_root: bool, died: Callable[[str], None]) -> None:
        program = KeeperProgram(
            _FOLDER, "_programs.network_keeper", "owns the emulated network", ["root"] if as_root else [], (-1, 0)
        )
        self.inside = 0
        super().__init__(run_folder, _GRACE, program, lambda problem: died(problem) if self.inside else None)
        try:
            number, about = self.greeting(0)
            if number:
                raise HostError(_explain(number, about))
            self.inside = self.greeting(-1)
        except HostError:
            self.close()
            raise

    def wake(self) -> None:
        """Have it go on, should somebody have stopped it: a stopped keeper hears nothing, not even its end."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self.inside and not self.over:
                os.kill(self.inside, signal.SIGCONT)

    def close(self) -> None:
        """End everything that is inside, and the keeper; return when that is done."""
        self.wake()
        super().close()

    def make_nodes(
        self, nodes: Iterable[tuple[str, Sequence[tuple[str, str]]]]
    ) -> tuple[Mapping[str, Sequence[int]], Mapping[str, str]]:
        """Make nodes, given by name and sysctl settings.

        Returns:
            The keeper's descriptors of each node's network, mount and UTS namespace, and why others were not made.
        """
        made, problems = self.ask("nodes", [(name, list(settings)) for name, settings in nodes])
        return made, {name: _explain(number, about) for name, (number, about) in problems.items()}

    def use_hosts_table(self, path: Path) -> None:
        """Have all nodes made from now on see a file as their /etc/hosts."""
        self.ask("hosts", str(path))


def _explain(number: int, about: str) -> str:
    """Return in a sentence why the kernel refused something; ``about`` is a file, or what was asked of it."""
    error = OSError(number, os.strerror(number), about)
    if number in (errno.EMFILE, errno.ENFILE):
        return f"{error.strerror}: each node takes three descriptors; 'ulimit -n' says how many there may be."
    if about.startswith("/proc/sys/") and number in (errno.EINVAL, 0):
        return f"the setting {about.removeprefix('/proc/sys/').replace('/', '.')} does not take this value."
    if about.startswith("/proc/sys/"):
        return f"{error.strerror}: there is no such setting as {about.removeprefix('/proc/sys/').replace('/', '.')}."
    from ._rights import explain_refusal

    return explain_refusal(error)
