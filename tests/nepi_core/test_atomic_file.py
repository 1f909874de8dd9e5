"""A file is the old one or the new one, and nothing is left beside it."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys

import pytest

from nepi_core.atomic_file import write_atomically


def names(folder):
    return sorted(each.name for each in folder.iterdir())


def test_new_file(tmp_path):
    write_atomically(tmp_path / "a", b"data")
    assert (tmp_path / "a").read_bytes() == b"data"
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o666 & ~umask
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755, 0o444])
def test_mode_is_kept(tmp_path, mode):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(mode)
    write_atomically(str(path), b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_link_stays_a_link(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_longest_name(tmp_path):
    write_atomically(tmp_path / ("x" * 255), b"data")
    assert (tmp_path / ("x" * 255)).read_bytes() == b"data"


@pytest.mark.parametrize("step", ["fsync", "fchmod"])
def test_error_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, step):
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="No space left on device") as caught:
        write_atomically(path, b"new")
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_interrupt_leaves_nothing_either(tmp_path, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a", b"new")
    assert names(tmp_path) == []


def test_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        write_atomically(tmp_path / "gone" / "a", b"new")
    assert caught.value.filename == str(tmp_path / "gone" / "a")


def test_what_is_no_file_is_not_replaced(tmp_path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for name in ("folder", "pipe"):
        with pytest.raises(FileExistsError, match="is no file"):
            write_atomically(tmp_path / name, b"new")
    with pytest.raises(OSError, match="symbolic links"):
        write_atomically(tmp_path / "loop", b"new")
    assert names(tmp_path) == ["folder", "loop", "pipe"]


WRITER = """
import sys
from nepi_core.atomic_file import write_atomically
print("ready", flush=True)
while True:
    for letter in (b"a", b"b"):
        write_atomically(sys.argv[1], letter * 1_000_000)
"""


def test_killed_writer_leaves_a_whole_file(tmp_path):
    path = tmp_path / "file"
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            seen: set[bytes] = set()
            while len(seen) < 2:
                if path.exists():
                    data = path.read_bytes()
                    seen.add(data[:1])
                    assert len(data) == 1_000_000
                    assert len(set(data)) == 1
            process.send_signal(signal.SIGKILL)
        assert len(set(path.read_bytes())) == 1
        assert len(path.read_bytes()) == 1_000_000
