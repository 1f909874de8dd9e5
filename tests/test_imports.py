"""The import contracts of pyproject.toml: they are kept, and each catches what it forbids."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def checkout(tmp_path):
    """A copy of the packages, to put violations into."""
    for name in ("nepi_core", "nepi_gui", "resources"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def broken_contracts(checkout):
    """Run the project's own command on a checkout and return the names of the contracts that it reports as broken."""
    command = ["sh", str(ROOT / "setup" / "lint-imports.sh"), str(checkout)]
    ran = subprocess.run(command, capture_output=True, text=True)
    names = {line.removesuffix(" BROKEN") for line in ran.stdout.splitlines() if line.endswith(" BROKEN")}
    assert ran.returncode == bool(names), ran.stdout + ran.stderr
    return names


NO_WINDOW = "The engine and its plug-ins know no window"
NO_SSH = "The engine knows no SSH"
NEVER_BY_NAME = "Plug-ins are found, never imported by name"
APART = "Backends do not know each other"


def test_contracts_are_kept(checkout):
    assert broken_contracts(checkout) == set()


@pytest.mark.parametrize(
    ("path", "statement", "broken"),
    [
        ("nepi_core/bad.py", "import nepi_gui", {NO_WINDOW}),
        ("nepi_core/bad.py", "from PySide6.QtCore import QObject", {NO_WINDOW}),
        ("nepi_core/bad.py", "def f():\n    import pyqtgraph", {NO_WINDOW}),
        ("nepi_core/bad.py", "import paramiko", {NO_SSH}),
        ("nepi_core/bad.py", "from nepi_core.resources import linux", {NEVER_BY_NAME}),
        ("nepi_gui/bad.py", "import nepi_core.resources.linux", {NEVER_BY_NAME}),
        ("nepi_gui/bad.py", "from nepi_core.resources.all.bad import x", {NEVER_BY_NAME}),
        ("resources/linux/bad.py", "import nepi_gui", {NO_WINDOW}),
        ("resources/linux/bad.py", "import PySide6.QtWidgets", {NO_WINDOW}),
        ("resources/linux/bad.py", "from nepi_core.resources import all", {NEVER_BY_NAME, APART}),
        ("resources/linux/bad.py", "from ..all import bad", {NEVER_BY_NAME, APART}),
    ],
)
def test_a_violation_is_caught(checkout, path, statement, broken):
    (checkout / "resources/all/bad.py").touch()
    (checkout / path).write_text(statement + "\n")
    assert broken_contracts(checkout) == broken


@pytest.mark.parametrize("statement", ["import paramiko", "import nepi_core", "from . import bad", "import networkx"])
def test_what_a_backend_may_import(checkout, statement):
    (checkout / "resources/linux/good.py").write_text(statement + "\n")
    (checkout / "resources/linux/bad.py").touch()
    assert broken_contracts(checkout) == set()
