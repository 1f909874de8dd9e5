"""A shell, or a command, on a host of an experiment that is running: ``--shell FILE_OR_RUN NODE [-- COMMAND]``."""

from __future__ import annotations

import os
import shlex
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from nepi_core.errors import NepiError, suggestion
from nepi_core.runs.database import FILE_NAME
from nepi_core.runs.reader import RecordedHost, RunReader, is_running
from nepi_core.states import ResourceState
from nepi_gui.streams import flush_streams
from nepi_gui.terminal import Terminal


def find_run(
    file_or_run: str,
    exp_id: str | None,
    local_dir: str | None,
    dialect: str | None,
    terminal: Terminal,
    may_be_over: bool = False,
) -> Path:
    """Return the folder of a run that is going on.

    Args:
        file_or_run: an experiment file, whose newest run is meant, or the folder of a run.
        exp_id: name of the experiment, when it runs under another one than the file's.
        local_dir: folder for all experiments, when it is not the usual one.
        dialect: which NEPI wrote the file.
        terminal: is told which run was chosen of several.
        may_be_over: the run whose folder is given may have ended.

    Raises:
        NepiError: there is none.
    """
    given = Path(file_or_run)
    if not given.is_dir():
        return _newest_run(_experiment_folder(file_or_run, exp_id, local_dir, dialect), terminal)
    if not (given / FILE_NAME).is_file():
        raise NepiError(f"{given} is not the folder of a run: it has no {FILE_NAME}.")
    if not may_be_over and not is_running(given):
        raise NepiError(f"The run in {given} is not going on any more, or not on this machine.")
    return given


def _experiment_folder(path: str, exp_id: str | None, local_dir: str | None, dialect: str | None) -> Path:
    from nepi_core.xml_format import read_xml
    from nepi_gui.watching.run_folders import local_dir_of

    description = read_xml(path, dialect)
    name = exp_id or description.exp_id
    if not name:
        raise NepiError(f"{path} does not name its experiment, so its runs cannot be found; give the folder of a run.")
    return local_dir_of(local_dir or description.local_dir) / name


def _newest_run(folder: Path, terminal: Terminal) -> Path:
    going_on = [each.parent for each in folder.glob(f"*/{FILE_NAME}") if is_running(each.parent)]
    if not going_on:
        raise NepiError(
            f"No run of the experiment is going on in {folder}. Start one with --run, or give the folder of a run."
        )
    newest = max(going_on, key=_began)
    if len(going_on) > 1:
        terminal.note(f"{len(going_on)} runs of the experiment are going on; this is the newest, {newest.name}.")
    return newest


def _began(run: Path) -> float:
    with RunReader(run) as reader:
        return float(reader.facts().get("began") or 0.0)


def open_shell(run: Path, node: str, command: Sequence[str]) -> NoReturn:
    """Become a shell on a host of a run, or a command there.

    Args:
        run: folder of the run.
        node: label, name or guid of the host.
        command: the command; the user's shell when it is empty.

    Raises:
        NepiError: there is no such host, or it cannot be entered.
    """
    host = find_host(run, node)
    arguments = [*host.shell, *(command or [os.environ.get("SHELL") or "/bin/sh"])]
    if not host.shell:
        os.chdir(run)
    flush_streams()
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and a program would inherit that
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(arguments[0], arguments)
    except OSError as error:
        raise NepiError(f"On {host.name}, '{shlex.join(arguments)}' cannot be started: {error.strerror}.") from None


def find_host(run: Path, node: str) -> RecordedHost:
    """Return a host of a run by its label, name or guid.

    Raises:
        NepiError: there is none, several have that name, or it has been released.
    """
    _refuse_foreign(run)
    with RunReader(run) as reader:
        hosts = reader.hosts()
        labels = {each.guid: each.label for each in reader.resources()}
        found = [each for each in hosts if node in (str(each.guid), each.name, labels.get(each.guid))]
        if not hosts:
            raise NepiError(f"The run in {run} has no host that commands can be run on, or none that is READY yet.")
        if not found:
            known = [*(each.name for each in hosts), *filter(None, (labels.get(each.guid) for each in hosts))]
            raise NepiError(f"The run has no host {node!r} that is READY.{suggestion(node, known)}")
        if len(found) > 1:
            guids = ", ".join(str(each.guid) for each in found[:12])
            raise NepiError(f"The name {node!r} stands at several hosts; name one by its guid: {guids}.")
        changes = reader.state_changes(found[0].guid)
    if changes and changes[-1].new is ResourceState.RELEASED:
        raise NepiError(f"The host {node!r} has been released already.")
    return found[0]


def _refuse_foreign(run: Path) -> None:
    """Refuse a run of another account, whose record could have any program started here."""
    owner = (run / FILE_NAME).stat().st_uid
    if owner != os.geteuid():
        raise NepiError(f"The run in {run} belongs to another account (number {owner}); do that as this account.")
