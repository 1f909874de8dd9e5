"""The command `nepi-gui`: which part of the program carries out what its command line asks for.

Nothing is imported here before it is needed: what a run imports before its first resource is deployed is waited for.
"""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from nepi_core.errors import NepiError
from nepi_core.times import parse_delay
from nepi_gui.exit_status import ExitStatus
from nepi_gui.options import UsageError, parse

if TYPE_CHECKING:
    from nepi_gui.terminal import Terminal, TerminalLog


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
        options = parse(sys.argv[1:] if argv is None else argv)
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
        "topology": partial(_topology, options, terminal),
        "plot": partial(_plot, options),
        "types": partial(_types, options),
        "shell": partial(_shell, options, terminal),
        "attach": partial(_attach, options, terminal),
        "check": partial(_check, options, terminal),
        "samples": partial(_samples, options, terminal),
        "export-run": partial(_export_run, options),
        "import-run": partial(_import_run, options),
        "doctor": partial(_doctor, options),
        "clean": partial(_clean, options),
    }
    if options.action:
        return actions[options.action]()
    return _window(options)


def _window(options: argparse.Namespace) -> int:
    from pathlib import Path

    _refuse_without_window()
    from nepi_gui.window.application import show_windows

    return show_windows([Path(each) for each in options.files], options.dialect)


def _attach(options: argparse.Namespace, terminal: Terminal) -> int:
    from nepi_gui.shell import find_run

    _refuse_without_window()
    folder = find_run(options.attach, options.exp_id, options.local_dir, options.dialect, terminal, may_be_over=True)
    from nepi_gui.window.application import show_windows

    return show_windows([], run=folder)


def _refuse_without_window() -> None:
    try:
        import PySide6.QtWidgets  # noqa: F401 - whether it can be
    except ImportError as error:  # such as on a server, which has no libraries for a screen
        raise NepiError(f"The window cannot be shown, since its libraries are missing: {error}.") from error


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
        run_id=options.run_id,
        hold=options.hold,
        source=options.source,
    )
    if options.dry_run:
        from nepi_gui.dry_run import show_commands

        return show_commands(asked, terminal)
    return run_file(asked, terminal, log)


def _check(options: argparse.Namespace, terminal: Terminal) -> int:
    from nepi_gui.grading import GradingOptions, grade_files
    from nepi_gui.submission import Trust

    _seconds("--duration", options.duration)
    asked = GradingOptions(
        lab=options.check,
        submissions=options.files,
        local_dir=options.local_dir,
        timeout=_seconds("--timeout", options.timeout),
        duration=options.duration,
        jobs=options.jobs or 1,
        trust=Trust(frozenset(options.allowed_types), options.allow_commands),
        csv=options.csv,
        json=options.json,
    )
    return grade_files(asked, terminal)


def _seconds(option: str, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return parse_delay(text)
    except NepiError as error:
        raise UsageError(f"{option}: {error}") from None


def _validate(options: argparse.Namespace) -> int:
    from nepi_gui.checking import validate_file

    return validate_file(options.validate, options.dialect)


def _topology(options: argparse.Namespace, terminal: Terminal) -> int:
    from nepi_gui.topology_file import TopologyOptions, write_topology

    asked = TopologyOptions(
        what=options.topology,
        parameters=getattr(options, "parameters", {}),
        backend=options.backend or "netns",
        build={"delays": options.delays} if options.delays else {},
        seed=options.seed,
        exp_id=options.exp_id,
        output=options.output,
    )
    return write_topology(asked, terminal)


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
        raise UsageError(f"--plot: {output!r} names no kind of picture; it must end in {', '.join(kinds)}.")
    from nepi_core.plot import plot_experiment
    from nepi_core.xml_format import read_xml

    try:
        plot_experiment(read_xml(path, options.dialect), Path(output))
    except OSError as error:
        raise UsageError(f"--plot: {output} cannot be written: {error.strerror or error}.") from None
    sys.stdout.write(f"{output}\n")
    return ExitStatus.DONE


def _shell(options: argparse.Namespace, terminal: Terminal) -> NoReturn:
    from nepi_gui.shell import find_run, open_shell

    file, node = options.shell
    run = find_run(file, options.exp_id, options.local_dir, options.dialect, terminal)
    open_shell(run, node, options.command)


def _samples(options: argparse.Namespace, terminal: Terminal) -> int:
    from pathlib import Path

    from nepi_gui.samples_table import print_samples

    return print_samples(Path(options.samples), terminal)


def _export_run(options: argparse.Namespace) -> int:
    from nepi_gui.archiving import export

    return export(getattr(options, "export-run"), options.output, options.with_work)


def _import_run(options: argparse.Namespace) -> int:
    from nepi_gui.archiving import take_in

    return take_in(getattr(options, "import-run"), options.local_dir)


def _doctor(options: argparse.Namespace) -> int:
    from nepi_gui.doctor import examine_machine

    return examine_machine(as_json=options.json)


def _clean(options: argparse.Namespace) -> int:
    from pathlib import Path

    from nepi_gui.cleaning import clean

    return clean(Path(options.local_dir).absolute() if options.local_dir else None)
