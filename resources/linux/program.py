"""The base of resource types that only name a program, its options and its output."""

from __future__ import annotations

import shlex
import threading
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.description import Value
from nepi_core.errors import HostError
from nepi_core.hosts.host import Completed, Host

from .application import Application

# Where Debian keeps some programs that ordinary users may run, too.
_FIND = 'PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"; command -v "$1"'


class Option(Attribute):
    """An attribute that is an option on the command line of a program.

    Args:
        option: what stands before the value, such as ``-c``. A ``{}`` in it is replaced by the value (``-b {}M``,
            ``-{}``). A boolean gives the bare option. "" makes an argument of its own, which comes after all options.
        absent: value that leaves the option out, beside "not set", False and the empty text: what the program does
            without the option.
        declaration: as for `Attribute`; whole numbers may also be written as ``0x10``.
    """

    __slots__ = ("absent", "option")

    def __init__(self, option: str, *, absent: Value | None = None, **declaration: Any) -> None:
        self.option = option
        self.absent = absent
        declaration.setdefault("flags", Flags.Design)
        super().__init__(**declaration)

    def arguments(self, value: Value | None) -> list[str]:
        """Return what a value puts on the command line."""
        if value is None or value is False or value in ("", self.absent):
            return []
        words = self.option.split()
        if value is True:
            return words
        if "{}" in self.option:
            return [word.replace("{}", _text(value)) for word in words]
        return [*words, _text(value)]

    def _convert(self, value: Any) -> Value | None:
        if self.type is Types.Integer and isinstance(value, str) and value.lower().startswith("0x"):
            try:
                return int(value, 16)
            except ValueError:
                return None
        return super()._convert(value)


class Program(Application):
    """Base of the types that run one program; a type says its name, package and options, and reads its output."""

    program: ClassVar[str] = ""
    package: ClassVar[str] = ""
    """Debian's name of the package that holds the program."""
    always: ClassVar[tuple[str, ...]] = ()
    """Options that are always given."""

    command = Attribute(
        help="Not used: the other attributes make the command (NEPI writes it into its files)",
        type=Types.String,
        flags=Flags.NoWrite,
    )

    _path = ""  # of the program on its host

    def arguments(self) -> list[str]:
        """Return what the command line holds after the program's name."""
        options: list[str] = [*self.always]
        alone: list[str] = []
        for attribute in self.get_attributes():
            if isinstance(attribute, Option):
                (options if attribute.option else alone).extend(attribute.arguments(self.get(attribute.name)))
        # Whatever a user gives as a target: it must not be taken for an option.
        return [*options, "--", *alone] if any(each.startswith("-") for each in alone) else [*options, *alone]

    def command_line(self) -> list[str]:
        """Return the program and its arguments."""
        return [self._path or self.program, *self.arguments()]

    def shown_command(self) -> str:
        """Return the command as a reader would type it."""
        return shlex.join([self.program, *self.arguments()])

    def prepare(self) -> None:
        """Bring to the host what the attributes name, and find the program there.

        Raises:
            HostError: the host does not have it.
        """
        super().prepare()
        if self.cancelled:
            return
        found = self.ask("sh", "-c", _FIND, "sh", self.program)
        self._path = found.stdout.strip()
        if found.status or not self._path:
            raise HostError(
                f"Host {self.placed.host.name} does not have the program '{self.program}'. Install it there "
                f"(on Debian: apt-get install {self.package}), or name its package in attribute 'depends'."
            )

    def ask(self, *command: str) -> Completed:
        """Run a short command on the host; an answer is remembered for all applications there.

        Raises:
            HostError: the command cannot be started.
        """
        host, variables = self.placed.host, self.environment()
        known = _known.setdefault(host, _Answers())
        key = (*command, variables.get("PATH", ""))
        with known.lock:
            if key not in known.answers:
                done = host.run(command, env=variables, timeout=_PATIENCE)
                if done.status:
                    return done  # may be another answer next time, such as after an installation
                known.answers[key] = done
            return known.answers[key]


class EarlyProgram(Program):
    """Base of programs that may run before the experiment proper begins, to see how things were without it."""

    earlyStart = Attribute(
        help="Start as soon as it is READY, without waiting for conditions or for other resources",
        default=False,
        flags=Flags.Design,
    )

    _started_early = False

    def do_deploy(self) -> None:
        """Take the application to READY, and start it then if it is to start early."""
        super().do_deploy()
        if self.get("earlyStart") and not self.cancelled:
            self._started_early = True
            self.do_start()

    def start(self) -> None:
        """Start, unless that was done early: then the start that the deployment brings is no second one."""
        if self._started_early:
            self._started_early = False
            return
        super().start()


class _Answers:
    """What one host has answered; ``lock`` has each question asked once."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.answers: dict[tuple[str, ...], Completed] = {}


_known: WeakKeyDictionary[Host, _Answers] = WeakKeyDictionary()

_PATIENCE = 60.0


def _text(value: Value) -> str:
    """Return a value as programs read it: no exponents, and whole numbers without a fraction."""
    return f"{value:.9f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
