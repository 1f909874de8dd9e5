"""What a capture adds up to: packets, bytes, duration, protocols, conversations; it takes bounded memory."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from nepi_gui.captures.dissecting import dissect
from nepi_gui.captures.packet_file import Packet

MOST_CONVERSATIONS = 10_000
"""Conversations that are told apart; the packets of further ones are counted together."""

_MOST_PROTOCOLS = 500


@dataclass(slots=True)
class Count:
    """Packets and bytes."""

    packets: int = 0
    bytes: int = 0

    def add(self, length: int) -> None:
        """Count a packet."""
        self.packets += 1
        self.bytes += length


@dataclass(slots=True)
class Conversation:
    """What two talked over one protocol; ``there`` is from the first to the second.

    Attributes:
        begin, end: times of its first and last packet, in seconds since 1970.
    """

    protocol: str
    first: str
    first_port: int
    second: str
    second_port: int
    begin: float
    end: float
    there: Count = field(default_factory=Count)
    back: Count = field(default_factory=Count)


@dataclass(slots=True)
class Summary:
    """A capture in numbers.

    Attributes:
        begin, end: times of the first and last packet, in seconds since 1970; 0 without packets.
        protocols: packets and bytes by protocol, the outermost first: ("Ethernet", "IPv4", "TCP") for TCP.
        conversations: those with the most bytes first.
        left_out: what belongs to conversations that are not told, since there are too many.
        problem: why the rest of the file was not read; "" for none.
        by_tshark: the protocols were found by tshark, which knows more of them.
    """

    packets: int = 0
    bytes: int = 0
    begin: float = 0.0
    end: float = 0.0
    protocols: list[tuple[tuple[str, ...], Count]] = field(default_factory=list)
    conversations: list[Conversation] = field(default_factory=list)
    left_out: Count = field(default_factory=Count)
    problem: str = ""
    by_tshark: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return it as what `json` can write."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Summary:
        """Return what `to_json` was given."""
        protocols = [(tuple(names), Count(**count)) for names, count in data.pop("protocols")]
        conversations = [
            Conversation(**{**each, "there": Count(**each["there"]), "back": Count(**each["back"])})
            for each in data.pop("conversations")
        ]
        left_out = Count(**data.pop("left_out"))
        return cls(**data, protocols=protocols, conversations=conversations, left_out=left_out)


class Tally:
    """Counts packets, one after the other."""

    def __init__(self) -> None:
        self._summary = Summary()
        self._protocols: dict[tuple[str, ...], Count] = {}
        self._conversations: dict[tuple[str, str, int, str, int], Conversation] = {}

    def add(self, packet: Packet) -> None:
        """Count a packet."""
        summary, sight = self._summary, dissect(packet.link, packet.data)
        summary.packets += 1
        summary.bytes += packet.length
        if packet.time:
            summary.begin = min(summary.begin or packet.time, packet.time)
            summary.end = max(summary.end, packet.time)
        for depth in range(1, len(sight.protocols) + 1):
            self._count_of(sight.protocols[:depth]).add(packet.length)
        name, (source, port), (target, other) = sight.protocols[-1], (sight[1], sight[3]), (sight[2], sight[4])
        there, back = (name, source, port, target, other), (name, target, other, source, port)
        if (known := self._conversations.get(there)) is not None:
            known.there.add(packet.length)
        elif (known := self._conversations.get(back)) is not None:
            known.back.add(packet.length)
        elif source and len(self._conversations) < MOST_CONVERSATIONS:
            known = self._conversations[there] = Conversation(*there, begin=packet.time, end=packet.time)
            known.there.add(packet.length)
        else:
            summary.left_out.add(packet.length)
            return
        known.begin, known.end = min(known.begin, packet.time), max(known.end, packet.time)

    def _count_of(self, protocols: tuple[str, ...]) -> Count:
        count = self._protocols.get(protocols)
        if count is None:
            if len(self._protocols) >= _MOST_PROTOCOLS:
                protocols = ("Others",)
            count = self._protocols.setdefault(protocols, Count())
        return count

    def summary(self, most: int = MOST_CONVERSATIONS) -> Summary:
        """Return what was counted so far, with so many conversations at most."""
        by_bytes = sorted(self._conversations.values(), key=lambda each: -each.there.bytes - each.back.bytes)
        told = self._summary
        left_out = Count(told.left_out.packets, told.left_out.bytes)
        for each in by_bytes[most:]:
            left_out.packets += each.there.packets + each.back.packets
            left_out.bytes += each.there.bytes + each.back.bytes
        return Summary(
            told.packets, told.bytes, told.begin, told.end, sorted(self._protocols.items()), by_bytes[:most], left_out
        )
