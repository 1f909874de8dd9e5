from __future__ import annotations

import io
import logging

import pytest
from rich.table import Table

from nepi_gui.number_text import number_text, number_with_unit
from nepi_gui.terminal import Terminal, TerminalLog, printable, short_name, show


def test_control_characters_become_visible() -> None:
    assert printable("a\x1b[31mb\tc\nd\x9be") == "a\\x1b[31mb\tc\nd\\x9be"


def test_short_names_keep_beginning_and_end() -> None:
    assert short_name("linux::Ping 3", "", 3, 20) == "linux::Ping 3"
    assert short_name("linux::Ping 3 (the client)", "the client", 3, 20) == "3 the client"
    short = short_name("linux::Iperf3Server 31", "", 31, 12)
    assert len(short) == 12
    assert short.endswith("31")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.043123, "0.04312"),
        (0, "0"),
        (1250, "1,250"),
        (94_130_000_000, "94.13 G"),
        (float("nan"), "-"),
        (-2e6, "-2 M"),
    ],
)
def test_numbers_as_people_read_them(number: float, text: str) -> None:
    assert number_text(number) == text


def test_prefix_and_unit_stand_together() -> None:
    assert number_with_unit(9.4e10, "bit/s") == "94 Gbit/s"
    assert number_with_unit(3.5, "ms") == "3.5 ms"
    assert number_with_unit(3.5, "") == "3.5"


def test_log_shows_each_warning_once_and_not_without_end(capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("nepi.test")
    with TerminalLog(Terminal()):
        logger.info("not shown")
        for number in range(200):
            logger.warning("number %d", number)
    logger.debug("gone")
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "warning: number 0"
    assert "log of the run" in told[-1]
    assert len(told) < 110


def test_quiet_shows_errors_only(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(quiet=True)
    with TerminalLog(terminal):
        logging.getLogger("nepi.test").warning("no")
    terminal.note("no")
    terminal.event("no")
    terminal.error("yes")
    assert capsys.readouterr().err == "nepi-gui: yes\n"


def test_a_terminal_that_is_gone_is_no_reason_to_fail() -> None:
    terminal = Terminal()

    def gone(line: str) -> None:
        raise BrokenPipeError

    terminal.sink = gone
    terminal.event("nobody reads this")


def test_tables_in_files_are_not_folded_and_hold_no_markup() -> None:
    table = Table(box=None, show_header=False)
    table.add_row("[red]name[/red]", "word " * 100)
    stream = io.StringIO()
    show(table, stream)
    (line,) = stream.getvalue().splitlines()
    assert "[red]name[/red]" in line
    assert line == line.rstrip()
