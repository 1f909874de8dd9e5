"""The end of a run in the terminal: outcome, what failed, what was measured, where the results are."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from nepi_core.states import ResourceState
from nepi_gui.number_text import number_text
from nepi_gui.run_result import ResourceResult, RunResult, SeriesResult, names_in_words
from nepi_gui.terminal import printable, show

if TYPE_CHECKING:
    from rich.table import Table

_MOST_FAILED = 10
_MOST_SERIES = 40

_STYLES = {"done": "bold green", "failed": "bold red", "interrupted": "bold yellow"}


def print_summary(result: RunResult, stream: TextIO) -> None:
    """Write the summary of a run."""
    from rich.text import Text

    head = Text(f"{printable(result.exp_id)}: ").append(result.outcome, style=_STYLES[result.outcome])
    show(head.append(f" after {_seconds(result.duration)}"), stream)
    for line in _problems(result):
        show(Text(printable(line)), stream)
    if result.series:
        show(_series_table(result), stream)
    stream.write(f"Results  {printable(str(result.folder))}\n")
    if result.report:
        stream.write(f"Report   {printable(str(result.report))}\n")
    stream.flush()


def _problems(result: RunResult) -> list[str]:
    lines = [f"  {result.problem}"] if result.problem else []
    # Those whose failure ended the run first, each in the order of time.
    failed = sorted(result.failed, key=lambda each: not each.critical)
    for each in failed[:_MOST_FAILED]:
        critical = "" if each.critical else " (not critical)"
        lines.append(f"  {each.name} FAILED{critical}: " + each.cause.strip().replace("\n", "\n    "))
    if len(failed) > _MOST_FAILED:
        lines.append(f"  ... and {len(failed) - _MOST_FAILED} more FAILED")
    if result.outcome == "done" and (idle := [each for each in result.resources if _never_started(each)]):
        lines.append(f"  Never started: {names_in_words(idle)}")
    return lines


def _never_started(each: ResourceResult) -> bool:
    return each.state < ResourceState.FAILED and ResourceState.STARTED not in each.times


def _series_table(result: RunResult) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("  resource", no_wrap=True, overflow="ellipsis", ratio=None)
    table.add_column("series", no_wrap=True, overflow="ellipsis")
    for name in ("count", "mean", "min", "max", "last"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    names = {each.guid: each.name for each in result.resources}
    for each in result.series[:_MOST_SERIES]:
        table.add_row(Text(f"  {printable(names.get(each.guid, str(each.guid)))}"), *_cells(each))
    if len(result.series) > _MOST_SERIES:
        table.add_row(Text(f"  ... and {len(result.series) - _MOST_SERIES} more", style="dim"))
    return table


def _cells(each: SeriesResult) -> list[str]:
    numbers = (each.mean, each.minimum, each.maximum, each.last)
    return [printable(each.series), str(each.count), *map(number_text, numbers), printable(each.unit)]


def _seconds(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.2f} s"
    return f"{int(seconds // 60)} min {seconds % 60:.1f} s"
