"""Small resource types for the tests of the engine; fixture ``make_ec`` registers them."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.controller import ExperimentController
from nepi_core.resource import ResourceManager, failtrap
from nepi_core.resource_type import clsinit_copy
from nepi_core.series import Series
from nepi_core.trace import Trace

PATIENCE = 30.0
"""Seconds that nothing here takes, unless it hangs."""


class Scripted(ResourceManager, rtype="test::Scripted"):
    """Does what a test wants: ``script["start"]`` is called by `do_start`, and so on."""

    speed = Attribute(help="Some number", default=1.0, range=(0, 10), unit="Mbit/s")
    size = Attribute(help="Can be set before the deployment only", default=1, flags=Flags.Design)
    secret = Attribute(help="A password", type=Types.String, flags=Flags.Credential | Flags.NoRead)
    result = Attribute(help="The resource sets it", type=Types.String, flags=Flags.NoWrite)
    shared = Attribute(help="One for all", default="a", flags=Flags.Global, allowed=("a", "b"))
    output = Trace(help="What it said", series=(Series("said", unit="words"),), suffix=".txt")
    noise = Trace(help="What it need not say", enabled=True)

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self.script: dict[str, Callable[[], object]] = {}
        self.calls: list[str] = []

    def play(self, what: str) -> None:
        self.calls.append(what)
        self.script.get(what, lambda: None)()

    def do_discover(self) -> None:
        self.play("discover")
        super().do_discover()

    def do_deploy(self) -> None:
        self.play("deploy")
        super().do_deploy()

    def do_start(self) -> None:
        self.play("start")
        super().do_start()

    def do_stop(self) -> None:
        self.play("stop")
        super().do_stop()

    def do_release(self) -> None:
        self.play("release")
        super().do_release()

    def do_cancel(self) -> None:
        self.play("cancel")
        super().do_cancel()

    def do_fail(self) -> None:
        self.play("fail")
        super().do_fail()


class Place(ResourceManager, rtype="test::Place"):
    """What guests are on."""


class Guest(Scripted, rtype="test::Guest"):
    """Deploys after all places and guests that it is connected to and that are older."""

    def deploys_after(self) -> Iterable[int]:
        return [guid for guid in self.connections if guid < self.guid]

    def connection_refusal(self, guid: int) -> str:
        return "" if self.ec.get_resource(guid).is_rm_instance("test::Place") else f"{self.name} goes to places only."


class Circular(ResourceManager, rtype="test::Circular"):
    """Deploys after all that it is connected to: two of them wait for each other."""

    def deploys_after(self) -> Iterable[int]:
        return self.connections


class Quick(ResourceManager, rtype="test::Quick"):
    """Stops as soon as it has started."""

    def do_start(self) -> None:
        super().do_start()
        self.set_stopped()

    def ends_by_itself(self) -> bool:
        return True


class Needy(ResourceManager, rtype="test::Needy"):
    """Needs a value, and a secret one."""

    address = Attribute(help="Where it is", type=Types.String, required=True)
    key = Attribute(help="Opens it", type=Types.String, flags=Flags.NoRead, required=True)


@clsinit_copy
class Old(ResourceManager):
    """Written in NEPI's way."""

    _rtype = "test::Old"
    _help = "An old one"
    _backend = "nepi"

    @classmethod
    def _register_attributes(cls):
        cls._register_attribute(Attribute("port", "A port", type=Types.Integer, range=(1, 65535), flags=Flags.Design))

    @classmethod
    def _register_traces(cls):
        cls._register_trace(Trace("log", "Its log"))

    @failtrap
    def do_start(self) -> None:
        if self.get("port") == 1:
            raise ValueError("port 1 is taken")
        super().do_start()


ALL = (Scripted, Place, Guest, Circular, Quick, Needy, Old)


class Hold:
    """Holds a job until the test lets it go.

    Attributes:
        begun: set once the job has come.
    """

    def __init__(self) -> None:
        self.begun = threading.Event()
        self._gone = threading.Event()

    def __call__(self) -> None:
        self.begun.set()
        assert self._gone.wait(PATIENCE), "the test never let the job go"

    def let_go(self) -> None:
        self._gone.set()


def in_turn(*calls: Callable[[], object]) -> Callable[[], object]:
    """Return what makes calls one after the other, and returns what the last one does."""
    return lambda: [call() for call in calls][-1]


def in_threads(*calls: Callable[[], object]) -> None:
    """Run calls at the same time, with many more switches between them than usual; raise the first error."""
    errors: list[BaseException] = []
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> None:
        try:
            barrier.wait(PATIENCE)
            call()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(call,), daemon=True) for call in calls]
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
    finally:
        sys.setswitchinterval(usual)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    if errors:
        raise errors[0]


def settle(ec: ExperimentController, held: int = 0) -> None:
    """Wait until all is done that can be done at once: the timer has handed over what is due, and the workers idle.

    Args:
        held: number of jobs that a test holds.
    """
    handed_over = Hold()
    ec.schedule("0s", handed_over)
    assert handed_over.begun.wait(PATIENCE)
    handed_over.let_go()
    for _ in range(3):  # a job may have led to another one, and that to a third
        everyone = [Hold() for _ in range(ec.nthreads - held)]
        ec.workers.submit_all(everyone)
        assert all(hold.begun.wait(PATIENCE) for hold in everyone)
        for hold in everyone:
            hold.let_go()
