"""What a run would do, without doing it: ``--run FILE --dry-run``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from nepi_core.backend import CommandGroup
from nepi_core.controller import ExperimentController
from nepi_core.factory import ResourceFactory
from nepi_core.host_resource import HostResource
from nepi_core.loading import refuse_undeployable
from nepi_core.resource import ResourceManager
from nepi_core.xml_format import read_xml
from nepi_gui.checking import doubtful_conditions
from nepi_gui.exit_status import ExitStatus
from nepi_gui.headless import RunOptions
from nepi_gui.overrides import apply_overrides
from nepi_gui.terminal import Terminal, printable


@runtime_checkable
class ShowsCommand(Protocol):
    """A resource that runs a program, and tells how a user would type it."""

    def shown_command(self) -> str:
        """Return the command, "" for none."""


def show_commands(options: RunOptions, terminal: Terminal) -> ExitStatus:
    """Print the commands of a run, place by place: first those that build, then those of the applications.

    Raises:
        NepiError: the file or an option is wrong, or the experiment cannot be deployed.
    """
    description = read_xml(options.path, options.dialect)
    for line in doubtful_conditions(description, options.dialect):
        terminal.note(line)
    with ExperimentController(options.exp_id, options.local_dir, description=description) as ec:
        apply_overrides(ec, options.overrides)
        managers = [ec.get_resource(guid) for guid in ec.resources]
        refuse_undeployable(ec, managers)
        groups = [*_building(ec), *_running(managers), *_planned(ec)]
    if options.json:
        document = {"groups": [{"place": each.place, "lines": list(each.lines)} for each in groups]}
        sys.stdout.write(f"{json.dumps(document, indent=2)}\n")
    elif groups:
        sys.stdout.write("\n".join(map(_text, groups)))
    else:
        terminal.note("This experiment runs no commands: nothing in it says any.")
    return ExitStatus.DONE


def _building(ec: ExperimentController) -> Iterator[CommandGroup]:
    for backend in ResourceFactory.backends():
        yield from backend.commands(ec)


def _running(managers: list[ResourceManager]) -> Iterator[CommandGroup]:
    """Yield what the applications run, host by host, in the order of the hosts' first applications."""
    lines: dict[str, list[str]] = {}
    for manager in managers:
        if isinstance(manager, ShowsCommand) and (command := manager.shown_command()):
            hosts: list[HostResource] = manager.get_connected(HostResource)
            place = hosts[0].shown_name() if hosts else manager.name
            lines.setdefault(place, []).append(hosts[0].typed(command) if hosts else command)
    for place, commands in lines.items():
        yield CommandGroup(f"{place}: programs", tuple(commands))


def _planned(ec: ExperimentController) -> Iterator[CommandGroup]:
    """Yield, as comments, what changes while the experiment runs."""
    lines = []
    for change in ec.description.changes:
        later = f"{change.time} after" if change.time else "as soon as"
        group = ", ".join(ec.get_resource(guid).name for guid in change.group)
        for guid in change.guids:
            what = f"{ec.get_resource(guid).name}: {change.name} = {change.value}"
            lines.append(f"# {later} {group} {'are' if len(change.group) > 1 else 'is'} {change.state.name}: {what}")
    if lines:
        yield CommandGroup("later", tuple(lines))


def _text(group: CommandGroup) -> str:
    return "".join(f"{printable(line)}\n" for line in (f"# {group.place}", *group.lines))
