"""How links impair packets: by the kernel where it can, else by forwarders in user space; and how that changes."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from nepi_core.errors import HostError

from ._batches import Batch
from ._controlled import ControlledProgram, counters_memory
from ._host import NamespaceHost
from ._plan.commands import Line
from ._plan.model import Cable, End, Key, Plan
from ._plan.shape import Shape, portions_command, shaping_commands, unshaping_commands

logger = logging.getLogger("nepi.netns")

_FORWARDERS = os.cpu_count() or 1
_SLOTS = 65_536  # links that may be in user space at the same time; memory that nobody touches costs nothing


class Emulation(StrEnum):
    """Who impairs a link's packets."""

    PLAIN = "plain"
    """Nobody: a pair of interfaces, perhaps with a limited rate."""
    KERNEL = "kernel"
    USERSPACE = "userspace"


class ImpairedLink(Protocol):
    """What is to be known of a link."""

    guid: int

    @property
    def shapes(self) -> tuple[Shape, Shape]:
        """What it does to packets: forward and backward."""

    @property
    def wish(self) -> str:
        """Who is to impair its packets: auto, kernel or userspace."""

    @property
    def will_impair(self) -> bool:
        """Whether it does more than limit the rate, now or later, as far as is planned."""

    @property
    def chance(self) -> int:
        """Seed of what is drawn by chance."""


