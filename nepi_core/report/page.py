"""Writes the page: gathers what a run folder holds, draws the figures, fills the template."""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from nepi_core.atomic_file import write_atomically
from nepi_core.errors import RunStoreError
from nepi_core.report.contents import Contents, ResourceLine, read_contents, trace_files
from nepi_core.report.figures import Plot, SeriesOfRun
from nepi_core.report.samples import ReportReader
from nepi_core.report.timeline import MOST_ROWS_OF_TYPE, make_timeline
from nepi_core.report.words import clean, duration, is_number, moment, number, shortened
from nepi_core.runs.store import LogEntry
from nepi_core.times import now

REPORT_NAME = "report.html"

# What is shown of each kind before the page says how many more there are.
_MOST_FAILURES = 12
_MOST_FIGURES = 40
_MOST_HIDDEN = 3_000
_MOST_CONDITIONS = 12
_MOST_WARNINGS = 100
_MOST_LOG_LINES = 200
_MOST_TRACES = 40
_MOST_OF_MESSAGE = 4_000

# The width of the page in inches, of 96 pixels each.
_PAGE_INCHES = 9.7

_OPEN_FOR_PRINT = 'addEventListener("beforeprint",()=>document.querySelectorAll("details").forEach(d=>d.open=true))'

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class _Part:
    """Some of a list: what is shown at once, what is folded away, and how many are left out."""

    shown: Sequence[Any]
    folded: Sequence[Any]
    left_out: int


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A plot with its words."""

    title: str
    subtitle: str
    picture: Markup
    thinned: bool


def write_report(run_folder: Path) -> Path:
    """Write ``report.html`` into the folder of a run, and return its path.

    What the folder lacks, or what is damaged in it, is said in the page, which shows everything else.

    Raises:
        RunStoreError: there is no such folder, or the page cannot be written.
    """
    if not run_folder.is_dir():
        raise RunStoreError(f"There is no run to report on: {run_folder} is no folder.")
    path = run_folder / REPORT_NAME
    page = _page(run_folder)
    try:
        write_atomically(path, page.encode("utf-8", "replace"))
    except OSError as error:
        raise RunStoreError(f"The report {path} cannot be written: {error.strerror}.") from error
    return path


def _page(folder: Path) -> str:
    with closing(ReportReader(folder)) as reader:
        contents = read_contents(reader)
        values = _values(reader, contents)
        notices = [*reader.notices, *contents.notices]
    template = _environment(contents).get_template("report.html.jinja")
    page = template.render(values, notices=notices, script=Markup(_OPEN_FOR_PRINT), script_hash=_hash(_OPEN_FOR_PRINT))
    return page.lstrip()


def _environment(contents: Contents) -> Environment:
    loader = PackageLoader("nepi_core", "report")
    made = Environment(
        loader=loader, autoescape=True, finalize=clean, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["owner"] = lambda guids: _owner(contents, guids)
    made.filters |= {"moment": moment, "duration": duration, "number": number, "name": contents.name}
    made.filters["since"] = lambda time: duration(max(0.0, time - contents.began)) if is_number(time) else ""
    made.filters["level"] = logging.getLevelName
    return made


def _values(reader: ReportReader, contents: Contents) -> dict[str, Any]:
    series = SeriesOfRun(reader, contents.rtypes, contents.began)
    figures = series.figures()
    plots, plots_left_out = series.plots()
    log = reader.log()
    return {
        "contents": contents,
        "written": now(),
        "failures": _part(contents.failures, _MOST_FAILURES),
        "combined": series.combined() if len(figures) > _MOST_FIGURES else [],
        "idle": _part(series.idle(), _MOST_FIGURES),
        "figures": figures[:_MOST_HIDDEN],
        "figures_left_out": max(0, len(figures) - _MOST_HIDDEN),
        "sample_count": sum(line.count for line in figures),
        "plots": [_drawing(contents, plot, place) for place, plot in enumerate(plots)],
        "plots_left_out": plots_left_out,
        "topology": _topology(contents),
        "timeline": make_timeline(contents.changes, contents.rtypes, contents.began, contents.ended),
        "most_rows": MOST_ROWS_OF_TYPE,
        "resources": _by_type(contents.resources()),
        "conditions": _part(contents.conditions(), _MOST_CONDITIONS),
        "warnings": _part(_shortened(entry for entry in log if _level(entry) >= logging.WARNING), _MOST_WARNINGS),
        "log": _shortened(log[-_MOST_LOG_LINES:]),
        "log_count": len(log),
        "traces": _part(trace_files(reader, contents.rtypes), _MOST_TRACES),
        "environment": reader.environment(),
    }


def _part(items: Sequence[_Item], most: int) -> _Part:
    return _Part(items[:most], items[most:_MOST_HIDDEN], max(0, len(items) - _MOST_HIDDEN))


def _by_type(lines: Iterable[ResourceLine]) -> dict[str, _Part]:
    types: dict[str, list[ResourceLine]] = {}
    for line in lines:
        types.setdefault(line.rtype, []).append(line)
    return {rtype: _part(types[rtype], _MOST_HIDDEN) for rtype in sorted(types)}


def _level(entry: LogEntry) -> float:
    return entry.level if is_number(entry.level) else 0


def _shortened(log: Iterable[LogEntry]) -> list[LogEntry]:
    return [entry._replace(message=shortened(entry.message, _MOST_OF_MESSAGE)) for entry in log]


def _drawing(contents: Contents, plot: Plot, place: int) -> _Drawing:
    from nepi_core.report.charts import draw_plot
    from nepi_core.report.inline_svg import inline_svg

    names = ", ".join(curve.name for curve in plot.curves)
    owner = _owner(contents, plot.guids)
    thinned = any(curve.low is not None for curve in plot.curves)
    words = str(clean(f"{names} of {owner} over time"))
    picture = inline_svg(draw_plot(plot), f"p{place}", words)
    return _Drawing(names, f"{owner} · {plot.trace} · {plot.samples:,} samples", picture, thinned)


def _owner(contents: Contents, guids: Sequence[int]) -> str:
    """Return what one resource is called, or all of a type together."""
    return contents.name(guids[0]) if len(guids) == 1 else f"all {len(guids)} {contents.rtypes.get(guids[0], '')}"


def _topology(contents: Contents) -> Markup | None:
    from nepi_core.plot.figure import draw
    from nepi_core.plot.picture import make_picture
    from nepi_core.report.inline_svg import inline_svg

    picture = make_picture(contents.description, [failure.guid for failure in contents.failures])
    if not picture.marks:
        return None
    picture.title = ""  # the page has it
    return inline_svg(draw(picture, _PAGE_INCHES), "t", "The resources of the experiment and how they are connected")


def _hash(script: str) -> str:
    """Return what the page's policy calls its one script, so that no other text in it is ever run."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
