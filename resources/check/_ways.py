"""One way from a host to a target: the ping that tests it, and what its output says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from nepi_core.host_resource import HostResource
from nepi_core.hosts.host import Process

_COUNTS = re.compile(r"(\d+) packets transmitted, (\d+) (?:packets )?received")
_FASTEST = re.compile(r"min/avg/max\S* = ([\d.]+)/")
_REFUSAL = re.compile(r"^From (\S+)(?: \(\S+\))?:? icmp_seq=\d+ (.+)$", re.MULTILINE)
_COMPLAINT = re.compile(r"^ping6?: (.+)$", re.MULTILINE)
# What the host itself says of a target that it has no way to, in contrast to a target that nobody knows.
_NO_NAME = re.compile(r"name resolution|not known|No address|[Uu]nknown host")
_NO_WAY = re.compile(
    r"^(?:connect|sendmsg|sendto)?:? ?.*(?:unreachable|No route|Permission denied|Invalid argument)", re.I
)


@dataclass(slots=True)
class Answer:
    """What a ping has found.

    Attributes:
        sent, received: echo requests, and answers to them.
        fastest: shortest round-trip time in ms; None without an answer.
        reason: why there was none, as far as ping says so.
        broken: the test itself did not work, so that it says nothing about the way.
    """

    sent: int = 0
    received: int = 0
    fastest: float | None = None
    reason: str = ""
    broken: bool = False


@dataclass(slots=True)
class Way:
    """From a host to a target, and what is known about it.

    Attributes:
        target: as ping is given it.
        to: as people call it.
        known: whether the target is a host of the experiment.
        output: file for what ping prints.
        answer: what was found; None before that is certain.
        latest: what was found by a try that was not the last.
    """

    host: HostResource
    target: str
    to: str
    known: bool
    output: Path
    process: Process | None = None
    answer: Answer | None = None
    latest: Answer | None = None

    @property
    def start(self) -> str:
        """What people call the host."""
        return self.host.shown_name()

    def sentence(self) -> str:
        """Return what was found."""
        answer = self.answer
        if answer is None:
            return f"{self.start} to {self.to}: not tested"
        if answer.broken:
            return f"{self.start} to {self.to} could not be tested: {answer.reason}"
        if not answer.received:
            reason = f" ({answer.reason})" if answer.reason else ""
            count = f"0 of {answer.sent} echo requests answered" if answer.sent else "no echo request could be sent"
            return f"{self.start} does not reach {self.to}: {count}{reason}"
        time = "" if answer.fastest is None else f", {answer.fastest:.3g} ms"
        count = f"{answer.received} of {answer.sent} echo requests answered"
        return f"{self.start} reaches {self.to}: {count}{time}"


def read_answer(output: str, status: int, known: bool = False) -> Answer:
    """Return what the output and the exit status of ping say.

    Args:
        known: the target is a host of the experiment: when its name stands for nothing, it has no address.
    """
    counts, fastest = _COUNTS.search(output), _FASTEST.search(output)
    refusal, complaint = _REFUSAL.search(output), _COMPLAINT.search(output)
    sent, received = (int(counts[1]), int(counts[2])) if counts else (0, 0)
    reason = f"{refusal[2]}, says {refusal[1]}" if refusal else complaint[1] if complaint else ""
    broken = not counts and not (complaint and _NO_WAY.search(complaint[1]))
    if broken and known and complaint and _NO_NAME.search(complaint[1]):
        return Answer(reason="it has no such address")
    if broken and not reason:
        reason = f"ping was ended by signal {-status}" if status < 0 else f"ping ended with exit status {status}"
    return Answer(sent, received, float(fastest[1]) if fastest else None, reason, broken)