class LinkEmulation:
    """Keeps the links of one network as their attributes say.

    Args:
        fabric: where forwarders run.
        folder: for what they say about errors.
        failed: called with the guids of links and what went wrong.
    """

    def __init__(self, fabric: NamespaceHost, folder: Path, failed: Callable[[Collection[int], str], None]) -> None:
        self.chosen: dict[int, Emulation] = {}
        self._fabric = fabric
        self._folder = folder
        self._failed = failed
        self._netem: bool | None = None
        self._forwarders: list[ControlledProgram] = []
        self._meter: ControlledProgram | None = None
        self._watched: dict[int, tuple[Path, Sequence[tuple[str, str]]]] = {}
        self._slots: dict[int, int] = {}
        # Ends that have queueing disciplines of ours: whether that is netem, and whether there is a rate.
        self._shaped: dict[Key, tuple[bool, bool]] = {}
        self._single: set[Key] = set()  # ends that are given packets one by one
        self._counters = counters_memory(_SLOTS)

    # -- choice

    def choose(self, link: ImpairedLink) -> Emulation:
        """Decide who is to impair a link's packets.

        Raises:
            HostError: the kernel was asked for, and it cannot.
        """
        if link.wish == Emulation.USERSPACE:
            return Emulation.USERSPACE
        if not link.will_impair:
            return Emulation.PLAIN
        if self.kernel_impairs():
            return Emulation.KERNEL
        if link.wish == Emulation.KERNEL:
            raise HostError(
                "This kernel has no netem (module sch_netem), which attribute 'emulation' asks for; 'auto' and "
                "'userspace' do without it."
            )
        return Emulation.USERSPACE

    def kernel_impairs(self) -> bool:
        """Tell whether the kernel has netem; tried once, on the fabric's own loopback interface."""
        if self._netem is None:
            tried = self._fabric.run(["tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"])
            self._netem = tried.status == 0
            if self._netem:
                self._fabric.run(["tc", "qdisc", "del", "dev", "lo", "root"])
        return self._netem

    # -- commands

    def shaping(self, plan: Plan, cable: Cable, link: ImpairedLink) -> list[Batch]:
        """Return the commands that bring a link's ends to what its attributes say."""
        batches = []
        for end, shape in zip(cable.ends, link.shapes, strict=True):
            netem = self.chosen.get(cable.guid) is Emulation.KERNEL
            single = shape.singles(netem)
            if single != (end.key in self._single):
                (self._single.add if single else self._single.discard)(end.key)
                batches.append(_batch(plan, end, "ip", [portions_command(end.name, single)]))
            wanted = shaping_commands(end.name, shape, end.mtu, netem)
            structure = (netem and shape.impairs, bool(shape.rate))
            before = self._shaped.pop(end.key, structure)
            # Begun anew where the structure differs; a discipline that only changes keeps the packets in its queue.
            texts = [*(unshaping_commands(end.name) if before != structure else []), *wanted]
            if wanted:
                self._shaped[end.key] = structure
            batches.append(_batch(plan, end, "tc", texts))
        return batches

    def exact_ends(self, plan: Plan, cable: Cable, link: ImpairedLink) -> dict[str, list[str]]:
        """Return the interfaces, by node, that must hand over frames one by one, as they would be on a wire."""
        chosen = self.chosen.get(cable.guid)
        found: dict[str, list[str]] = {}
        for end, shape in zip(cable.ends, link.shapes, strict=True):
            if chosen is Emulation.USERSPACE or shape.singles(chosen is Emulation.KERNEL):
                found.setdefault(_place(plan, end), []).append(end.name)
        return found

    def forget(self, cable: Cable) -> None:
        """Forget what was done to a link, since its interfaces have gone."""
        for end in cable.ends:
            self._shaped.pop(end.key, None)
            self._single.discard(end.key)
        self.chosen.pop(cable.guid, None)

    # -- forwarders

    def forward(self, cable: Cable, link: ImpairedLink) -> None:
        """Have a forwarder carry the frames of a link.

        Raises:
            HostError: it cannot.
        """
        slot = self._slots.setdefault(cable.guid, len(self._slots))
        ends = [end.inner for end in cable.ends]
        self._forwarder(slot).ask("open", cable.guid, "opened", slot=slot, ends=ends, **_impairments(link))

    def change_forwarding(self, link: ImpairedLink) -> None:
        """Tell the forwarder of a link what its attributes say now."""
        self._forwarder(self._slots[link.guid]).ask("set", link.guid, "set", **_impairments(link))

    def end_forwarding(self, guid: int) -> None:
        """Have the forwarder give up a link, if one carries it."""
        if guid in self._slots and self.chosen.get(guid) is Emulation.USERSPACE:
            with suppress(HostError):  # it has died, and its end is told elsewhere
                self._forwarder(self._slots[guid]).ask("close", guid, "closed")

    def _forwarder(self, slot: int) -> ControlledProgram:
        """Return the forwarder of a slot: there is one for each processor, and links take turns."""
        number = slot % _FORWARDERS
        while len(self._forwarders) <= number:
            log = self._folder / f"forwarder-{len(self._forwarders)}.txt"
            told = partial(self._told, len(self._forwarders))
            self._forwarders.append(ControlledProgram(self._fabric, "forwarder", log, self._counters, told))
        return self._forwarders[number]

    def _told(self, number: int, message: Mapping[str, Any]) -> None:
        if "died" in message:
            carried = [guid for guid, slot in list(self._slots.items()) if slot % _FORWARDERS == number]
            self._failed(carried, str(message["died"]))
        elif "failed" in message:
            self._failed([int(message["link"])], str(message["failed"]))

    # -- counters

    def watch(self, guid: int, file: Path, ends: Sequence[tuple[str, str]]) -> None:
        """Have the counters of a link written into a file.

        Args:
            ends: network namespace ("" for the fabric) and interface of both ends.

        Raises:
            HostError: they cannot be.
        """
        if self._meter is None:
            log = self._folder / "meter.txt"
            self._meter = ControlledProgram(self._fabric, "meter", log, self._counters, self._measured)
        self._watched[guid] = (file, ends)
        slot = self._slots.get(guid) if self.chosen.get(guid) is Emulation.USERSPACE else None
        self._meter.ask("watch", guid, "watched", file=str(file), ends=ends, slot=slot)

    def unwatch(self, guid: int) -> None:
        """Have them written no longer."""
        self._watched.pop(guid, None)
        if self._meter is not None:
            with suppress(HostError):  # it has died, which was told then
                self._meter.ask("unwatch", guid, "unwatched")

    def watch_again(self, guid: int) -> None:
        """Go on with the counters of a link that was laid anew, if they are written."""
        if guid in self._watched:
            self.watch(guid, *self._watched[guid])

    def _measured(self, message: Mapping[str, Any]) -> None:
        for word in ("died", "failed", "notice"):
            if word in message:
                link = f"link {message['link']}: " if message.get("link") else ""
                logger.warning("%s%s", link, message[word])

    def close(self) -> None:
        """End the forwarders and the meter."""
        for each in [*self._forwarders, *([self._meter] if self._meter else [])]:
            each.close()
        os.close(self._counters)


def _place(plan: Plan, end: End) -> str:
    station = plan.stations[end.station]
    return "" if station.is_switch else station.name


def _batch(plan: Plan, end: End, program: str, texts: Iterable[str]) -> Batch:
    return Batch(_place(plan, end), program, [Line(end.cable, text) for text in texts])


def _impairments(link: ImpairedLink) -> dict[str, dict[str, float]]:
    forward, backward = link.shapes
    # Two sequences of chance from one seed.
    return {"forward": forward.impairments(2 * link.chance), "backward": backward.impairments(2 * link.chance + 1)}


def by_emulation(chosen: Mapping[int, Emulation]) -> dict[str, Sequence[int]]:
    """Return the guids of links by who impairs them."""
    return {kind.value: sorted(_links(chosen, kind)) for kind in Emulation}


def _links(chosen: Mapping[int, Emulation], kind: Emulation) -> Iterable[int]:
    return (guid for guid, each in chosen.items() if each is kind)
