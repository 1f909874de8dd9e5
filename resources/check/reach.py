"""Reach: who reaches whom."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.errors import HostError
from nepi_core.host_resource import HostResource
from nepi_core.resource_type import Drawn
from nepi_core.times import now
from nepi_core.trace_file import last_output

from ._check import Check
from ._ways import Answer, Way, read_answer

_REACH, _NOT_REACH = "reach", "not reach"

_AT_ONCE = 16
"""Pings at the same time."""

_MOST_WAYS = 10_000
"""Ways that one check tests: more take longer than anybody waits for."""

_PAUSE = 0.2  # seconds between echo requests: the shortest that ping allows everybody
_AGAIN = 0.5  # seconds until a way is tried again
_BETWEEN = re.compile(r"[\s,;]+")


class Reach(Check, rtype="check::Reach", drawn=Drawn.BADGE, icon="check-reach"):
    """Judge whether hosts reach others, or do not, by ping.

    It starts from the hosts that it is connected to, as soon as the network is there; with a START condition, when that
    is met. Several ways are tested side by side, and all of them must be as expected.
    """

    target = Attribute(
        help="Names or addresses to reach, with blanks or commas between them; not set: all hosts that the check is "
        "connected to, or all hosts there are when that is only one",
        type=Types.String,
        flags=Flags.Design,
        names_host=True,
    )
    expect = Attribute(
        help="Whether targets are to be reached, or none of them",
        default=_REACH,
        allowed=(_REACH, _NOT_REACH),
        flags=Flags.Design,
    )
    version = Attribute(help="Version of IP", default=4, allowed=(4, 6), flags=Flags.Design)
    count = Attribute(
        help="Echo requests for each way; one answer is enough", default=3, range=(1, 1000), flags=Flags.Design
    )
    wait = Attribute(help="Time to wait for an answer", default=1.0, range=(0.01, 3600), unit="s", flags=Flags.Design)
    patience = Attribute(
        help="Time in which a way that fails is tried again, such as while routers still look for routes",
        default=0.0,
        range=(0, 86_400),
        unit="s",
        flags=Flags.Design,
    )

    _ways: Sequence[Way] = ()
    _patient_until = 0.0

    @property
    def hosts(self) -> list[HostResource]:
        """The hosts that it starts from."""
        return [each for each in self.get_connected() if isinstance(each, HostResource)]

    def deploys_after(self) -> Sequence[int]:
        """Return the hosts."""
        return [host.guid for host in self.hosts]

    def ends_by_itself(self) -> bool:
        """Tell that it does."""
        return True

    def connection_refusal(self, guid: int) -> str:
        """Refuse what is no host."""
        other = self.ec.get_resource(guid)
        if problem := super().connection_refusal(guid):
            return problem
        if isinstance(other, HostResource) or other.get_rtype() != other.data.rtype:
            return ""
        return f"{self.name} cannot be connected to {other.name}: it tests the ways of hosts, such as a netns::Node."

    def deployment_refusal(self) -> str:
        """Say so when there is no way to test."""
        if not self.hosts:
            return "is connected to no host; connect it to those that it is to start from."
        ways = sum(1 for _ in islice(self._ends(), _MOST_WAYS + 1))
        if not ways:
            return "has nothing to reach: set 'target', or connect it to another host."
        if ways > _MOST_WAYS:
            return f"has more than {_MOST_WAYS:,} ways to test; connect it to fewer hosts, or set 'target'."
        return ""

    def activity(self) -> str:
        """Return which ways are being tested."""
        running = [f"{way.start} to {way.to}" for way in self._ways if way.process is not None]
        return ", ".join(running[:3]) + (", ..." if len(running) > 3 else "")

    # -- which ways --------------------------------------------------------------------------------------------------

    def _ends(self) -> Iterator[tuple[HostResource, str, str, bool]]:
        """Yield each way: its host, its target as ping takes it, what people call that, and whether it is a host."""
        everybody = [each for each in map(self.ec.get_resource, self.ec.resources) if isinstance(each, HostResource)]
        version = int(self.get("version"))
        if given := [each for each in _BETWEEN.split(self.get("target") or "") if each]:
            known = {host.shown_name(): host for host in everybody}
            for start in self.hosts:
                for name in given:
                    host = known.get(name)
                    if host is not start:
                        yield start, host.name_on_network(version) if host is not None else name, name, host is not None
            return
        others = self.hosts if len(self.hosts) > 1 else everybody
        for start in self.hosts:
            for host in others:
                if host is not start:
                    yield start, host.name_on_network(version), host.shown_name(), True

    # -- testing -----------------------------------------------------------------------------------------------------

    def do_start(self) -> None:
        """Begin to test."""
        super().do_start()
        folder = Path(self.ec.run_dir, "work", str(self.guid))
        folder.mkdir(parents=True, exist_ok=True)
        self._ways = [Way(*ends, folder / f"{number}.txt") for number, ends in enumerate(self._ends(), 1)]
        self._untested = deque(self._ways)
        self._patient_until = now() + self.get("patience")
        limit = self.get("timeLimit")
        self.ec.schedule(limit, partial(self.soon, partial(self._give_up, f"After {limit:g} s")))
        self._test_more()

    def _test_more(self) -> None:
        """Start as many pings as may run side by side; conclude when all have ended."""
        running = sum(way.process is not None for way in self._ways)
        while self._untested and running < _AT_ONCE:
            way = self._untested.popleft()
            if self._ping(way):
                running += 1
        if not running and all(way.answer for way in self._ways):
            self._judge()

    def _ping(self, way: Way) -> bool:
        """Start a ping; tell whether it runs."""
        numbers = ["-c", str(self.get("count")), "-i", str(_PAUSE), "-W", f"{self.get('wait'):g}"]
        command = ["ping", f"-{self.get('version')}", *numbers, "--", way.target]
        try:
            way.process = way.host.host.start(
                command, stdout=way.output, stderr=way.output, env={"LC_ALL": "C"}, cwd=str(way.output.parent)
            )
        except HostError as error:
            way.answer = Answer(reason=str(error), broken=True)
            return False
        way.process.on_exit(lambda status: self.soon(partial(self._take, way, status)))
        return True

    def _take(self, way: Way, status: int) -> None:
        """Note what a ping has found, and go on."""
        way.process = None
        answer = read_answer(last_output(way.output), status, way.known)
        if self._is_as_expected(answer) or now() >= self._patient_until:
            way.answer = answer
        else:
            way.latest = answer
            self.ec.schedule(_AGAIN, partial(self.soon, partial(self._try_again, way)))
        self._test_more()

    def _try_again(self, way: Way) -> None:
        self._untested.append(way)
        self._test_more()

    def _is_as_expected(self, answer: Answer | None) -> bool:
        wanted = self.get("expect") == _REACH
        return answer is not None and not answer.broken and bool(answer.received) == wanted

    # -- the end -----------------------------------------------------------------------------------------------------

    def _judge(self) -> None:
        wrong = [way for way in self._ways if not self._is_as_expected(way.answer)]
        self.conclude(not wrong, self._sentence(wrong), self._details())

    def _details(self) -> list[str]:
        return [way.sentence() for way in self._ways]

    def _sentence(self, wrong: Sequence[Way]) -> str:
        forbidden = self.get("expect") == _NOT_REACH
        if wrong:
            broken = wrong[0].answer is not None and wrong[0].answer.broken
            but = "; but it must not" if forbidden and not broken else ""
            count = f" {len(wrong)} of {len(self._ways)} ways are not as they must be." if len(self._ways) > 1 else ""
            return f"{wrong[0].sentence()}{but}.{count}"
        if len(self._ways) == 1:
            return f"{self._ways[0].sentence()}{', as it must be' if forbidden else ''}."
        if forbidden:
            return f"None of {len(self._ways)} ways works, as it must be; the first: {self._ways[0].sentence()}."
        slowest = max(self._ways, key=lambda way: (way.answer and way.answer.fastest) or 0.0)
        return f"All {len(self._ways)} ways work; the slowest: {slowest.sentence()}."

    def _give_up(self, why: str) -> None:
        for way in self._ways:
            way.answer = way.answer or way.latest
        if left := sum(way.answer is None for way in self._ways):
            self.conclude(False, f"{why}: {left} of {len(self._ways)} ways had not been tested.", self._details())
        else:
            self._judge()
        self._end_pings()

    def _end_pings(self) -> None:
        for way in self._ways:
            if (process := way.process) is not None:
                process.stop(0)

    def do_stop(self) -> None:
        """End what runs; without all answers the check has not passed."""
        self._give_up("It was stopped")

    def do_cancel(self) -> None:
        """End what runs."""
        self._end_pings()
