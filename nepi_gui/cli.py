"""The command `nepi-gui`: its options, and which part of the program carries them out.

Nothing is imported here before it is needed: what a run imports before its first resource is deployed is waited for.
"""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from nepi_core.errors import NepiError, suggestion
from nepi_core.times import parse_delay
from nepi_gui.exit_status import ExitStatus

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

    from nepi_gui.terminal import Terminal, TerminalLog

_EXAMPLES = """\
examples:
  nepi-gui --run examples/ping-localhost.xml
  nepi-gui --run lab.xml --set client.count=20 --set linux::Ping.interval=0.2
  nepi-gui --run server.xml --duration 2m30s --json > result.json
  nepi-gui --validate lab.xml
  nepi-gui --types linux::Ping
  nepi-gui --plot lab.svg lab.xml

exit status: 0 done, 1 the experiment failed, 2 wrong file or usage, 130 interrupted
"""

_RUN_ONLY = {
    "overrides": "--set",
    "exp_id": "--exp-id",
    "duration": "--duration",
    "timeout": "--timeout",
    "json": "--json",
    "no_report": "--no-report",
    "quiet": "--quiet",
}

_NO_WINDOW = "The window is not part of this version; run an experiment with: nepi-gui --run"


class _UsageError(NepiError):
    """A command line that makes no sense."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in a sentence, without the list of all options."""

    def error(self, message: str) -> NoReturn:
        raise _UsageError(f"{message[:1].upper()}{message[1:].rstrip('.')}. See nepi-gui --help.")

    def print_help(self, file: SupportsWrite[str] | None = None) -> None:
        """Print the help; unlike argparse, do not hide that standard output cannot be written."""
        if file is None:
            sys.stdout.write(self.format_help())
        else:
            super().print_help(file)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Args:
        argv: the arguments; those of the process when they are not given.
    """
    from nepi_gui.streams import flush_streams, is_lost_output, mend_streams
    from nepi_gui.terminal import Terminal

    mend_streams()
    terminal = Terminal()
    try:
        status = _answer(argv, terminal)
        lost = flush_streams()
    except OSError as error:
        if not is_lost_output(error):
            raise
        flush_streams()
        status, lost = ExitStatus.FAILED, error
    if lost is None:
        return status
    if lost.errno != errno.EPIPE:  # who read the output (a pager, `head`) had enough of it
        terminal.error(f"Standard output cannot be written: {lost.strerror}.")
        flush_streams()
    return status or ExitStatus.FAILED


def _answer(argv: Sequence[str] | None, terminal: Terminal) -> int:
    """Carry out a command line, and say what is wrong with it; return the exit status."""
    from nepi_gui.terminal import TerminalLog

    try:
        options = _parse(sys.argv[1:] if argv is None else argv)
        terminal.quiet = options.quiet
        with TerminalLog(terminal) as log:
            return _act(options, terminal, log)
    except NepiError as error:
        terminal.error(str(error))
        return ExitStatus.WRONG
    except KeyboardInterrupt:
        terminal.error("interrupted")
        return ExitStatus.INTERRUPTED
    except SystemExit as ending:  # argparse, after --help and --version
        return int(ending.code or 0)


def _act(options: argparse.Namespace, terminal: Terminal, log: TerminalLog) -> int:
    """Carry out what the command line asks for."""
    actions: dict[str, Callable[[], int]] = {
        "run": partial(_run, options, terminal, log),
        "validate": partial(_validate, options),
        "types": partial(_types, options),
        "plot": partial(_plot, options),
        "clean": partial(_clean, options),
    }
    chosen = [name for name in actions if getattr(options, name) not in (None, False)]
    _refuse_clashes(options, chosen)
    if chosen:
        return actions[chosen[0]]()
    if options.file is not None:
        raise _UsageError(f"{_NO_WINDOW} {options.file}")
    _make_parser().print_help(sys.stderr)
    terminal.error(f"{_NO_WINDOW} FILE")
    return ExitStatus.WRONG


def _refuse_clashes(options: argparse.Namespace, chosen: list[str]) -> None:
    if len(chosen) > 1:
        raise _UsageError(f"--{chosen[0]} and --{chosen[1]} are two things to do; say one of them.")
    if chosen and options.file is not None:
        raise _UsageError(f"{options.file!r} is one argument too many for --{chosen[0]}.")
    given = [option for name, option in _RUN_ONLY.items() if getattr(options, name) not in (None, False, [])]
    if given and chosen != ["run"]:
        raise _UsageError(f"{given[0]} belongs to --run FILE.")
    if options.local_dir and chosen not in (["run"], ["clean"]):
        raise _UsageError("--local-dir belongs to --run or --clean.")
    if options.dialect and chosen not in (["run"], ["validate"], ["plot"]):
        raise _UsageError("--dialect belongs to --run, --validate or --plot, which read a file.")


# -- actions --------------------------------------------------------------------------------------------------------


def _run(options: argparse.Namespace, terminal: Terminal, log: TerminalLog) -> int:
    from nepi_gui.headless import RunOptions, run_file
    from nepi_gui.overrides import parse_override

    asked = RunOptions(
        path=options.run,
        overrides=tuple(map(parse_override, options.overrides)),
        local_dir=options.local_dir,
        exp_id=options.exp_id,
        duration=_seconds("--duration", options.duration),
        timeout=_seconds("--timeout", options.timeout),
        dialect=options.dialect,
        json=options.json,
        report=not options.no_report,
    )
    return run_file(asked, terminal, log)


def _seconds(option: str, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return parse_delay(text)
    except NepiError as error:
        raise _UsageError(f"{option}: {error}") from None


def _validate(options: argparse.Namespace) -> int:
    from nepi_gui.checking import validate_file

    return validate_file(options.validate, options.dialect)


def _types(options: argparse.Namespace) -> int:
    from nepi_gui.listing import describe_type, list_types

    if options.types:
        describe_type(options.types)
    else:
        list_types()
    return ExitStatus.DONE


def _plot(options: argparse.Namespace) -> int:
    from pathlib import Path

    output, path = options.plot
    kinds = (".svg", ".png", ".dot")
    if Path(output).suffix.lower() not in kinds:
        raise _UsageError(f"--plot: {output!r} names no kind of picture; it must end in {', '.join(kinds)}.")
    from nepi_core.plot import plot_experiment
    from nepi_core.xml_format import read_xml

    try:
        plot_experiment(read_xml(path, options.dialect), Path(output))
    except OSError as error:
        raise _UsageError(f"--plot: {output} cannot be written: {error.strerror or error}.") from None
    sys.stdout.write(f"{output}\n")
    return ExitStatus.DONE


def _clean(options: argparse.Namespace) -> int:
    from pathlib import Path

    from nepi_gui.cleaning import clean

    return clean(Path(options.local_dir).absolute() if options.local_dir else None)


# -- options --------------------------------------------------------------------------------------------------------


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = _make_parser()
    options, unknown = parser.parse_known_args(argv)
    if unknown:
        known = [option for action in parser._actions for option in action.option_strings]
        raise _UsageError(f"There is no option {unknown[0]}.{suggestion(unknown[0].split('=')[0], known)}")
    return options


def _make_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="nepi-gui",
        usage="nepi-gui --run FILE [options]   (or one of the other things to do)",
        description="Run network experiments without a window: load a file, run it, show what was measured.",
        epilog=_EXAMPLES,
        formatter_class=partial(argparse.RawDescriptionHelpFormatter, max_help_position=32),
        allow_abbrev=False,
        add_help=False,
    )
    parser.add_argument("file", nargs="?", help=argparse.SUPPRESS)
    _add_actions(parser)
    _add_run_options(parser)
    return parser


def _add_actions(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_argument_group("what to do")
    actions.add_argument("--run", metavar="FILE", action=_Once, help="run an experiment")
    actions.add_argument(
        "--validate", metavar="FILE", action=_Once, help="tell what is wrong with a file, without running it"
    )
    actions.add_argument(
        "--types",
        metavar="RTYPE",
        nargs="?",
        const="",
        action=_Once,
        help="list the resource types, or describe one",
    )
    actions.add_argument(
        "--plot",
        nargs=2,
        metavar=("OUT", "FILE"),
        action=_Once,
        help="draw an experiment; OUT ends in .svg, .png or .dot",
    )
    actions.add_argument("--clean", action="store_true", help="end what crashed runs have left running here")
    actions.add_argument("--version", action=_Version, help="show the version")
    actions.add_argument("-h", "--help", action="help", help="show this help")


def _add_run_options(parser: argparse.ArgumentParser) -> None:
    what = parser.add_argument_group("options of --run: the experiment")
    what.add_argument(
        "--set",
        dest="overrides",
        metavar="TARGET.attribute=value",
        action="append",
        default=[],
        help="give an attribute another value; TARGET is a guid, a label or a resource type; may be repeated",
    )
    what.add_argument("--exp-id", metavar="NAME", help="name of the experiment, instead of the file's")
    what.add_argument("--dialect", choices=("nepi3", "nepi6"), help="which NEPI wrote the file (also for --validate)")

    end = parser.add_argument_group("options of --run: its end (times such as 10s, 1.5m, 2m30s)")
    end.add_argument(
        "--duration", metavar="TIME", help="stop everything that long after all have started, if it still runs then"
    )
    end.add_argument("--timeout", metavar="TIME", help="give up, as failed, when not everything has ended by then")

    output = parser.add_argument_group("options of --run: output")
    output.add_argument(
        "--local-dir",
        metavar="DIR",
        help="folder for the results of all experiments; with --clean, the only one to clean",
    )
    output.add_argument("--json", action="store_true", help="print the results as one JSON document on standard output")
    output.add_argument("--quiet", action="store_true", help="show errors only")
    output.add_argument("--no-report", action="store_true", help="do not write report.html")


class _Once(argparse.Action):
    """Refuses a second thing to do of the same kind, instead of forgetting the first."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: object, *_: object
    ) -> None:
        if getattr(namespace, self.dest) is not None:
            parser.error(f"{self.option_strings[0]} can be said once only")
        setattr(namespace, self.dest, values)


class _Version(argparse.Action):
    """Shows the version; looked up only then, since that reads the metadata of the installation."""

    def __init__(self, option_strings: list[str], dest: str, help: str) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import PackageNotFoundError, version

        try:
            number = version("nepi-gui")
        except PackageNotFoundError:
            number = "(not installed)"
        sys.stdout.write(f"nepi-gui {number}\n")
        parser.exit()
