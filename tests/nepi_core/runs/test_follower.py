"""Following real files that real programs write, bend and break."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nepi_core.runs import follower as follower_module
from nepi_core.runs.follower import TraceFollower
from nepi_core.series import CsvParser, RegexParser, Sample

NUMBER = RegexParser(r"(?P<number>-?\d+)")
LONG = 20.0


class Gathered:
    """Samples and notices that arrived, and waiting for them."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self.notices: list[tuple[int, str, str]] = []
        self._changed = threading.Condition()

    def sink(self, samples: list[Sample]) -> None:
        with self._changed:
            self.samples += samples
            self._changed.notify_all()

    def notice(self, guid: int, trace: str, message: str) -> None:
        with self._changed:
            self.notices.append((guid, trace, message))
            self._changed.notify_all()

    def wait(self, condition: Callable[[], object]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, LONG), (self.samples[-5:], self.notices)

    def values(self, guid: int = 1) -> list[float]:
        return [sample.value for sample in self.samples if sample.guid == guid]


@pytest.fixture
def gathered() -> Gathered:
    return Gathered()


@pytest.fixture
def follower(gathered: Gathered) -> Iterator[TraceFollower]:
    follower = TraceFollower(gathered.notice)
    yield follower
    follower.stop()


def run(script: str, *arguments: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-c", script, *map(str, arguments)], check=True)


def test_lines_arrive_while_a_program_writes(follower: TraceFollower, gathered: Gathered, tmp_path: Path) -> None:
    path = tmp_path / "stdout"
    follower.follow(path, 7, "stdout", NUMBER, gathered.sink)
    with (
        path.open("wb") as out,
        subprocess.Popen(["sh", "-c", "while read n; do echo $n; done"], stdin=subprocess.PIPE, stdout=out) as program,
    ):
        assert program.stdin
        for number in range(5):
            program.stdin.write(b"%d\n" % number)
            program.stdin.flush()
            gathered.wait(lambda: len(gathered.samples) > number)  # noqa: B023 - called before the number changes
        program.stdin.close()
    times = [sample.time for sample in gathered.samples]
    assert times == sorted(times)
    assert [sample[1:] for sample in gathered.samples] == [(7, "stdout", "number", float(n)) for n in range(5)]


def test_finish_reads_all_and_a_last_line_without_end(
    follower: TraceFollower, gathered: Gathered, tmp_path: Path
) -> None:
    path = tmp_path / "stdout"
    follower.follow(path, 1, "stdout", NUMBER, gathered.sink)
    run("import sys; open(sys.argv[1], 'w').write('\\n'.join(map(str, range(30_000))))", path)
    follower.finish(path)
    assert gathered.values() == list(range(30_000))
    path.write_text("1\n" * 40_000)
    follower.finish(path)
    assert len(gathered.samples) == 30_000


def test_half_a_line_waits_for_its_rest(follower: TraceFollower, gathered: Gathered, tmp_path: Path) -> None:
    path, other = tmp_path / "halves", tmp_path / "other"
    follower.follow(path, 1, "stdout", NUMBER, gathered.sink)
    follower.follow(other, 2, "stdout", NUMBER, gathered.sink)
    with path.open("wb", buffering=0) as out:
        out.write(b"12")
        other.write_text("1\n")
        gathered.wait(lambda: gathered.values(2) == [1])
        out.write(b"34\r\n5")
        gathered.wait(lambda: gathered.values())
        assert gathered.values() == [1234]
    follower.finish(path)
    assert gathered.values() == [1234, 5]


def test_what_was_there_before_is_read(follower: TraceFollower, gathered: Gathered, tmp_path: Path) -> None:
    path = tmp_path / "stdout"
    path.write_text("1\n2\n")
    follower.follow(path, 1, "stdout", NUMBER, gathered.sink)
    gathered.wait(lambda: gathered.values() == [1, 2])


def test_binary_is_survived(follower: TraceFollower, gathered: Gathered, tmp_path: Path) -> None:
    path = tmp_path / "stdout"
    path.write_bytes(b"\xff\xfe\x00 8\n" + bytes(range(256)).replace(b"9", b"") + b"\n9\n")
    follower.follow(path, 1, "stdout", RegexParser(r"(?P<number>[89])$"), gathered.sink)
    gathered.wait(lambda: gathered.values() == [8, 9])
    assert not gathered.notices


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_an_endless_line_ends_its_series_only(
    end: bytes, follower: TraceFollower, gathered: Gathered, tmp_path: Path
) -> None:
    bad, good = tmp_path / "bad", tmp_path / "good"
    follower.follow(bad, 1, "stdout", NUMBER, gathered.sink)
    follower.follow(good, 2, "stdout", NUMBER, gathered.sink)
    bad.write_bytes(b"1\n" + b"x" * 70_000 + end)
    gathered.wait(lambda: gathered.notices)
    with bad.open("ab") as out:
        out.write(b"\n2\n")
    good.write_text("3\n")
    gathered.wait(lambda: gathered.values(2) == [3])
    follower.finish(bad)
    assert gathered.values(1) == [1]
    assert len(gathered.notices) == 1
    assert "a line of more than 64 kB" in gathered.notices[0][2]


def test_a_parser_that_raises_ends_its_series_only(follower: TraceFollower, gathered: Gathered, tmp_path: Path) -> None:
    def parser(line: str) -> list[tuple[str, float]]:
        return [("inverse", 1 / float(line))]

    bad, good = tmp_path / "bad", tmp_path / "good"
    for path, guid in ((bad, 1), (good, 2)):
        follower.follow(path, guid, "stdout", parser, gathered.sink)
    bad.write_text("2\n0\n4\n")
    gathered.wait(lambda: gathered.notices)
    good.write_text("4\n")
    gathered.wait(lambda: gathered.values(2) == [0.25])
    follower.finish(bad)
    assert gathered.values(1) == [0.5]
    assert [notice[:2] for notice in gathered.notices] == [(1, "stdout")]
    assert "ZeroDivisionError" in gathered.notices[0][2]


def test_a_flood_ends_its_series_only(
    follower: TraceFollower, gathered: Gathered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower_module, "_FURTHEST_BEHIND", 2_000_000)
    bad, good = tmp_path / "bad", tmp_path / "good"
    follower.follow(bad, 1, "stdout", NUMBER, gathered.sink)
    follower.follow(good, 2, "stdout", NUMBER, gathered.sink)
    subprocess.run(["sh", "-c", 'yes 1 | head -c 30000000 > "$0"', bad], check=True)
    good.write_text("3\n")
    gathered.wait(lambda: gathered.notices and gathered.values(2))
    assert "grows faster than it can be read" in gathered.notices[0][2]
    assert gathered.values(2) == [3]


def test_what_is_left_at_the_end_is_not_read_for_ever(
    follower: TraceFollower, gathered: Gathered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower_module, "_LONGEST_END", 0)
    path = tmp_path / "stdout"
    subprocess.run(["sh", "-c", 'yes 1 | head -c 30000000 > "$0"', path], check=True)
    follower.follow(path, 1, "stdout", NUMBER, gathered.sink)
    follower.finish(path)
    assert [notice[:2] for notice in gathered.notices] == [(1, "stdout")]
    assert "more than can be read in 0 s" in gathered.notices[0][2]
    assert set(gathered.values()) == {1}


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "utf-8-sig"])
def test_another_encoding_is_survived(
    encoding: str, follower: TraceFollower, gathered: Gathered, tmp_path: Path
) -> None:
    path = tmp_path / "stdout"
    path.write_bytes("naïve 1\nnaïve 2\n".encode(encoding))
    follower.follow(path, 1, "stdout", NUMBER, gathered.sink)
    follower.finish(path)
    assert gathered.values() == ([1, 2])
    assert not gathered.notices


