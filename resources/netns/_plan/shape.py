"""What a link does to the packets that go one way: the words for it, and the commands of tc that bring it about."""

from __future__ import annotations

from dataclasses import asdict, dataclass

# A token bucket must hold what comes between two looks of the kernel at it, and some packets at least.
_BUCKET_SECONDS = 0.001
_BUCKET_PACKETS = 2
_ETHERNET_HEADER = 14
# Packets that netem may hold: those that are under way. It has to be more than any link of ours carries in its delay.
_UNDER_WAY = 1_000_000
_USUAL_QUEUE = 1000
_LARGEST_ROOM = 2**32 - 1  # bytes; tc takes no more, and the queue behind counts packets anyway
FASTEST_EXACT = 300.0
"""Rate in Mbit/s up to which packets are queued one by one; the kernel cannot carry much more in this way."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Limits and impairments of one direction of a link.

    Attributes:
        rate: Mbit/s; None for no limit.
        queue: packets that wait for the rate; None for 1,000.
        delay, jitter: ms.
        loss, duplicate, reorder: percent of the packets.
    """

    rate: float | None = None
    queue: int | None = None
    delay: float = 0.0
    jitter: float = 0.0
    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0

    @property
    def impairs(self) -> bool:
        """Whether it does more than limit the rate."""
        return any((self.delay, self.jitter, self.loss, self.duplicate, self.reorder))

    def singles(self, netem: bool) -> bool:
        """Tell whether the kernel must handle packets one by one, and not in portions of up to 64 kB.

        Queues are counted in packets, and netem loses, doubles and reorders what it gets as a whole.
        """
        chance = self.loss or self.duplicate or self.reorder
        return bool(self.rate and self.rate <= FASTEST_EXACT) or bool(netem and chance)

    def impairments(self, seed: int) -> dict[str, float]:
        """Return what the forwarder has to know."""
        known = asdict(self)
        return {name: known[name] for name in ("delay", "jitter", "loss", "duplicate", "reorder")} | {"seed": seed}

    def words(self) -> str:
        """Return it as a reader would say it."""
        parts = [f"{self.rate:g} Mbit/s"] if self.rate else []
        parts += [f"{self.delay:g} ms" + (f" ± {self.jitter:g} ms" if self.jitter else "")] if self.delay else []
        parts += [f"{name} {value:g} %" for name in ("loss", "duplicate", "reorder") if (value := getattr(self, name))]
        return ", ".join(parts) or "unimpaired"


def shaping_commands(interface: str, shape: Shape, mtu: int | None, netem: bool) -> list[str]:
    """Return the commands of tc that shape what leaves an interface that has no queueing discipline of ours yet.

    With a rate, packets are delayed first and then wait in a queue of their own for their turn, as in tc-netem(8): so
    the queue's length means the queue, and not also what is under way.

    Args:
        mtu: largest packet in bytes; None for 1,500.
        netem: whether the kernel impairs; otherwise only the rate is its business.
    """
    commands, parent = [], "root"
    if netem and shape.impairs:
        commands.append(f"qdisc replace dev {interface} {parent} handle 1: netem limit {_UNDER_WAY}{_netem(shape)}")
        parent = "parent 1:1"
    if shape.rate:
        number = 10 if commands else 1
        bucket = max(_BUCKET_PACKETS * ((mtu or 1500) + _ETHERNET_HEADER), int(shape.rate * 125_000 * _BUCKET_SECONDS))
        queue = shape.queue or _USUAL_QUEUE
        room = min(queue * ((mtu or 1500) + _ETHERNET_HEADER), _LARGEST_ROOM)
        rate = f"rate {round(shape.rate * 1e6)}bit burst {bucket} limit {room}"
        commands.append(f"qdisc replace dev {interface} {parent} handle {number}: tbf {rate}")
        commands.append(f"qdisc replace dev {interface} parent {number}:1 handle {number}0: pfifo limit {queue}")
    return commands


def portions_command(interface: str, single: bool) -> str:
    """Return the command of ip that has an interface be given packets one by one, or in portions again."""
    return f"link set dev {interface} gso_max_segs {1 if single else 65535}"


def unshaping_commands(interface: str) -> list[str]:
    """Return the commands of tc that take what `shaping_commands` did away."""
    return [f"qdisc delete dev {interface} root"]


def _netem(shape: Shape) -> str:
    text = f" delay {shape.delay:g}ms" if shape.delay or shape.jitter else ""
    text += f" {shape.jitter:g}ms" if shape.jitter else ""
    for name in ("loss", "duplicate", "reorder"):
        text += f" {name} {value:g}%" if (value := getattr(shape, name)) else ""
    return text
