"""What the counters of a link's two ends mean: rates, packets that were lost, and queues. No I/O here."""

from __future__ import annotations

from .interface_counters import Reading

HEADER = "time," + ",".join(
    f"{way}_{what}" for way in ("forward", "backward") for what in ("rate", "packets", "drops", "queue")
)
"""First line of a link's file; rates in Mbit/s, packets in packets/s since the line before, drops since the start."""

_MEGABIT = 125_000  # bytes


class Tally:
    """A number that only grows, made of a counter that begins at 0 again now and then.

    Attributes:
        total: how much the counter has grown since it was first seen.
    """

    __slots__ = ("_last", "total")

    def __init__(self) -> None:
        self.total = 0
        self._last: int | None = None

    def see(self, counter: int) -> None:
        """Take in what the counter says now."""
        if self._last is not None:
            self.total += counter - self._last if counter >= self._last else counter
        self._last = counter


class Direction:
    """One direction of a link."""

    def __init__(self) -> None:
        self._last: Reading | None = None
        self._drops = (Tally(), Tally(), Tally())

    def begin_interval_anew(self) -> None:
        """Have the next reading be the first one of an interval."""
        self._last = None

    def see(self, reading: Reading | None, forwarder_lost: int) -> str:
        """Take in what the sending end says now, and return its cells of a line; "" when there is no rate to tell.

        Args:
            reading: None when the interface is not there.
            forwarder_lost: packets that the forwarder lost, or had no room for, in this direction.
        """
        interface, queue, forwarder = self._drops
        forwarder.see(forwarder_lost)
        last, self._last = self._last, reading
        if not reading:
            return ""
        interface.see(reading.dropped)
        if reading.queue_dropped is not None:
            queue.see(reading.queue_dropped)
        if not last or last.index != reading.index or reading.time <= last.time:
            return ""
        seconds = reading.time - last.time
        rate = (reading.bytes - last.bytes) / _MEGABIT / seconds
        packets = (reading.packets - last.packets) / seconds
        drops = sum(each.total for each in self._drops)
        return f"{rate:.6g},{packets:.6g},{drops},{reading.queue}"


class LinkStatistics:
    """Both directions of a link."""

    def __init__(self) -> None:
        self._directions = (Direction(), Direction())

    def begin_intervals_anew(self) -> None:
        """Have the next readings be the first ones of an interval; what was counted stays."""
        for direction in self._directions:
            direction.begin_interval_anew()

    def see(
        self, readings: tuple[Reading | None, Reading | None], forwarder_lost: tuple[int, int], shift: float
    ) -> str:
        """Take in what both ends say now, and return a line; "" when there is none since an end is, or was, missing.

        Args:
            readings: of the end that sends forward, and of the one that sends backward.
            forwarder_lost: see `Direction.see`.
            shift: seconds from the monotonic clock to the time since 1970.
        """
        ends = zip(self._directions, readings, forwarder_lost, strict=True)
        cells = [direction.see(reading, lost) for direction, reading, lost in ends]
        if not readings[0] or not all(cells):
            return ""
        return f"{readings[0].time + shift:.6f},{cells[0]},{cells[1]}\n"
