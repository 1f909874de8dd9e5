"""Programs that are installed or not, told by real files."""

from __future__ import annotations

from pathlib import Path

import pytest

from nepi_core.backend import Check
from nepi_core.hosts.installed import examine_program


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on PATH for programs."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


def install(folder: Path, script: str) -> str:
    path = folder / "wanted"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("ping from iputils 20221126", "20221126"),
        ("Modern traceroute for Linux, version 2.1.2", "2.1.2"),
        ("iperf 3.12 (cJSON 1.7.15)", "3.12"),
        ("ip utility, iproute2-6.1.0, libbpf 1.1.2", "6.1.0"),
        ("OpenSSH_9.2p1 Debian-2+deb12u6, OpenSSL 3.0.19", "9.2p1"),
        ("slirp4netns version 1.2.0", "1.2.0"),
        ("BusyBox v1.36.1 (Debian)", "1.36.1"),
        ("pasta 0.0~git20230309.7c7625d-1", "0.0~git20230309.7c7625d"),
    ],
)
@pytest.mark.parametrize("how", ["echo '{}'", "echo '{}' >&2; exit 1", "[ $1 = -V ] && echo '{}'"])
def test_a_version_is_found_in_what_a_program_says(folder: Path, said: str, version: str, how: str) -> None:
    install(folder, how.format(said))
    assert examine_program("wanted", "wanted-tools", ask="-V") == Check("wanted", True, version)


@pytest.mark.parametrize("script", ["", "echo none here", "kill -9 $$", "printf '\\377\\n'"])
def test_a_program_that_tells_no_version_is_told_by_its_path(folder: Path, script: str) -> None:
    path = install(folder, script)
    assert examine_program("wanted", "wanted-tools") == Check("wanted", True, path)


def test_a_program_that_cannot_be_run_is_told_by_its_path(folder: Path) -> None:
    path = install(folder, "")
    Path(path).write_text("#!/no/such/interpreter\n")
    assert examine_program("wanted", "wanted-tools").found == path


def test_what_is_missing_tells_its_package(folder: Path) -> None:
    expected = Check("wanted", False, "not installed", "apt-get install wanted-tools", True, "fun")
    assert examine_program("wanted", "wanted-tools", optional=True, purpose="fun") == expected
