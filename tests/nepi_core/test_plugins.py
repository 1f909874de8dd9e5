"""Plug-ins from folders and packages; a broken one is told of, with its traceback, and the others load."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nepi_core import plugins
from nepi_core.errors import NepiError
from nepi_core.factory import ResourceFactory
from nepi_core.resource import ResourceManager

ROOT = Path(__file__).resolve().parents[2]

TYPE = """
from nepi_core import Attribute, ResourceManager

class {name}(ResourceManager, rtype="mine::{name}"):
    '''A type of the user's own.'''
    speed = Attribute(default=1)
"""

BROKEN = {
    "raises": "1 / 0",
    "exits": "raise SystemExit(4)",
    "is_no_python": "def (",
    "imports_what_is_not_there": "import nothing_of_this_name",
    "declares_what_is_wrong": TYPE.format(name="Wrong").replace("default=1", "default=5, range=(0, 1)"),
}

# Prints the types that are there beside ours, and the log.
PROGRAM = """
import io, json, logging
log = io.StringIO()
logging.basicConfig(stream=log)
from nepi_core import ResourceFactory
types = ResourceFactory.resource_types()
print(json.dumps([types, log.getvalue()]))
"""


def load(*search_path: Path, python_path: tuple[Path, ...] = (), program: str = PROGRAM) -> tuple[list[str], str]:
    """Return the types that a fresh Python finds, ours left out, and what it logs."""
    environment = os.environ | {
        "NEPI_SEARCH_PATH": os.pathsep.join(map(str, search_path)),
        "PYTHONPATH": os.pathsep.join(map(str, (ROOT, *python_path))),
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=100
    )
    types, log = json.loads(done.stdout)
    assert "linux::Node" in types, log
    return [each for each in types if not each.startswith(("linux::", "netns::", "check::", "Collector"))], log


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_folders_of_the_search_path(tmp_path):
    write(tmp_path / "one/first.py", TYPE.format(name="First"))
    write(tmp_path / "two/lab/__init__.py", "")
    write(tmp_path / "two/lab/second.py", TYPE.format(name="Second"))
    write(tmp_path / "two/lab/deeper/__init__.py", "from ..second import Second\n" + TYPE.format(name="Third"))
    types, log = load(tmp_path / "one", tmp_path / "two", tmp_path / "not there")
    assert (types, log) == (["mine::First", "mine::Second", "mine::Third"], "")


def test_broken_modules_are_told_of_with_their_tracebacks_and_the_others_load(tmp_path):
    for name, text in BROKEN.items():
        write(tmp_path / f"{name}.py", text)
        write(tmp_path / f"package_that_{name}/__init__.py", text)
        write(tmp_path / f"package_that_{name}/inside.py", TYPE.format(name="Inside"))
    write(tmp_path / "zzz.py", TYPE.format(name="Good"))
    types, log = load(tmp_path)
    assert types == ["mine::Good"]
    for name in BROKEN:
        for module in (name, f"package_that_{name}"):
            assert log.count(f"Plug-in nepi_core.resources.{module} cannot be loaded and is left out") == 1
    for word in ("ZeroDivisionError", "SystemExit: 4", "SyntaxError", "nothing_of_this_name", "AttributeValueError"):
        assert word in log
    assert log.count("Traceback") >= 2 * len(BROKEN)


def test_type_that_is_there_twice_leaves_the_second_plugin_out_whole(tmp_path):
    write(tmp_path / "a.py", TYPE.format(name="Same"))
    write(tmp_path / "b.py", TYPE.format(name="Other") + TYPE.format(name="Same"))
    types, log = load(tmp_path)
    assert types == ["mine::Same"]
    assert "Plug-in nepi_core.resources.b is left out: Resource type mine::Same is provided twice" in log
    assert "by nepi_core.resources.a.Same and by nepi_core.resources.b.Same" in log


def test_type_under_a_second_module_name_is_refused(tmp_path):
    path = write(tmp_path / "mine.py", TYPE.format(name="Mine"))
    second = (
        PROGRAM
        + f"""
import sys
sys.path.insert(0, {str(path.parent)!r})
import mine
from nepi_core.errors import NepiError
try:
    ResourceFactory.register_type(mine.Mine)
except NepiError as error:
    assert "provided twice: by nepi_core.resources.mine.Mine and by mine.Mine" in str(error)
