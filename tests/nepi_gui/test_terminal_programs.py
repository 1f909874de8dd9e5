"""Which terminal program is used, and how each is told its title and command."""

from __future__ import annotations

from pathlib import Path

import pytest

from nepi_core.errors import NepiError
from nepi_gui.terminal_programs import terminal_command

COMMAND = ["nepi-gui", "--shell", "a run", "3"]


@pytest.fixture
def programs(tmp_path: Path) -> dict[str, str]:
    """Return an environment without any terminal program."""
    (tmp_path / "bin").mkdir()
    return {"PATH": str(tmp_path / "bin")}


def install(environment: dict[str, str], *names: str) -> None:
    for name in names:
        path = Path(environment["PATH"], name)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)


@pytest.mark.parametrize(
    ("name", "before"),
    [
        ("x-terminal-emulator", "-T|h1|-e"),
        ("gnome-terminal", "--title|h1|--"),
        ("konsole", "-p|tabtitle=h1|-e"),
        ("xfce4-terminal", "--title|h1|-x"),
        ("xterm", "-T|h1|-e"),
        ("kitty", "--title|h1"),
    ],
)
def test_each_program_is_asked_in_its_own_way(programs: dict[str, str], name: str, before: str) -> None:
    install(programs, name)
    assert terminal_command("h1", COMMAND, "", programs) == [name, *before.split("|"), *COMMAND]


def test_some_take_one_text(programs: dict[str, str]) -> None:
    install(programs, "tilix")
    assert terminal_command("h1", COMMAND, "", programs)[-2:] == ["-e", "nepi-gui --shell 'a run' 3"]


def test_settings_come_before_the_environment_and_that_before_what_is_found(programs: dict[str, str]) -> None:
    install(programs, "xterm", "mine")
    assert terminal_command("h1", COMMAND, "", programs)[0] == "xterm"
    install(programs, "foot")
    environment = {**programs, "TERMINAL": "foot"}
    assert terminal_command("h1", COMMAND, "", environment)[:3] == ["foot", "--title", "h1"]
    assert terminal_command("h1", COMMAND, "mine --big", environment) == ["mine", "--big", "-e", *COMMAND]
    assert terminal_command("h1", COMMAND, "mine --run --", environment) == ["mine", "--run", "--", *COMMAND]
    assert terminal_command("h1", COMMAND, "", {**programs, "TERMINAL": "gone"})[0] == "foot"


def test_what_debian_has_chosen_is_asked_in_its_way(programs: dict[str, str]) -> None:
    install(programs, "konsole", "gnome-terminal.wrapper")
    general = Path(programs["PATH"], "x-terminal-emulator")
    general.symlink_to("konsole")
    assert terminal_command("h1", COMMAND, "", programs)[1] == "-p"
    general.unlink()
    general.symlink_to("gnome-terminal.wrapper")
    assert terminal_command("h1", COMMAND, "", programs)[1] == "-T"


def test_what_is_missing_is_told(programs: dict[str, str]) -> None:
    with pytest.raises(NepiError, match="Install one, such as xterm"):
        terminal_command("h1", COMMAND, "", programs)
    with pytest.raises(NepiError, match="no terminal program 'mine', which is in the settings"):
        terminal_command("h1", COMMAND, "mine", programs)
    with pytest.raises(NepiError, match="is no terminal program: No closing quotation"):
        terminal_command("h1", COMMAND, "mine '", programs)
