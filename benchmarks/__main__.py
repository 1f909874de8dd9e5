"""Runs a benchmark by name: ``python -m benchmarks engine``; ``--write`` puts its table into docs/performance.md."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from pathlib import Path

import benchmarks
from benchmarks.table import Table, machine

_PAGE = Path(__file__).parents[1] / "docs" / "performance.md"


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=_names(), help="the benchmark")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions and no large sizes")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    arguments = parser.parse_args()
    table: Table = importlib.import_module(f"benchmarks.{arguments.name}").run(arguments.quick)
    text = f"{table.markdown()}\n\n{machine()}\n"
    print(text)
    if arguments.write:
        _write(arguments.name, text)


def _names() -> list[str]:
    """Return the modules that have a ``run``: those that are not machinery."""
    machinery = {"table", "peers", "timing"}
    names = {each.name for each in pkgutil.iter_modules(benchmarks.__path__)} - machinery
    return sorted(name for name in names if "_" not in name)  # the others are parts of a benchmark


def _write(name: str, text: str) -> None:
    """Replace what stands between the marks of a benchmark in the page."""
    page = _PAGE.read_text(encoding="utf-8")
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    before, _, rest = page.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit(f"{_PAGE} has no marks {begin} and {end}.")
    _PAGE.write_text(f"{before}{begin}\n{text}{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