def test_a_file_that_is_cut_off_begins_anew(follower: TraceFollower, gathered: Gathered, tmp_path: Path) -> None:
    path = tmp_path / "stdout"
    follower.follow(path, 1, "stdout", NUMBER, gathered.sink)
    path.write_text("111\n222\n33")
    gathered.wait(lambda: gathered.values() == [111, 222])
    path.write_text("4\n")
    gathered.wait(lambda: gathered.values() == [111, 222, 4])


@pytest.mark.parametrize("how", ["rename", "remove"])
def test_a_file_that_is_replaced_begins_anew(
    how: str, follower: TraceFollower, gathered: Gathered, tmp_path: Path
) -> None:
    path, other = tmp_path / "stdout", tmp_path / "other"
    follower.follow(path, 1, "stdout", CsvParser, gathered.sink)
    path.write_text("a,b\n1,2\n")
    gathered.wait(lambda: gathered.values() == [1, 2])
    if how == "rename":
        other.write_text("c,d\n3,4\n5,6\n")
        other.rename(path)
    else:
        path.unlink()
        path.write_text("c,d\n3,4\n5,6\n")
    gathered.wait(lambda: len(gathered.samples) == 6)
    assert [sample.series for sample in gathered.samples[2:]] == ["c", "d", "c", "d"]


