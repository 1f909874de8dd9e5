from __future__ import annotations

import pytest

from nepi_gui.cli import main
from nepi_gui.exit_status import ExitStatus


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what the program says when it refuses its arguments."""
    assert main(arguments) == ExitStatus.WRONG
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err
    return told.err


def test_without_a_screen_it_says_so(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert "no screen" in refused(capsys)
    assert "no screen" in refused(capsys, "some.xml")


def test_help_has_groups_and_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == ExitStatus.DONE
    told = capsys.readouterr().out
    assert "options of --run: its end" in told
    assert "nepi-gui --run examples/ping-localhost.xml" in told
    assert all(len(line) <= 100 for line in told.splitlines())


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == ExitStatus.DONE
    assert capsys.readouterr().out.startswith("nepi-gui ")


@pytest.mark.usefixtures("qapp")  # which opening a window would make, and which stays
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--run", "a.xml", "--clean"], "two things to do"),
        (["--types", "linux::Ping", "--validate", "a.xml"], "two things to do"),
        (["--validate", "a.xml", "--json"], "--json belongs to --run"),
        (["--clean", "--dialect", "nepi6"], "--dialect belongs to"),
        (["--set", "1.a=2"], "--set belongs to --run"),
        (["--doctor", "--clean"], "--doctor and --clean are two things to do"),
        (["--doctor", "--dry-run"], "--dry-run belongs to --run."),
        (["--clean", "--json"], "--json belongs to --run, --check or --doctor."),
        (
            ["--doctor", "--local-dir", "x"],
            "--local-dir belongs to --run, --shell, --attach, --check, --import-run or --clean.",
        ),
        (["--run", "a.xml", "--seed", "0"], "--seed belongs to --topology."),
        (["--run", "a.xml", "--", "ls", "-l"], "A command after -- belongs to --shell."),
        (["--shell", "a.xml"], "expected 2 arguments"),
        (["--shell", "no-such-file.xml", "h1", "--", "ls"], "no-such-file.xml"),
        (["--run", "no-such-file.xml", "--dry-run"], "no-such-file.xml"),
        (["--topology"], "expected one argument"),
        (["--topology", "ring", "--run", "a.xml"], "two things to do"),
        (["--run", "a.xml", "b.xml"], "one argument too many"),
        (["--run", "a.xml", "--run", "b.xml"], "--run can be said once only"),
        (["--validate", "a.xml", "--validate", "b.xml"], "--validate can be said once only"),
        (["--types", "--types", "linux::Ping"], "--types can be said once only"),
        (["--clean", "--local-dir", "no-such-folder"], "no-such-folder"),
        (["--run"], "expected one argument"),
        (["--run", "a.xml", "--duratoin", "3s"], "Did you mean '--duration'?"),
        (["--run", "a.xml", "--duration", "2 minutes"], "--duration: '2 minutes' is no delay"),
        (["--run", "a.xml", "--timeout", "-3s"], "--timeout"),
        (["--run", "a.xml", "--dialect", "nepi5"], "invalid choice"),
        (["--run", "a.xml", "--set", "count=3"], "TARGET.attribute=value"),
        (["--run", "a.xml", "--set", "1.count"], "TARGET.attribute=value"),
        (["--run", "no-such-file.xml"], "no-such-file.xml"),
        (["--validate", "no-such-file.xml"], "no-such-file.xml"),
        (["--plot", "a.gif", "a.xml"], "must end in .svg, .png, .dot"),
        (["--plot", "a.svg", "no-such-file.xml"], "no-such-file.xml"),
        (["--types", "linux::Nodee"], "Did you mean 'linux::Node'?"),
        (["--types", "ping"], "Did you mean 'linux::Ping'?"),
        (["--types", "LINUX::PING"], "Did you mean 'linux::Ping'?"),
        (["a.xml"], "a.xml: cannot be read"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert said in refused(capsys, *arguments)


@pytest.mark.usefixtures("types")
def test_types_are_listed_by_backend_with_one_line_of_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--types"]) == ExitStatus.DONE
    told = capsys.readouterr().out.splitlines()
    assert "linux" in told
    listed = told[told.index("test") + 1 :]
    assert [line.split(maxsplit=1) for line in listed[:2]] == [
        ["test::Server", "Goes on until it is stopped, and keeps a program running meanwhile."],
        ["test::Worker", "Does something for a while, and then ends."],
    ]
    assert "second paragraph" not in "".join(told)


@pytest.mark.usefixtures("types")
def test_a_type_is_described_with_attributes_and_traces(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--types", "test::Worker"]) == ExitStatus.DONE
    told = capsys.readouterr().out
    assert "takes a number from 0 to 1,000 in s; default 0.0; flags Design" in told
    assert "takes one of fast, slow; default fast" in told
    assert "series value in ms" in told
