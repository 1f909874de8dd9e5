"""Output that is not what its reader expects: numbers stop with a notice, the file is kept, all else goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from nepi_core.runs.reader import RunReader


def notices(bench, guid):
    """End the experiment, and return what the log says of numbers from a resource's traces."""
    folder = Path(bench.ec.run_dir)
    bench.ec.shutdown()
    with RunReader(folder) as reader:
        return [entry.message for entry in reader.log(guid=guid) if "trace 'stdout'" in entry.message]


def test_a_flood_of_numbers_ends_its_series_and_stays_within_its_limit(bench, expect_log):
    expect_log("FAILED")
    flood = bench.shell("exec yes 1", seriesPattern="(?P<n>[0-9]+)", outputLimit=100)
    other = bench.shell("for n in 1 2 3; do echo $n; sleep 0.1; done", seriesPattern="(?P<n>[0-9]+)")
    assert bench.run(flood, other) == ["FAILED", "STOPPED"]
    assert "It wrote more than 100 MB to a file." in bench.ec.get_resource(flood).cause
    assert bench.ec.trace(flood, "stdout", "size") == 100_000_000
    assert len(notices(bench, flood)) == 1
    assert bench.samples(other, "n") == [1, 2, 3]


def test_random_bytes_are_survived(bench, expect_log):
    expect_log("FAILED")
    noise = bench.shell("exec cat /dev/urandom", seriesCsv=True, outputLimit=2)
    assert bench.outcome(noise)[0] == "FAILED"
    assert bench.ec.trace(noise, "stdout", "size") == 2_000_000
    assert notices(bench, noise) == []


@pytest.mark.parametrize("output", [r"1\n2\n3", r"\377\376 1\n2\r\n3\n", r"1\n\000\000 2\n3\n"])
def test_half_a_line_and_wrong_bytes_lose_no_number(bench, output):
    app = bench.shell(f"printf '{output}'", seriesPattern="(?P<n>[0-9]+)")
    assert bench.run(app) == ["STOPPED"]
    assert bench.samples(app, "n") == [1, 2, 3]
