"""The options of `nepi-gui`: what can be said on its command line, and what goes together.

Parameters of a topology become options once its kind is known, so that they are checked and helped with like others.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from nepi_core.errors import NepiError, nearest, suggestion

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

ACTIONS = (
    *("run", "validate", "topology", "plot", "types", "shell", "attach"),
    *("check", "samples", "export-run", "import-run", "doctor", "clean"),
)
"""The things to do, of which a command line asks for one."""

_EXAMPLES = """\
examples:
  nepi-gui --run examples/ping-localhost.xml
  nepi-gui --run lab.xml --set client.count=20 --set linux::Ping.interval=0.2
  nepi-gui --run server.xml --duration 2m30s --json > result.json
  nepi-gui --run lab.xml --dry-run
  nepi-gui --shell lab.xml h1 -- ping -c 3 h2
  nepi-gui --attach lab.xml
  nepi-gui --check lab.xml submissions/*.xml --csv marks.csv
  nepi-gui --samples results/ping/20260101120000000000 > samples.csv
  nepi-gui --topology fat-tree --k 4 --output fat-tree.xml
  nepi-gui --topology ring --help
  nepi-gui --types linux::Ping
  nepi-gui --plot lab.svg lab.xml

exit status: 0 done, 1 the experiment failed, 2 wrong file or usage, 3 not all checks or
submissions passed, 130 interrupted
"""

_BELONGS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "overrides": ("--set", ("run",)),
    "exp_id": ("--exp-id", ("run", "topology", "shell", "attach")),
    "dialect": ("--dialect", ("", "run", "validate", "plot", "shell", "attach")),
    "dry_run": ("--dry-run", ("run",)),
    "duration": ("--duration", ("run", "check")),
    "timeout": ("--timeout", ("run", "check")),
    "local_dir": ("--local-dir", ("run", "shell", "attach", "check", "import-run", "clean")),
    "json": ("--json", ("run", "check", "doctor")),
    "quiet": ("--quiet", ("run", "topology", "check")),
    "csv": ("--csv", ("check",)),
    "jobs": ("--jobs", ("check",)),
    "allowed_types": ("--allow-type", ("check",)),
    "allow_commands": ("--allow-commands", ("check",)),
    "no_report": ("--no-report", ("run",)),
    "run_id": ("--run-id", ("run",)),
    "hold": ("--hold", ("run",)),
    "source": ("--source", ("run",)),
    "backend": ("--backend", ("topology",)),
    "delays": ("--delays", ("topology",)),
    "seed": ("--seed", ("topology",)),
    "output": ("--output", ("topology", "export-run")),
    "with_work": ("--with-work", ("export-run",)),
    "command": ("a command after --", ("shell",)),
}
"""What an option is called, and which of `ACTIONS` take it; "" stands for the window."""


class UsageError(NepiError):
    """A command line that makes no sense."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in a sentence, without the list of all options."""

    def error(self, message: str) -> NoReturn:
        """Raise the fault, as all others are raised."""
        raise UsageError(f"{message[:1].upper()}{message[1:].rstrip('.')}. See nepi-gui --help.")

    def print_help(self, file: SupportsWrite[str] | None = None) -> None:
        """Print the help; unlike argparse, do not hide that standard output cannot be written."""
        if file is None:
            sys.stdout.write(self.format_help())
        else:
            super().print_help(file)


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Return what a command line says; ``action`` is the one of `ACTIONS` that it asks for, "" for none.

    Raises:
        UsageError: it makes no sense.
    """
    arguments, command = _at_dashes(list(argv))
    kind = _topology_kind(arguments)
    parser = make_parser(kind)
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        known = [option for action in parser._actions for option in action.option_strings]
        owner = f"Topology '{kind}' takes no" if kind else "There is no"
        raise UsageError(f"{owner} option {unknown[0]}.{suggestion(unknown[0].split('=')[0], known)}")
    options.command = command
    chosen = [name for name in ACTIONS if getattr(options, name) not in (None, False)]
    _refuse_clashes(options, chosen)
    options.action = chosen[0] if chosen else ""
    return options


def _at_dashes(argv: list[str]) -> tuple[list[str], list[str]]:
    """Return what stands before and after ``--``: behind it is a command with options of its own."""
    place = argv.index("--") if "--" in argv else len(argv)
    return argv[:place], argv[place + 1 :]


def _refuse_clashes(options: argparse.Namespace, chosen: list[str]) -> None:
    if len(chosen) > 1:
        raise UsageError(f"--{chosen[0]} and --{chosen[1]} are two things to do; say one of them.")
    if chosen == ["check"] and not options.files:
        raise UsageError("--check needs the files of the submissions: --check lab.xml submissions/*.xml")
    if chosen and chosen != ["check"] and options.files:
        raise UsageError(f"{options.files[0]!r} is one argument too many for --{chosen[0]}.")
    for name, (option, owners) in _BELONGS.items():
        value = getattr(options, name)
        given = value is not None and value is not False and value != []
        if given and not set(chosen or [""]) & set(owners):
            raise UsageError(f"{option[:1].upper()}{option[1:]} belongs to {_one_of(owners)}.")


def _one_of(actions: Sequence[str]) -> str:
    *others, last = (f"--{each}" for each in actions if each)
    return f"{', '.join(others)} or {last}" if others else last


def make_parser(kind: str = "") -> argparse.ArgumentParser:
    """Return the parser of the command line.

    Args:
        kind: a kind of topology whose parameters are to be options.
    """
    parser = Parser(
        prog="nepi-gui",
        usage=f"nepi-gui --{f'topology {kind}' if kind else 'run FILE'} [options]   (or one of the other things to do)",
        description="Draw network experiments in a window, or run them without one.",
        epilog=_EXAMPLES,
        formatter_class=partial(argparse.RawDescriptionHelpFormatter, max_help_position=32),
        allow_abbrev=False,
        add_help=False,
    )
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="experiments to open in a window; none opens an empty one"
    )
    _add_actions(parser)
    _add_run_options(parser)
    _add_check_options(parser)
    _add_topology_options(parser)
    if kind:
        _add_parameters(parser, kind)
    return parser


def _add_actions(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_argument_group("what to do")
    once = partial(actions.add_argument, action=_Once)
    once("--run", metavar="FILE", help="run an experiment")
    once("--validate", metavar="FILE", help="tell what is wrong with a file, without running it")
    once(
        "--topology",
        metavar="WHAT",
        help="make an experiment from a kind of topology, such as fat-tree (then --help shows its options), or from "
        "a GraphML, GML or edge list file",
    )
    once("--plot", nargs=2, metavar=("OUT", "FILE"), help="draw an experiment; OUT ends in .svg, .png or .dot")
    once("--types", metavar="RTYPE", nargs="?", const="", help="list the resource types, or describe one")
    once(
        "--shell",
        nargs=2,
        metavar=("FILE", "NODE"),
        help="open a shell on a host of a running experiment, or run what follows -- there; FILE is that of the "
        "experiment, or the folder of the run; NODE is a label, name or guid",
    )
    once("--attach", metavar="RUN", help="show a run in a window: its folder, or the file of an experiment that runs")
    once(
        "--check",
        metavar="LAB",
        help="grade submissions, the files named: run each with the checks of a lab, unless it changes what the lab "
        "locks. They run on this machine, with your rights: see docs/how-to/teach.md",
    )
    once("--samples", metavar="RUN", help="print all samples of a run, given by its folder, as CSV")
    once("--export-run", dest="export-run", metavar="RUN", help="write a run, given by its folder, into one file")
    actions.add_argument(
        "--with-work", action="store_true", help="with --export-run: also what the run's programs left where they ran"
    )
    once("--import-run", dest="import-run", metavar="FILE", help="take in a run that was exported; print its folder")
    actions.add_argument(
        "--doctor", action="store_true", help="tell what works on this machine, and what to install for the rest"
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
    what.add_argument("--run-id", metavar="NAME", help="name of the run, instead of its date")
    what.add_argument("--source", metavar="FILE", help=argparse.SUPPRESS)  # the window says so, which runs a copy
    what.add_argument(
        "--hold",
        nargs="?",
        const="always",
        choices=("always", "endless"),
        help="go on when everything has ended, until Ctrl-C or a window ends the run; with 'endless' only when nothing "
        "would ever end",
    )
    what.add_argument(
        "--dialect",
        choices=("nepi3", "nepi6"),
        help="which NEPI wrote the file (also for --validate, --plot and the window)",
    )
    what.add_argument(
        "--dry-run", action="store_true", help="show the commands that would be run, place by place, and run none"
    )

    end = parser.add_argument_group("options of --run: its end (times such as 10s, 1.5m, 2m30s)")
    end.add_argument(
        "--duration", metavar="TIME", help="stop everything that long after all have started, if it still runs then"
    )
    end.add_argument("--timeout", metavar="TIME", help="give up, as failed, when not everything has ended by then")

    output = parser.add_argument_group("options of --run: output")
    output.add_argument(
        "--local-dir",
        metavar="DIR",
        help="folder for the results of all experiments; with --clean, the only one to clean; with --shell, where the "
        "run is looked for",
    )
    output.add_argument(
        "--json", action="store_true", help="print one JSON document on standard output (also for --doctor)"
    )
    output.add_argument("--quiet", action="store_true", help="show errors only")
    output.add_argument("--no-report", action="store_true", help="do not write report.html")


def _add_check_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("options of --check (and --duration, --timeout for each run, --json, --quiet)")
    group.add_argument("--csv", metavar="FILE", help="write a table for spreadsheets")
    group.add_argument(
        "--jobs",
        metavar="N",
        type=_positive,
        help="submissions to run at the same time (default: 1; more of them disturb each other's measurements)",
    )
    group.add_argument(
        "--allow-type",
        dest="allowed_types",
        metavar="RTYPE",
        action="append",
        default=[],
        help="accept resources of a type that the lab has none of; may be repeated",
    )
    group.add_argument(
        "--allow-commands",
        action="store_true",
        help="accept commands and file names of the submissions' own, which then run and are read with your rights",
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


_positive.__name__ = "whole number from 1"  # so does argparse call what is expected


def _add_topology_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("options of --topology")
    group.add_argument(
        "--output", metavar="FILE", help="where to write the experiment; - for standard output (also for --export-run)"
    )
    group.add_argument("--backend", metavar="NAME", help="what to build the network with (default: netns)")
    group.add_argument("--seed", metavar="N", type=int, help="number that gives the same random topology again")
    group.add_argument("--delays", metavar="HOW", help="where delays of links come from: 'distance' of the coordinates")


# -- parameters of a topology -------------------------------------------------------------------------------------


def _topology_kind(arguments: list[str]) -> str:
    """Return the kind of topology that a command line names; "" when it names none, or a file.

    Raises:
        UsageError: what it names is neither.
    """
    if not any(each.partition("=")[0] == "--topology" for each in arguments):
        return ""
    from nepi_core.topology.generators import GENERATORS  # needs networkx, so only for who asks for a topology

    early = Parser(add_help=False, allow_abbrev=False)
    early.add_argument("--topology")
    named: str = early.parse_known_args(arguments)[0].topology
    if named in GENERATORS:
        return named
    if Path(named).suffix or Path(named).exists():
        return ""
    close = nearest(named, GENERATORS)
    known = f"Did you mean '{close}'?" if close else f"Known are: {', '.join(GENERATORS)}."
    raise UsageError(f"--topology: there is no topology {named!r}, and no such file. {known}")


def _add_parameters(parser: argparse.ArgumentParser, kind: str) -> None:
    from nepi_core.topology.generators import GENERATORS, TopologyType

    generator = GENERATORS[TopologyType(kind)]
    group = parser.add_argument_group(f"options of --topology {kind}", f"{generator.help}.")
    parser.set_defaults(parameters={})
    for each in generator.parameters:
        default = "" if each.default is None else f"; default {each.default}"
        group.add_argument(
            parameter_option(each.name),
            dest=each.name,
            metavar="VALUE",
            action=_Parameter,
            help=f"{each.help}; {each.expectation()}{default}".replace("%", "%%"),
        )


def parameter_option(name: str) -> str:
    """Return the option for a parameter of a topology."""
    return f"--{name.replace('_', '-')}"


class _Parameter(argparse.Action):
    """Collects the parameters of a topology."""

    def __init__(self, option_strings: list[str], dest: str, metavar: str, help: str) -> None:
        super().__init__(option_strings, dest, default=argparse.SUPPRESS, metavar=metavar, help=help)

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: object, *_: object
    ) -> None:
        namespace.parameters[self.dest] = values


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
