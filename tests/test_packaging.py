"""What `pip install` gets: two packages, with resource types, icons and examples inside, and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("nepi_core", "nepi_gui", "resources", "icons", "examples")


def build(source, target, destination):
    """Build the project and return the one file that came out."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(destination)]
    subprocess.run(command, cwd=source, check=True, capture_output=True, text=True)
    (built,) = destination.iterdir()
    return built


def contents(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def expected_files():
    """Return where each file of the checkout belongs in an installation."""
    moved = {"resources": "nepi_core/resources", "icons": "nepi_gui/icons", "examples": "nepi_gui/examples"}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and path.suffix in {".py", ".svg", ".typed", ".j2", ".html", ".xml"}:
                yield f"{moved.get(package, package)}/{path.relative_to(ROOT / package)}"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


def test_wheel_has_two_packages_and_all_files(wheel):
    files = contents(wheel)
    assert {name.split("/")[0] for name in files if ".dist-info/" not in name} == {"nepi_core", "nepi_gui"}
    assert set(expected_files()) <= files


def test_source_distribution_makes_the_same_wheel(wheel, tmp_path):
    sdist = build(ROOT, "sdist", tmp_path / "sdist")
    # Not tarfile: Python 3.11.2 does not know the filter without which 3.12 warns.
    subprocess.run(["tar", "-xzf", str(sdist), "-C", str(tmp_path)], check=True)
    unpacked = tmp_path / sdist.name.removesuffix(".tar.gz")
    assert {"LICENSE", "README.md", "pyproject.toml"} <= {path.name for path in unpacked.iterdir()}
    assert contents(build(unpacked, "wheel", tmp_path / "wheel")) == contents(wheel)


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A fresh virtual environment with the wheel in it; other packages are those of the present environment."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=False, symlinks=True)
    site_packages = sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)})
    command = [sys.executable, "-m", "pip", "--python", str(folder / "bin/python"), "install", "--quiet"]
    subprocess.run([*command, "--no-deps", "--no-index", str(wheel)], check=True, capture_output=True, text=True)
    # A line that names a folder puts it on the path, but not the .pth files in it: the editable install stays unseen.
    Path(site_packages, "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def run_installed(installed, *arguments):
    """Run something of the fresh environment far from the checkout and return what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "NEPI"))}
    command = [str(installed / "bin" / arguments[0]), *arguments[1:]]
    ran = subprocess.run(command, cwd=installed, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_installed_packages_are_found_inside_the_environment(installed):
    code = "import nepi_core.resources.linux, nepi_gui; print(nepi_core.resources.linux.__file__, nepi_gui.__file__)"
    for path in run_installed(installed, "python", "-c", code).split():
        assert Path(path).is_relative_to(installed)


def test_installed_icons_are_found(installed):
    code = "from importlib.resources import files; print(files('nepi_gui') / 'icons' / 'nepi-gui.svg')"
    assert Path(run_installed(installed, "python", "-c", code).strip()).is_file()


def test_installed_examples_are_found(installed):
    code = "from nepi_gui.examples import examples; print(*(each.path for each in examples() if each.story))"
    paths = [Path(each) for each in run_installed(installed, "python", "-c", code).split()]
    assert {path.name for path in paths} == {path.name for path in (ROOT / "examples").glob("*.xml")}
    assert all(path.is_relative_to(installed) for path in paths)


def test_nothing_else_is_importable(installed):
    names = ("resources", "icons", "examples", "tests")
    code = f"from importlib.util import find_spec; print([find_spec(name) for name in {names}])"
    assert run_installed(installed, "python", "-c", code) == "[None, None, None, None]\n"


def test_installed_command_runs(installed):
    assert run_installed(installed, "nepi-gui", "--version").strip()


def test_folder_named_resources_beside_an_installation_is_not_ours(installed, tmp_path):
    copy = tmp_path / "site"
    shutil.copytree(ROOT / "nepi_core", copy / "nepi_core", ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "resources").mkdir()
    code = f"import sys; sys.path.insert(0, {str(copy)!r}); import nepi_core.resources as r; print(*r.__path__)"
    assert run_installed(installed, "python", "-c", code).split() == [str(copy / "nepi_core" / "resources")]


def test_search_path_adds_folders(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"plugin_{name}.py").touch()
    code = "import nepi_core.resources.plugin_one, nepi_core.resources.plugin_two, nepi_core.resources.linux"
    environment = {**os.environ, "NEPI_SEARCH_PATH": f"{tmp_path / 'one'}{os.pathsep}{tmp_path / 'two'}"}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)
