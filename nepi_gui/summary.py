"""The end of a run in the terminal: outcome, what failed, what was measured, where the results are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

from nepi_core.lab import is_check
from nepi_core.states import ResourceState
from nepi_gui.number_text import number_text
from nepi_gui.run_result import ResourceResult, RunResult, SeriesResult, names_in_words
from nepi_gui.terminal import printable, short_name, show, table_width

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

_MOST_FAILED = 10
_MOST_SERIES = 40
_MOST_CHECKS = 100
_LONGEST_SERIES = 20
_HEAD = ("series", "count", "mean", "min", "max", "last", "unit")

_STYLES = {"done": "bold green", "failed": "bold red", "interrupted": "bold yellow"}


def print_summary(result: RunResult, stream: TextIO) -> None:
    """Write the summary of a run."""
    from rich.text import Text

    head = Text(f"{printable(result.exp_id)}: ").append(result.outcome, style=_STYLES[result.outcome])
    show(head.append(f" after {_seconds(result.duration)}"), stream)
    for line in _problems(result):
        show(Text(printable(line)), stream)
    for told in _checks(result):
        show(told, stream)
    if result.series:
        show(_series_table(result, stream), stream)
    stream.write(f"Results  {printable(str(result.folder))}\n")
    if result.report:
        stream.write(f"Report   {printable(str(result.report))}\n")
    stream.flush()


def _problems(result: RunResult) -> list[str]:
    lines = [f"  {result.problem}"] if result.problem else []
    # Those whose failure ended the run first, each in the order of time.
    failed = [each for each in result.failed if each.critical or not is_check(each.rtype)]  # others are told as checks
    failed.sort(key=lambda each: not each.critical)
    for each in failed[:_MOST_FAILED]:
        critical = "" if each.critical else " (not critical)"
        lines.append(f"  {each.name} FAILED{critical}: " + each.cause.strip().replace("\n", "\n    "))
    if len(failed) > _MOST_FAILED:
        lines.append(f"  ... and {len(failed) - _MOST_FAILED} more FAILED")
    if result.outcome == "done" and (idle := [each for each in result.resources if _never_started(each)]):
        lines.append(f"  Never started: {names_in_words(idle)}")
    return lines


def _checks(result: RunResult) -> Iterator[Text]:
    """Yield the tally of the checks and their sentences, those that have not passed first."""
    from rich.text import Text

    checks = sorted(result.checks, key=lambda each: bool(each.passed))
    if not checks:
        return
    passed = sum(bool(each.passed) for each in checks)
    style = _STYLES["done" if passed == len(checks) else "failed"]
    yield Text(f"Checks: {passed} of {len(checks)} passed", style=style)
    for each in checks[:_MOST_CHECKS]:
        mark, style = ("passed    ", "green") if each.passed else ("NOT PASSED", "red")
        yield Text("  ").append(mark, style=style).append(printable(f"  {each.name}: {each.sentence}"))
    if len(checks) > _MOST_CHECKS:
        yield Text(f"  and {len(checks) - _MOST_CHECKS} more")


def _never_started(each: ResourceResult) -> bool:
    return each.state < ResourceState.FAILED and ResourceState.STARTED not in each.times


def _series_table(result: RunResult, stream: TextIO) -> Table:
    """Return the table of what was measured; names give way to the width of the terminal, numbers do not."""
    from rich.table import Table
    from rich.text import Text

    worth_telling = _worth_telling(result.series)
    shown = worth_telling[:_MOST_SERIES]
    cells = [_cells(each) for each in shown]
    room = table_width(stream) - sum(max(map(len, column)) + 2 for column in zip(_HEAD, *cells, strict=True)) - 2
    names = {each.guid: short_name(each.name, each.label, each.guid, max(12, room)) for each in result.resources}
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("  resource", no_wrap=True)
    for title in _HEAD:
        table.add_column(title, justify="left" if title in ("series", "unit") else "right", no_wrap=True)
    for each, row in zip(shown, cells, strict=True):
        table.add_row(f"  {names.get(each.guid, each.guid)}", *row)
    if len(worth_telling) > len(shown):
        table.add_row(Text(f"  and {len(worth_telling) - len(shown)} more", style="dim"))
    return table


def _worth_telling(series: list[SeriesResult]) -> list[SeriesResult]:
    """Leave out the empty series of a resource that has others: they are of what it was not asked to measure."""
    measuring = {each.guid for each in series if each.count}
    return [each for each in series if each.count or each.guid not in measuring]


def _cells(each: SeriesResult) -> list[str]:
    numbers = (each.mean, each.minimum, each.maximum, each.last)
    series = short_name(each.series, "", 0, _LONGEST_SERIES)
    return [series, str(each.count), *map(number_text, numbers), printable(each.unit)]


def _seconds(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.2f} s"
    return f"{int(seconds // 60)} min {seconds % 60:.1f} s"
