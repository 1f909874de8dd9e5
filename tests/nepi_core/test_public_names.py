"""What users import is what tools see."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import nepi_core

TREE = ast.parse(Path(nepi_core.__file__).read_text(encoding="utf-8"))


def test_every_public_name_is_there():
    assert [name for name in nepi_core.__all__ if getattr(nepi_core, name, None) is None] == []


def test_tools_see_the_same_names():
    imported = {
        alias.name
        for block in TREE.body
        if isinstance(block, ast.If)
        for statement in block.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    assert imported == set(nepi_core.__all__) == set(nepi_core._HOME_OF) == set(dir(nepi_core))


def test_import_brings_nothing_slow():
    script = "import nepi_core, sys; print(sorted({'networkx', 'lxml', 'matplotlib'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