else:
    raise AssertionError("the second module name was taken")
"""
    )
    assert load(tmp_path, program=second) == (["mine::Mine"], "")


def test_only_named_types_of_its_own_are_taken_from_a_module(tmp_path):
    text = """
from nepi_core import ResourceManager
from nepi_core.resource import ResourceManager as Renamed

class Base(ResourceManager):
    pass

class Child(Base, rtype="mine::Child"):
    pass

class Unnamed(Child):
    pass

class NoResource:
    pass
"""
    write(tmp_path / "several.py", text)
    assert load(tmp_path) == (["mine::Child"], "")


def package(folder: Path, name: str, text: str, entry_point: str) -> None:
    """Lay out a package as an installation does."""
    write(folder / name / "__init__.py", text)
    write(folder / f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    write(folder / f"{name}-1.0.dist-info/entry_points.txt", f"[nepi.resources]\n{name} = {entry_point}\n")


def test_packages_that_name_their_modules(tmp_path):
    package(tmp_path, "lab_one", TYPE.format(name="One"), "lab_one")
    package(tmp_path, "lab_two", "from lab_two.nodes import Two", "lab_two:Two")
    write(tmp_path / "lab_two/nodes.py", TYPE.format(name="Two"))
    package(tmp_path, "lab_three", "", "lab_three.deep.nodes [extra]")
    write(tmp_path / "lab_three/deep/nodes.py", TYPE.format(name="Three"))
    types, log = load(python_path=(tmp_path,))
    assert (types, log) == (["mine::One", "mine::Three", "mine::Two"], "")


@pytest.mark.parametrize("entry_point", ["lab_broken", "not-a-name:x", "lab_broken.missing:X", ":", "..x"])
def test_broken_package_is_told_of_and_the_others_load(tmp_path, entry_point):
    package(tmp_path, "lab_broken", "raise SystemExit(1)", entry_point)
    package(tmp_path, "lab_good", TYPE.format(name="Good"), "lab_good")
    types, log = load(python_path=(tmp_path,))
    assert types == ["mine::Good"]
    assert log.count("Plug-in lab_broken cannot be loaded and is left out") == 1


def test_plugin_that_fails_to_register_leaves_nothing_half_registered(monkeypatch, expect_log, types):
    class Taken(ResourceManager, rtype="test::Scripted"):
        pass

    class New(ResourceManager, rtype="test::New"):
        pass

    expect_log("Plug-in half is left out: Resource type test::Scripted is provided twice")
    monkeypatch.setattr(ResourceFactory, "_broken", {})
    ResourceFactory._register_all([plugins.Plugin("half", (New, Taken))])
    assert ResourceFactory.find("test::New") is None
    assert "test::Scripted is provided twice" in ResourceFactory.broken()["half"]


@pytest.mark.parametrize("names", ["['x']", "7", "{1: 2}.items"])
def test_other_names_that_are_none_leave_the_plugin_out_whole(tmp_path, names):
    write(tmp_path / "a.py", TYPE.format(name="Good"))
    write(tmp_path / "b.py", TYPE.format(name="Named") + f"ALIASES = {names}\n")
    types, log = load(tmp_path)
    assert types == ["mine::Good"]
    assert "b is left out" in log or "b cannot be loaded" in log


def test_who_asks_is_told_which_plugins_were_left_out_and_why(tmp_path):
    for name, text in BROKEN.items():
        write(tmp_path / f"{name}.py", text)
    package(tmp_path / "packages", "lab_broken", "raise SystemExit(1)", "lab_broken")
    told = PROGRAM.replace("[types, log.getvalue()]", "[types, json.dumps(ResourceFactory.broken())]")
    broken = json.loads(load(tmp_path, python_path=(tmp_path / "packages",), program=told)[1])
    assert broken["nepi_core.resources.raises"] == "ZeroDivisionError: division by zero"
    assert broken["nepi_core.resources.is_no_python"].startswith("SyntaxError: ")
    assert broken["lab_broken"] == "SystemExit: 1"
    assert {"nepi_core.resources." + name for name in BROKEN} < set(broken)


def test_errors_are_logged_by_topic():
    assert plugins.logger is logging.getLogger("nepi.plugins")
    assert issubclass(NepiError, Exception)
