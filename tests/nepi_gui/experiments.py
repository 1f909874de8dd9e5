"""Experiment files, and the real program that runs them, for tests of the headless command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import copyfile
from typing import Any

from nepi_core.description import Condition, ExperimentDescription, Layout, ResourceDescription
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.xml_format import write_xml

ROOT = Path(__file__).resolve().parents[2]

START, STOP = ResourceAction.START, ResourceAction.STOP


class Described:
    """Builds an experiment, one resource after the other, with guids from 1."""

    def __init__(self, exp_id: str = "tried") -> None:
        self.description = ExperimentDescription(exp_id=exp_id)

    def add(self, rtype: str, label: str = "", **attributes: Any) -> int:
        guid = len(self.description.resources) + 1
        layout = Layout(label=label) if label else None
        self.description.resources[guid] = ResourceDescription(guid, rtype, attributes, layout=layout)
        return guid

    def wait(
        self, guid: int, action: ResourceAction, other: int, state: ResourceState, time: str | None = None
    ) -> None:
        self.description.resources[guid].conditions.append(Condition(action, (other,), state, time))

    def write(self, folder: Path) -> str:
        path = folder / f"{self.description.exp_id}.xml"
        write_xml(self.description, path)
        return str(path)


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return the environment in which the program finds the types of `resource_types` as a user's own plug-in."""
    plugins = folder / "plugins"
    plugins.mkdir(exist_ok=True)
    copyfile(Path(__file__).with_name("resource_types.py"), plugins / "types_of_a_user.py")
    ours: Mapping[str, str] = {
        "NEPI_SEARCH_PATH": str(plugins),
        "NEPI_LOCAL_DIR": str(folder / "results"),
        "PYTHONPATH": str(ROOT),
    }
    return {**os.environ, **ours, **more}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "nepi_gui", *arguments]


def run(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the real program to its end."""
    given: Sequence[str] = command(*arguments)
    return subprocess.run(
        given, cwd=folder, env=environment(folder, **more), capture_output=True, text=True, timeout=60, check=False
    )
