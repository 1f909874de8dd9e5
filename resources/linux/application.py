"""Any program that runs on a host."""

from __future__ import annotations

import shlex
import signal
import string
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.errors import AttributeValueError, CommandError, HostError
from nepi_core.host_resource import HostResource
from nepi_core.hosts.host import Process
from nepi_core.line_watch import LineWatch
from nepi_core.resource import ResourceManager
from nepi_core.resource_type import Drawn
from nepi_core.series import CsvParser, RegexParser
from nepi_core.states import ResourceState
from nepi_core.trace import Trace
from nepi_core.trace_file import last_output

from . import preparation

_LONGEST_STEP = 3600.0  # downloads, builds and installations may take long, but not for ever
_RELEASE_SECONDS = 10.0  # beyond the grace: what the host needs to end a program for good
# Ended for a file that grew too large: itself, or as the shell tells it of a program.
_TOO_LARGE = (-signal.SIGXFSZ, 128 + signal.SIGXFSZ)

# What only somebody may say whom one trusts: it is run, or read, with all rights of who runs the experiment.
_trusted = partial(Attribute, flags=Flags.Design, trusted=True)


class Application(ResourceManager, rtype="linux::Application", drawn=Drawn.BADGE, icon="application"):
    """Run a shell command on a host."""

    command = _trusted(help="Shell command to run; without one the application only installs what it is told to")
    env = _trusted(help="Environment variables, as NAME=value with blanks between them")
    stdin = _trusted(help="Text for the program's standard input, or the path of a file with it")
    sudo = _trusted(help="Run as root", default=False)
    workingDirectory = _trusted(help="Folder on the host to run in; empty for the application's own")
    timeout = Attribute(
        help="Time after which the program is ended and counts as failed; 0 for no limit",
        default=0.0,
        range=(0, 1e9),
        unit="s",
        flags=Flags.Design,
    )
    grace = Attribute(
        help="Time that the program has to end after it was asked to (SIGTERM), before it is ended (SIGKILL)",
        default=5.0,
        range=(0, 3600),
        unit="s",
    )
    daemon = Attribute(
        help="The program goes on until it is stopped, so that the run does not wait for its end",
        default=False,
        flags=Flags.Design,
    )
    startedWhen = Attribute(
        help="Regular expression: STARTED only when a line of the output matches; empty for at once",
        type=Types.String,
        flags=Flags.Design,
    )
    outputLimit = Attribute(
        help="Size that a file written by the program may reach; 0 for no limit",
        default=1000.0,
        range=(0, 1e9),
        unit="MB",
        flags=Flags.Design,
    )
    seriesPattern = Attribute(
        help="Regular expression whose named groups are numbers to read from each line of standard output",
        type=Types.String,
        flags=Flags.Design,
    )
    seriesCsv = Attribute(help="Read numbers from standard output, which is CSV", default=False, flags=Flags.Design)
    splitStderr = Attribute(help="Keep standard error apart from standard output", default=True, flags=Flags.Design)
    forwardX11 = Attribute(
        help="For hosts reached by SSH: show the program's windows here", default=False, flags=Flags.Design
    )
    depends = _trusted(help="Packages that the host needs, with blanks or ; between them")
    sources = _trusted(help="Files, folders or http(s) addresses to put into ${SRC}, with blanks or ; between them")
    files = _trusted(help="The same, for ${SHARE}")
    libs = _trusted(help="The same, for ${LIB}")
    bins = _trusted(help="The same, for ${BIN}; they become executable")
    code = _trusted(help="Text, or the path of a file with it, to put into the file ${CODE}")
    build = _trusted(help="Shell command that builds what was put on the host")
    install = _trusted(help="Shell command that installs what was built")
    tearDown = _trusted(help="Shell command that is run when the application is released")

    stdout = Trace(help="What the program wrote to standard output", enabled=True)
    stderr = Trace(help="What the program wrote to standard error", enabled=True)

    started_trace: ClassVar[str] = "stdout"
    """Trace whose lines are compared with ``startedWhen``."""
    stop_signal: ClassVar[int] = signal.SIGTERM
    """Signal that asks the program to end."""

    _process: Process | None = None  # the program, or a step of the preparation
    _step: str = ""  # that step, as a reader would type it
    _ending: str = ""  # why the program was asked to end: "stop", "release", or a sentence for a failure

    # -- where it runs ------------------------------------------------------------------------------

    @property
    def node(self) -> HostResource | None:
        """The resource that the application runs on."""
        connected = map(self.ec.get_resource, self.connections)
        return next((each for each in connected if isinstance(each, HostResource)), None)

    @property
    def placed(self) -> HostResource:
        """The resource that the application runs on.

        Raises:
            HostError: it is connected to none.
        """
        if self.node is None:
            raise HostError(f"{self.name} {self.deployment_refusal()}")
        return self.node

    def deploys_after(self) -> Sequence[int]:
        """Return the host, which must be READY first."""
        return () if self.node is None else (self.node.guid,)

    def connection_refusal(self, guid: int) -> str:
        """Refuse a second host."""
        other, node = self.ec.get_resource(guid), self.node
        if isinstance(other, HostResource) and node is not None and node is not other:
            return f"{self.name} cannot be connected to {other.name}: it runs on one host, and {node.name} is that."
        return ""

    def deployment_refusal(self) -> str:
        """Say so when something is missing or cannot be understood."""
        if self.node is None:
            return "is connected to no host; connect it to one, such as a linux::Node."
        if self.get("startedWhen") and not self.trace_enabled(self._watched_trace):
            return f"attribute 'startedWhen' needs the trace '{self._watched_trace}', which is switched off."
        try:
            self.environment()
        except ValueError as error:
            return f"attribute 'env' is no list of NAME=value: {error}."
        try:
            for trace in self._output_traces():
                self.trace_parser(trace)
        except AttributeValueError as error:
            return str(error)
        return ""

    def ends_by_itself(self) -> bool:
        """Tell whether the program ends without being told."""
        return not self.get("daemon")

    def activity(self) -> str:
        """Return the command while it runs."""
        running = self._process is not None and self._process.status is None
        return (self._step or self.shown_command()) if running else ""

    # -- what it runs -------------------------------------------------------------------------------

    def command_line(self) -> list[str]:
        """Return the program and its arguments; empty when there is nothing to run."""
        return ["sh", "-c", self.get("command")] if self.get("command") else []

    def shown_command(self) -> str:
        """Return the command as a reader would type it."""
        return str(self.get("command") or "")

    def environment(self) -> dict[str, str]:
        """Return the environment variables that were given.

        Raises:
            ValueError: they are no NAME=value.
        """
        variables = {}
        for word in shlex.split(self.get("env") or ""):
            name, equals, value = word.partition("=")
            if not equals or not name.isidentifier():
                raise ValueError(f"{word!r} has no name and '='")
            variables[name] = value
        return variables

    def shell_variables(self) -> dict[str, str]:
        """Return the environment of the application's commands: NEPI's folders by name, and what the user gave."""
        folders = {name: folder for name, folder in self.placed.placeholders(self).items() if name != "HOME"}
        return folders | self.environment()

    def expand(self, text: str) -> str:
        """Return a text with the folders that ``${RUN_HOME}`` and its like stand for."""
        return string.Template(text).safe_substitute(self.placed.placeholders(self))

    @property
    def run_home(self) -> str:
        """Folder on the host that the program runs in."""
        return self.expand(self.get("workingDirectory") or str(self.placed.run_folder(self)))

    def time_limit(self) -> float:
        """Return the seconds after which the program is ended; 0 for no limit."""
        return float(self.get("timeout"))

    def trace_parser(self, name: str) -> Any:
        """Return what reads numbers from a trace: what the attributes say, or else the type."""
        parser = super().trace_parser(name)
        if name == "stdout":
            if pattern := self.get("seriesPattern"):
                parser = RegexParser(pattern)
            elif self.get("seriesCsv"):
                parser = CsvParser
        if self.get("startedWhen") and name == self._watched_trace:
            return LineWatch(self.get("startedWhen"), self._seen_started, parser)
        return parser

    @property
    def _watched_trace(self) -> str:
        return self.started_trace if self.get("splitStderr") else "stdout"

    # -- life ---------------------------------------------------------------------------------------

    def do_provision(self) -> None:
        """Bring to the host what the program needs."""
        self.placed.host.make_folder(self.run_home)
        self.prepare()
        if not self.cancelled:
            super().do_provision()

    def prepare(self) -> None:
        """Bring to the host what the attributes name; gives up early when the application is being released."""
        preparation.prepare(self)

    def run_step(
        self, what: str, command: Sequence[str], *, sudo: bool = False, env: Mapping[str, str] | None = None
    ) -> None:
        """Run a command of the preparation to its end, in the application's folder; a release ends it early.

        What it prints is kept in the run's folder, in ``preparation/<guid>.<what>.txt``.

        Raises:
            CommandError: it failed, and not because of a release.
            WaitTimeoutError: it took longer than an hour.
        """
        host, log = self.placed.host, Path(self.ec.run_dir, "preparation", f"{self.guid}.{what}.txt")
        log.parent.mkdir(exist_ok=True)
        environment = self.shell_variables() | dict(env or {})
        self._step = f"{what}: {shlex.join(command)}"
        process = host.start(command, stdout=log, stderr=log, env=environment, cwd=self.run_home, sudo=sudo)
        self._process = process
        if self.cancelled:
            self.do_cancel()  # the release came before there was anything to cancel
        status = process.wait(_LONGEST_STEP)
        self._process, step, self._step = None, self._step, ""
        if status and not self.cancelled:
            raise CommandError(host.name, step, status, last_output(log))

    def do_deploy(self) -> None:
        """Take the application to READY."""
        self.do_discover()
        self.do_provision()
        if not self.cancelled:
            super().do_deploy()

    def do_start(self) -> None:
        """Start the program; without one there is nothing to wait for."""
        command = self.command_line()
        if not command:
            super().do_start()
            self.set_stopped()
            return
        self._ending = ""
        self._process = self._launch(command)
        for trace in self._output_traces():
            self.ec.run.follow(self, trace)
        if not self.get("startedWhen"):
            super().do_start()
        self._process.on_exit(partial(self._has_exited, self._process))
        if self.time_limit():
            self.ec.schedule(self.time_limit(), partial(self._expire, self._process))

    def _launch(self, command: Sequence[str]) -> Process:
        stdout, stderr = (self._output_path(name) for name in ("stdout", "stderr"))
        return self.placed.host.start(
            command,
            stdin=preparation.stdin_file(self),
            stdout=stdout,
            stderr=stderr if self.get("splitStderr") else stdout,
            env=self.shell_variables(),
            cwd=self.run_home,
            sudo=self.get("sudo"),
            output_limit=int(self.get("outputLimit") * 1_000_000),
        )

    def _output_traces(self) -> list[str]:
        return [trace.name for trace in self.get_traces() if self.trace_enabled(trace.name)]

    def _finish_traces(self) -> None:
        for trace in self._output_traces():
            self.ec.run.finish(self, trace)

    def _output_path(self, name: str) -> Path | None:
        return self.trace_path(name) if self.trace_enabled(name) else None

    def _seen_started(self) -> None:
        """Become STARTED, since the awaited line has come; called by the thread that reads traces."""

        def become_started() -> None:
            if self.state is ResourceState.READY:
                self.set_started()

        self.ec.workers.submit(partial(self.life.run_or_queue, become_started))

    def _has_exited(self, process: Process, status: int) -> None:
        self.ec.workers.submit(partial(self.life.run_or_queue, partial(self._settle, process, status)))

    def _settle(self, process: Process, status: int) -> None:
        """Become what the end of the program means."""
        self._finish_traces()
        if process is not self._process or self.state >= ResourceState.STOPPED or self.cancelled:
            return
        self._ending = "The host's keeper died, so it was ended." if process.lost else self._ending
        if self._ending != "stop" and (self._ending or not self.is_success(status)):
            told = [self._ending or self.failure_reason(status), self._last_output()]
            error = CommandError(self.placed.host.name, self.shown_command(), status, "\n".join(filter(None, told)))
            self.fail(str(error), error)
            return
        if self.state is ResourceState.READY:
            self.set_started()
        self.set_stopped()

    def is_success(self, status: int) -> bool:
        """Tell whether an exit status means that the program has done its work."""
        return status == 0

    def failure_reason(self, status: int) -> str:
        """Return in a sentence what an exit status means that is no success; "" leaves it to the output."""
        return f"It wrote more than {self.get('outputLimit'):g} MB to a file." if status in _TOO_LARGE else ""

    def tail(self, trace: str) -> str:
        """Return the last of what the program has written to a trace."""
        return last_output(self.trace_path(trace)) if self.trace_enabled(trace) else ""

    def _last_output(self) -> str:
        """Return the last of what the program wrote, to standard error by preference."""
        return self.tail("stderr") or self.tail("stdout")

    def _expire(self, process: Process) -> None:
        if process is self._process and process.status is None and not self._ending:
            self._ending = f"It did not end within {self.time_limit():g} s."
            self._ask_to_end(process)

    def _ask_to_end(self, process: Process) -> None:
        grace = self.get("grace")
        if self._step or self.stop_signal == signal.SIGTERM:
            process.stop(grace)
            return
        process.signal(self.stop_signal)
        self.ec.schedule(grace, partial(process.stop, 0))

    def do_stop(self) -> None:
        """Ask the program to end; the resource is STOPPED when it has."""
        if self._process is None or self._process.status is not None:
            super().do_stop()
            return
        self._ending = "stop"
        self._ask_to_end(self._process)

    def do_fail(self) -> None:
        """Become FAILED, and ask the program to end, should it still run."""
        if (process := self._process) is not None and process.status is None:
            self._ending = self._ending or "release"
            self._ask_to_end(process)
        super().do_fail()

    def do_cancel(self) -> None:
        """Ask the program to end, before the release waits for it."""
        if (process := self._process) is not None:
            self._ending = "release"
            self._ask_to_end(process)

    def do_release(self) -> None:
        """Wait for the end of the program and of all it started, and tear down."""
        if self._process is not None and not self._process.lost:
            self._process.wait(self.get("grace") + _RELEASE_SECONDS)
            self._finish_traces()
        if self.get("tearDown"):
            preparation.tear_down(self)
        super().do_release()
