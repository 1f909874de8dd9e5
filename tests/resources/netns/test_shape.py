from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nepi_core.resources.netns._plan.shape import Shape, portions_command, shaping_commands, unshaping_commands

from tests.resources.netns.typed_commands import knows, typed

percent = st.floats(0, 100)
shapes = st.builds(
    Shape,
    rate=st.none() | st.floats(0.008, 100_000),
    queue=st.none() | st.integers(1, 1_000_000),
    delay=st.floats(0, 60_000),
    jitter=st.floats(0, 60_000),
    loss=percent,
    duplicate=percent,
    reorder=percent,
)


def on_lo(shape: Shape, mtu: int | None = None, netem: bool = False) -> list[str]:
    return [f"tc {line}" for line in shaping_commands("lo", shape, mtu, netem)]


@pytest.mark.parametrize("rate", [0.008, 0.5, 10, 99.9999, 1000, 40_000, 100_000])
def test_tc_takes_every_rate_and_queue(rate: float) -> None:
    lines = []
    for queue, mtu in ((None, None), (1, 68), (1_000_000, 65_535)):
        lines += [*on_lo(Shape(rate=rate, queue=queue), mtu), "tc -json qdisc show dev lo"]
    for line, queue in zip(typed(lines).splitlines(), (1000, 1, 1_000_000), strict=True):
        limiter, fifo = json.loads(line)
        assert limiter["kind"] == "tbf"
        assert limiter["options"]["rate"] == pytest.approx(rate * 125_000, rel=1e-3)  # bytes a second
        assert (fifo["kind"], fifo["options"]["limit"]) == ("pfifo", queue)


def test_what_was_shaped_can_be_unshaped() -> None:
    lines = [*on_lo(Shape(rate=1)), *(f"tc {line}" for line in unshaping_commands("lo")), "tc -json qdisc show dev lo"]
    assert {each["kind"] for each in json.loads(typed(lines))} <= {"noqueue"}


def test_packets_one_by_one_and_in_portions() -> None:
    lines = [f"ip {portions_command('lo', single)}\nip -json -details link show lo" for single in (True, False)]
    assert [json.loads(line)[0]["gso_max_segs"] for line in typed(lines).splitlines()] == [1, 65535]


@given(shapes)
def test_without_netem_only_the_rate_is_for_the_kernel(shape: Shape) -> None:
    lines = shaping_commands("eth0", shape, None, netem=False)
    assert bool(lines) == bool(shape.rate)
    assert not any("netem" in line for line in lines)


@given(shapes)
def test_numbers_are_ones_that_tc_reads(shape: Shape) -> None:
    for netem in (False, True):
        for line in shaping_commands("eth0", shape, 65_535, netem):
            words = line.split()
            limits = [int(after) for word, after in pairwise(words) if word in ("limit", "burst")]
            assert all(0 < limit < 2**32 for limit in limits)
            assert "nan" not in line
            assert "inf" not in line


@given(shapes)
def test_the_forwarder_is_told_of_all_but_rate_and_queue(shape: Shape) -> None:
    told = shape.impairments(seed=7)
    assert told.pop("seed") == 7
    assert Shape(rate=shape.rate, queue=shape.queue, **told) == shape
    assert shape.impairs == any(told.values())


def test_delay_comes_before_the_queue() -> None:
    shape = Shape(rate=8, queue=50, delay=20, jitter=2, loss=1, duplicate=0.5, reorder=3)
    assert shaping_commands("eth0", shape, None, netem=True) == [
        "qdisc replace dev eth0 root handle 1: netem limit 1000000 delay 20ms 2ms loss 1% duplicate 0.5% reorder 3%",
        "qdisc replace dev eth0 parent 1:1 handle 10: tbf rate 8000000bit burst 3028 limit 75700",
        "qdisc replace dev eth0 parent 10:1 handle 100: pfifo limit 50",
    ]


@given(shapes.filter(lambda shape: shape.impairs and (shape.delay or not shape.reorder)))
def test_netem_takes_what_is_typed(shape: Shape) -> None:
    if not knows("netem delay 1ms"):
        pytest.skip("This kernel has no netem.")
    typed(on_lo(shape, netem=True))


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (Shape(), "unimpaired"),
        (Shape(rate=10, delay=20, jitter=1.5), "10 Mbit/s, 20 ms ± 1.5 ms"),
        (Shape(loss=0.1, duplicate=2, reorder=5), "loss 0.1 %, duplicate 2 %, reorder 5 %"),
    ],
)
def test_words(shape: Shape, words: str) -> None:
    assert shape.words() == words
