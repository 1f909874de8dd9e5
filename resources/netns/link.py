"""A link of an emulated network, with what it does to the packets that pass."""

from __future__ import annotations

import zlib
from typing import Any

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.errors import AttributeValueError
from nepi_core.resource_type import Drawn
from nepi_core.series import CsvParser, Series
from nepi_core.trace import Trace

from ._plan.shape import Shape
from ._resource import NetworkResource

_SHAPE = ("rate", "queue", "delay", "jitter", "loss", "duplicate", "reorder")
_IMPAIRMENTS = _SHAPE[2:]
_BACK = "Back"


def _both(name: str, help: str, **more: Any) -> tuple[Attribute, Attribute]:
    """Return an attribute for both directions, and the one that says otherwise for the way back."""
    back = {key: value for key, value in more.items() if key != "default"}
    back.setdefault("type", {float: Types.Double, int: Types.Integer}.get(type(more.get("default"))))
    other = f"{help}, on the way back; not set: the same"
    return Attribute(name, help=help, **more), Attribute(name + _BACK, help=other, **back)


class Link(NetworkResource, rtype="netns::Link", drawn=Drawn.EDGE, icon="link"):
    """A link between two nodes or switches of an emulated network; all it does can be changed while it runs.

    Values hold for each direction. "Back" is the direction from the end with the higher guid to the one with the lower.
    """

    rate, rateBack = _both(
        "rate",
        "Bits that pass in a second; not set for no limit",
        type=Types.Double,
        range=(0.008, 100_000),
        unit="Mbit/s",
    )
    delay, delayBack = _both("delay", "Time that each packet takes", default=0.0, range=(0, 60_000), unit="ms")
    jitter, jitterBack = _both(
        "jitter",
        "Largest difference from the delay, drawn for each packet; may reorder",
        default=0.0,
        range=(0, 60_000),
        unit="ms",
    )
    loss, lossBack = _both("loss", "Part of the packets that is lost", default=0.0, range=(0, 100), unit="%")
    duplicate, duplicateBack = _both(
        "duplicate", "Part of the packets that arrives twice", default=0.0, range=(0, 100), unit="%"
    )
    reorder, reorderBack = _both(
        "reorder", "Part of the packets that skips the delay, and so others", default=0.0, range=(0, 100), unit="%"
    )
    queue, queueBack = _both(
        "queue",
        "Packets that wait for the rate; not set for 1,000",
        type=Types.Integer,
        range=(1, 1_000_000),
        unit="packets",
    )
    mtu = Attribute(
        help="Largest packet; not set for 1,500",
        type=Types.Integer,
        range=(68, 65_535),
        unit="bytes",
        flags=Flags.Design,
    )
    up = Attribute(help="The link is there; False cuts it, at both ends", default=True)
    emulation = Attribute(
        help="Who delays, loses, doubles and reorders packets: the kernel (netem), a program in user space, or the "
        "kernel where it can (auto)",
        default="auto",
        allowed=("auto", "kernel", "userspace"),
        flags=Flags.Design,
    )
    seed = Attribute(
        help="For what user space draws by chance; not set: made from the names of run and link",
        type=Types.Integer,
        range=(0, 2**31 - 1),
        flags=Flags.Design,
    )

    counters = Trace(
        help="What passes the link, ten times a second",
        suffix=".csv",
        series=(
            Series("forward_rate", unit="Mbit/s", help="Bits sent"),
            Series("forward_packets", unit="packets/s", help="Packets sent"),
            Series("forward_drops", unit="packets", help="Packets lost so far, in the queue or on the way"),
            Series("forward_queue", unit="packets", help="Packets that wait"),
            Series("backward_rate", unit="Mbit/s", help="Bits sent, on the way back"),
            Series("backward_packets", unit="packets/s", help="Packets sent, on the way back"),
            Series("backward_drops", unit="packets", help="Packets lost so far, on the way back"),
            Series("backward_queue", unit="packets", help="Packets that wait, for the way back"),
        ),
        parser=CsvParser,
    )

    _counted = False

    @property
    def shapes(self) -> tuple[Shape, Shape]:
        """What the link does to packets: forward and backward."""
        forward = {name: self.get(name) for name in _SHAPE}
        told = {name: self.get(name + _BACK) for name in _SHAPE}
        return Shape(**forward), Shape(**forward | {name: each for name, each in told.items() if each is not None})

    @property
    def wish(self) -> str:
        """Who is to impair the packets: auto, kernel or userspace."""
        return str(self.get("emulation"))

    @property
    def will_impair(self) -> bool:
        """Whether it does more than limit the rate, now or after a planned change."""
        return any(shape.impairs for shape in self.shapes) or any(
            self.guid in change.guids and change.name.removesuffix(_BACK) in _IMPAIRMENTS and change.value
            for change in self.ec.description.changes
        )

    @property
    def chance(self) -> int:
        """Seed of what is drawn by chance."""
        given = self.get("seed")
        return zlib.crc32(f"{self.ec.exp_id}/{self.ec.run_id}/{self.guid}".encode()) >> 1 if given is None else given

    def connection_refusal(self, guid: int) -> str:
        """Refuse what is no end of a link."""
        other = self.ec.get_resource(guid)
        if any(other.is_rm_instance(f"netns::{kind}") for kind in ("Node", "Switch", "Interface", "Capture")):
            return ""
        return (
            f"{self.name} cannot be connected to {other.name}: it joins netns::Node, netns::Switch or netns::Interface."
        )

    def deployment_refusal(self) -> str:
        """Say so when values do not fit each other."""
        for shape, which in zip(self.shapes, ("", " on the way back"), strict=True):
            if shape.jitter > shape.delay:
                return f"attribute 'jitter' is {shape.jitter:g} ms{which}, more than the delay of {shape.delay:g} ms."
            if shape.reorder and not shape.delay:
                return f"attribute 'reorder' is {shape.reorder:g} %{which}, which needs a delay to skip."
        return ""

    def do_start(self) -> None:
        """Begin to write the counters down, if they are collected."""
        if self.trace_enabled("counters"):
            self.trace_path("counters").touch()
            self.network.watch(self.guid, self.trace_path("counters"))
            self._counted = True
            self.ec.run.follow(self, "counters")
        super().do_start()

    def do_stop(self) -> None:
        """Write no more counters; what passes goes on to do so, until ``up`` is False or the link is released."""
        self._end_counting()
        super().do_stop()

    def do_release(self) -> None:
        """Take the link away."""
        self._end_counting()
        super().do_release()

    def _end_counting(self) -> None:
        if self._counted:
            self._counted = False
            self.network.unwatch(self.guid)
            self.ec.run.finish(self, "counters")

    def do_set(self, name: str) -> None:
        """Bring the link to the new value, when it is there."""
        if not self.is_built:
            return
        if name == "up":
            self.network.plug(self.guid, self.get("up"))
        elif name.removesuffix(_BACK) in _SHAPE:
            if problem := self.deployment_refusal():
                raise AttributeValueError(f"{self.name}: {problem}")
            self.network.change(self.guid)
        super().do_set(name)