def test_a_parser_may_tell_the_time(follower: TraceFollower, gathered: Gathered, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("time;rtt\n1700000000;2\n")
    follower.follow(path, 1, "table", CsvParser, gathered.sink)
    follower.finish(path)
    assert gathered.samples == [(1700000000.0, 1, "table", "rtt", 2.0)]


def test_following_again_starts_again(follower: TraceFollower, gathered: Gathered, tmp_path: Path) -> None:
    path = tmp_path / "stdout"
    follower.follow(path, 1, "stdout", NUMBER, gathered.sink)
    path.write_text("1\n2")
    follower.follow(path, 1, "stdout", NUMBER, gathered.sink)
    assert gathered.values()[:2] == [1, 2]
    follower.finish(path)
    assert gathered.values() == [1, 2, 1, 2]


def test_stop_finishes_everything_and_leaves_nothing(gathered: Gathered, tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    follower = TraceFollower(gathered.notice)
    for guid in range(1, 51):
        path = tmp_path / str(guid)
        follower.follow(path, guid, "stdout", NUMBER, gathered.sink)
        path.write_text(f"{guid}")
    follower.stop()
    follower.stop()
    follower.follow(tmp_path / "late", 1, "stdout", NUMBER, gathered.sink)
    assert sorted(gathered.values(guid)[0] for guid in range(1, 51)) == list(range(1, 51))
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert not [thread for thread in threading.enumerate() if thread.name == "nepi-follower"]


def test_a_folder_that_is_removed_is_survived(follower: TraceFollower, gathered: Gathered, tmp_path: Path) -> None:
    folder, other = tmp_path / "folder", tmp_path / "other"
    folder.mkdir()
    follower.follow(folder / "stdout", 1, "stdout", NUMBER, gathered.sink)
    (folder / "stdout").write_text("1\n")
    gathered.wait(lambda: gathered.values() == [1])
    (folder / "stdout").unlink()
    folder.rmdir()
    follower.follow(other, 2, "stdout", NUMBER, gathered.sink)
    other.write_text("2\n")
    gathered.wait(lambda: gathered.values(2) == [2])
    follower.finish(folder / "stdout")


def test_a_folder_that_is_not_there_is_told(follower: TraceFollower, gathered: Gathered, tmp_path: Path) -> None:
    follower.follow(tmp_path / "missing" / "stdout", 1, "stdout", NUMBER, gathered.sink)
    gathered.wait(lambda: gathered.notices)
    (tmp_path / "missing").mkdir()
    (tmp_path / "missing" / "stdout").write_text("1\n")
    follower.finish(tmp_path / "missing" / "stdout")
    assert gathered.values() == [1]


def test_without_inotify_files_are_read_at_their_end(
    follower: TraceFollower, gathered: Gathered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **settings: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("inotify_simple.INotify", refuse)
    path = tmp_path / "stdout"
    follower.follow(path, 1, "stdout", NUMBER, gathered.sink)
    gathered.wait(lambda: gathered.notices)
    path.write_text("1\n2")
    follower.finish(path)
    assert gathered.values() == [1, 2]
    assert "only when their programs have ended" in gathered.notices[0][2]


def test_many_files_are_read_to_the_last_line(follower: TraceFollower, gathered: Gathered, tmp_path: Path) -> None:
    script = """
import sys
files = [open(f"{sys.argv[1]}/{guid}", "w", buffering=1) for guid in range(1, 41)]
for number in range(200):
    for file in files:
        print(number, file=file)
"""
    for guid in range(1, 41):
        follower.follow(tmp_path / str(guid), guid, "stdout", NUMBER, gathered.sink)
    run(script, tmp_path)
    for guid in range(1, 41):
        follower.finish(tmp_path / str(guid))
        assert gathered.values(guid) == list(range(200))


def test_the_end_of_all_files_together_takes_no_longer_than_that_of_one(
    gathered: Gathered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower_module, "_CHUNK", 100)
    clock = [0.0]

    def slow(line: str) -> Iterator[tuple[str, float]]:
        clock[0] += 0.1  # 5 s a chunk
        yield "number", float(line)

    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    follower = TraceFollower(gathered.notice)
    monkeypatch.setattr(follower, "_give", lambda task, followed: None)  # so that no thread reads
    for guid in range(1, 11):
        (tmp_path / str(guid)).write_text("1\n" * 2000)
        follower.follow(tmp_path / str(guid), guid, "stdout", slow, gathered.sink)
    follower.stop()
    assert len(gathered.values(1)) > 0
    assert clock[0] < follower_module._LONGEST_END + 5 + 10 * 5
    assert len(gathered.notices) == 10
    assert all("its program has ended" in sentence for _, _, sentence in gathered.notices)
