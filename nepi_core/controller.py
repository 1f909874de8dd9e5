"""The experiment controller: drives the resources of one experiment through their lives."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import secrets
import shutil
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from nepi_core.actions import Actions
from nepi_core.deployment import Deployment
from nepi_core.description import AttributeChange, ExperimentDescription, ResourceDescription, as_guids
from nepi_core.errors import DeploymentError, NepiError
from nepi_core.failure import FailureLevel, FailureManager
from nepi_core.gates import Gatekeeper
from nepi_core.hosts.local_host import LocalHost
from nepi_core.lifecycle import Announcer, StateChange
from nepi_core.release import release_in_order
from nepi_core.runs.run import Run
from nepi_core.scheduler import Task, Timer
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.times import Delay, due_time, tsformat
from nepi_core.watching import Guids, WatchedExperiment
from nepi_core.workers import WorkerPool

if TYPE_CHECKING:
    from nepi_core.resource import ResourceManager
    from nepi_core.topology import NetGraph

logger = logging.getLogger("nepi.controller")


class Closeable(Protocol):
    """What can be closed at the end of an experiment; twice is harmless."""

    def close(self) -> None:
        """Give back all that it holds."""


AnyCloseable = TypeVar("AnyCloseable", bound=Closeable)


class ECState(IntEnum):
    """What has become of a controller."""

    RUNNING = 1
    FAILED = 2
    RELEASED = 3
    TERMINATED = 4


class SFormats:
    """Formats that an experiment is saved in."""

    XML = "xml"


class PFormats:
    """Formats that an experiment is drawn in."""

    DOT = "dot"
    FIGURE = "figure"


class ExperimentController(WatchedExperiment):
    """Runs one experiment once. Use it in a ``with`` block, or call `shutdown` at the end.

    Args:
        exp_id: name of the experiment, used for its folder; made up when it is not given.
        local_dir: folder for all experiments; see `default_local_dir`.
        persist: keep the folder of the run after `shutdown`.
        fm: decides what a failure means.
        add_node_callback: called as ``(ec, nid)`` for each node of the topology.
        add_edge_callback: called as ``(ec, nid1, nid2)`` for each edge of the topology.
        run_id: name of this run; its date when it is not given.
        nthreads: largest number of threads; `NEPI_NTHREADS` or 20 when it is not given.
        description: an experiment to begin with; the controller works on a copy.
        topology: arguments of `NetGraph`.

    Raises:
        NepiError: ``exp_id`` or ``run_id`` is no name for a folder, or the description has errors.
    """

    def __init__(
        self,
        exp_id: str | None = None,
        local_dir: str | os.PathLike[str] | None = None,
        persist: bool = True,
        fm: FailureManager | None = None,
        add_node_callback: Callable[[ExperimentController, Any], None] | None = None,
        add_edge_callback: Callable[[ExperimentController, Any, Any], None] | None = None,
        *,
        run_id: str | None = None,
        nthreads: int | None = None,
        description: ExperimentDescription | None = None,
        **topology: Any,
    ) -> None:
        given = description.copy() if description is not None else ExperimentDescription()
        self._identify(given, exp_id, run_id, local_dir, nthreads)
        resources, given.resources = given.resources, {}
        changes, given.changes = given.changes, []
        super().__init__(given)
        self.persist = persist
        self.fm = fm if fm is not None else FailureManager()
        self.fm.set_ec(self)
        self._state = ECState.RUNNING
        self._start_engine(_thread_number(given.nthreads or os.environ.get("NEPI_NTHREADS") or 20))
        self._tasks: dict[int, Task] = {}
        self._run: Run | None = None
        self._shared: dict[type[Closeable], Closeable] = {}
        self._opening = threading.RLock()
        self._closing = threading.Lock()
        self._judging = threading.RLock()
        self._judged: set[ResourceManager] = set()
        self._netgraph: NetGraph | None = None
        try:
            self._take_in(resources.values(), changes)
            self._build_topology(topology, add_node_callback, add_edge_callback)
        except BaseException:
            self._stop_engine()
            raise

    def _identify(
        self,
        given: ExperimentDescription,
        exp_id: str | None,
        run_id: str | None,
        local_dir: str | os.PathLike[str] | None,
        nthreads: int | None,
    ) -> None:
        # What was not said stays out of the description, so that a file does not carry the habits of this machine.
        given.exp_id = _folder_name("exp_id", exp_id or given.exp_id or f"exp-{secrets.token_hex(4)}")
        given.local_dir = os.fspath(local_dir or given.local_dir)
        given.nthreads = given.nthreads if nthreads is None else nthreads
        self._run_id = _folder_name("run_id", run_id or tsformat())
        self._local_dir = str(Path(given.local_dir or default_local_dir()).expanduser().absolute())

    def _start_engine(self, nthreads: int) -> None:
        self.announcer = Announcer(logger.exception)
        self.gatekeeper = Gatekeeper(self._managers)
        self.workers = WorkerPool(nthreads, self._job_failed, "nepi-worker")
        self._timer = Timer(lambda task: self.workers.submit(task.run), "nepi-timer")
        self.actions = Actions(self.gatekeeper, self.workers, self._timer)
        self._deployment = Deployment(self, self.gatekeeper)
        self.announcer.subscribe(self._state_changed)

    def _stop_engine(self) -> None:
        self._timer.stop()
        self.workers.close()

    # -- what it is --------------------------------------------------------------------------------

    @property
    def exp_id(self) -> str:
        """Name of the experiment."""
        return self.description.exp_id

    @property
    def run_id(self) -> str:
        """Name of this run."""
        return self._run_id

    @property
    def nthreads(self) -> int:
        """Largest number of threads."""
        return self.workers.size

    @property
    def local_dir(self) -> str:
        """Folder for all experiments."""
        return self._local_dir

    @property
    def exp_dir(self) -> str:
        """Folder of this experiment."""
        return str(Path(self.local_dir, self.exp_id))

    @property
    def run_dir(self) -> str:
        """Folder of this run; it is made when the first resource is deployed."""
        return str(Path(self.exp_dir, self.run_id))

    @property
    def trace_folder(self) -> Path:
        """Folder of the traces of this run."""
        return Path(self.run_dir, "traces")

    @property
    def netgraph(self) -> NetGraph | None:
        """The topology, if there is one."""
        return self._netgraph

    @property
    def ecstate(self) -> ECState:
        """What has become of the controller."""
        return ECState.FAILED if self._state is ECState.RUNNING and self.abort else self._state

    @property
    def failure_level(self) -> FailureLevel:
        """How far the experiment has failed."""
        return self.fm.failure_level

    @property
    def abort(self) -> bool:
        """Whether the experiment is given up, because of a failure."""
        return self.fm.abort

    @property
    def run(self) -> Run:
        """The record of this run; opened on first use."""
        with self._opening:
            if self._run is None:
                if self._state >= ECState.RELEASED:
                    raise NepiError(f"Run {self.run_id} of experiment {self.exp_id} has been shut down.")
                self._run = Run(self)
            return self._run

    @property
    def has_run(self) -> bool:
        """Whether a resource has been deployed, so that there is a record of this run."""
        return self._run is not None

    @property
    def local_host(self) -> LocalHost:
        """This machine, for resources that run commands on it; what they start ends with the controller."""
        return self.shared(LocalHost, lambda: LocalHost(Path(self.run_dir)))

    def shared(self, kind: type[AnyCloseable], make: Callable[[], AnyCloseable]) -> AnyCloseable:
        """Return the one object of a kind that resources of this experiment share; made on first use.

        It is closed at the shutdown, when all resources have been released; those made last are closed first.

        Raises:
            NepiError: the experiment has been shut down.
        """
        with self._opening:
            if kind not in self._shared:
                if self._state >= ECState.RELEASED:
                    raise NepiError(f"Run {self.run_id} of experiment {self.exp_id} has been shut down.")
                self._shared[kind] = make()
            found = self._shared[kind]
        assert isinstance(found, kind)
        return found

    def close_shared(self) -> None:
        """Close all that resources share, whoever still uses it: programs end at once. For who is in a hurry."""
        with self._opening:
            shared = list(self._shared.values())
        for each in reversed(shared):
            each.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and self._run is not None and not self._run.outcome:
            self._run.outcome = "interrupted" if issubclass(kind, KeyboardInterrupt) else "failed"
        self.shutdown()

    # -- description in and out --------------------------------------------------------------------

    @classmethod
    def load(
        cls, path: str | os.PathLike[str], format: str = SFormats.XML, dialect: str | None = None, **named: Any
    ) -> Self:
        """Return a controller for the experiment in a file.

        Args:
            dialect: "nepi3" or "nepi6" for files of NEPI; see the reference of the format.
            named: further arguments of the controller.

        Raises:
            FormatError: the file is not what it should be.
        """
        from nepi_core.xml_format import read_xml

        _check_format(format)
        return cls(description=read_xml(Path(path), dialect), **named)

    def _take_in(self, resources: Iterable[ResourceDescription], changes: Iterable[AttributeChange]) -> None:
        from nepi_core.loading import take_in

        take_in(self, resources, changes)

    def serialize(self, format: str = SFormats.XML) -> str:
        """Return the experiment, with the present states, as XML text."""
        from nepi_core.xml_format import to_xml

        _check_format(format)
        return to_xml(self.snapshot()).decode()

    def save(self, dirpath: str | os.PathLike[str] | None = None, format: str = SFormats.XML) -> str:
        """Write the experiment and return the path of the file.

        Args:
            dirpath: folder (default: that of the run), or a path that ends in ``.xml``.
        """
        from nepi_core.xml_format import write_xml

        _check_format(format)
        path = _file_in(dirpath or self.run_dir, (".xml",), f"{self.exp_id}.xml")
        write_xml(self.snapshot(), path)
        return str(path)

    def snapshot(self) -> ExperimentDescription:
        """Return a copy of the description with the present states and times, and without secrets."""
        from nepi_core.loading import snapshot

        with self._editing:
            return snapshot(self)

    def plot(
        self, dirpath: str | os.PathLike[str] | None = None, format: str = PFormats.FIGURE, persist: bool = False
    ) -> str:
        """Draw the experiment and return the path of the picture (PNG, or DOT text).

        Args:
            dirpath: folder (default: that of the run), or a path that ends in ``.png``, ``.svg`` or ``.dot``.
            persist: kept for NEPI's users; the picture is always kept.
        """
        from nepi_core.plot import ENDINGS, plot_experiment

        endings = {PFormats.DOT: "dot", PFormats.FIGURE: "png"}
        if format not in endings:
            raise NepiError(f"An experiment cannot be drawn as {format!r}; formats are {', '.join(sorted(endings))}.")
        path = _file_in(dirpath or self.run_dir, ENDINGS, f"{self.exp_id}.{endings[format]}")
        plot_experiment(self.snapshot(), path)
        return str(path)

    def _build_topology(self, arguments: dict[str, Any], add_node: Any, add_edge: Any) -> None:
        if not arguments and self.description.topology is None:
            return
        from nepi_core.topology import NetGraph

        if arguments:
            self._netgraph = NetGraph(**arguments)
            for nid in self._netgraph.nodes() if add_node else ():
                add_node(self, nid)
            for nid1, nid2 in self._netgraph.edges() if add_edge else ():
                add_edge(self, nid1, nid2)
        elif self.description.topology is not None:
            self._netgraph = NetGraph.from_description(self.description.topology)

    # -- life --------------------------------------------------------------------------------------

    def discover(self, guid: int) -> None:
        """Discover a resource, now, in this thread."""
        self.get_resource(guid).discover()

    def provision(self, guid: int) -> None:
        """Provision a resource, now, in this thread."""
        self.get_resource(guid).provision()

    def start(self, guid: int) -> None:
        """Start a resource, now, in this thread, whatever its conditions, which then do not start it any more."""
        self.get_resource(guid).start()
        self.actions.disarm([guid], [ResourceAction.START])

    def stop(self, guid: int) -> None:
        """Stop a resource, whatever its conditions, and wait until it has STOPPED or FAILED."""
        self._refuse_in_subscriber()
        manager = self.get_resource(guid)
        if manager.state is not ResourceState.STOPPED:
            before = manager.stop_time
            manager.stop()
            # Another thread may start it again before this one has looked.
            self.wait(guid, ResourceState.STOPPED, lambda: bool(manager.stop_time != before))

    def deploy(self, guids: Guids | None = None, wait_all_ready: bool = True, group: int | None = None) -> int:
        """Deploy resources and start them, as their conditions allow. Returns the number of the group at once.

        Args:
            guids: the resources (default: all); those are left out that are deployed already, or have ended.
            wait_all_ready: start none of them before all are READY.
            group: number of an earlier group that these join.

        Raises:
            DeploymentError: the experiment cannot be deployed as it is; nothing was done.
            ConditionError: a deployment would wait for itself.
        """
        from nepi_core.loading import refuse_undeployable

        with self._editing:
            self._refuse_when_closed()
            self._refuse_when_given_up()
            chosen = self._managers.values() if guids is None else map(self.get_resource, as_guids(guids))
            new = [each for each in chosen if each.state <= ResourceState.READY and each.deployment_group is None]
            refuse_undeployable(self, new)
            late = self._deployment.late(new)
            self.run.begin(new)
            return self._deployment.deploy(new, late if wait_all_ready else {each.guid for each in new}, group)

    def _refuse_when_given_up(self) -> None:
        if self.abort:
            failed = [each for each in self._managers.values() if each.is_critical and each.failure is not None]
            causes = "; ".join(f"{each.name} FAILED: {each.cause}" for each in failed[:3])
            raise DeploymentError(
                f"Experiment {self.exp_id} was given up, so that nothing can be deployed in it. {causes}"
            )

    def release(self, guids: Guids | None = None, timeout: float | None = None) -> None:
        """Release resources (default: all) and wait until they are RELEASED; the others run on. Twice is harmless.

        Raises:
            UnknownResourceError: a guid does not exist.
            WaitTimeoutError: after ``timeout`` seconds; the releases go on.
            NepiError: a subscriber has called this, or a job of a resource that would be released.
        """
        chosen = (
            list(self._managers.values()) if guids is None else [self.get_resource(guid) for guid in as_guids(guids)]
        )
        self._refuse_release_of(chosen)
        self.actions.disarm(manager.guid for manager in chosen)
        for manager in chosen:
            manager.cancel()
        release_in_order(chosen, self.workers, self.actions)
        self._wait([manager.guid for manager in chosen], ResourceState.RELEASED, lambda: False, timeout)
        for manager in chosen:
            if manager.data.attributes.get("hardRelease"):
                self._remove_results(manager)

    def _refuse_release_of(self, chosen: Iterable[ResourceManager]) -> None:
        self._refuse_in_subscriber()
        for manager in chosen:
            if manager.life.inside:
                raise NepiError(f"{manager.name} cannot be released from inside its own job, which the release awaits.")

    def _remove_results(self, manager: ResourceManager) -> None:
        try:
            for trace in manager.get_traces():
                manager.trace_path(trace.name).unlink(missing_ok=True)
        except OSError as error:
            manager.error(f"its results could not be removed: {error}")
        with contextlib.suppress(NepiError):  # removed by another thread
            self.remove_resource(manager.guid)

    def shutdown(self) -> None:
        """Release everything, end all that was started, close the record of the run. Twice is harmless.

        Nothing can be added or deployed from then on. A job of the experiment, such as a scheduled callback, may call
        it; while another thread does so, it returns there at once.

        Raises:
            NepiError: a subscriber or a job of a resource has called this, as for `release`.
        """
        if not self._closing.acquire(blocking=not self.workers.inside):
            return  # whoever shuts down waits for the end of this job
        try:
            if self._state is not ECState.TERMINATED:
                self._shut_down()
        finally:
            self._closing.release()

    def _shut_down(self) -> None:
        with self._editing:
            self._refuse_release_of(self._managers.values())
            self._closed = f"Run {self.run_id} of experiment {self.exp_id} has been shut down."
        self.release()
        self._state = ECState.RELEASED
        with contextlib.ExitStack() as steps:  # each is done, last first, whatever the others raise
            if not self.persist:
                steps.callback(shutil.rmtree, self.run_dir, ignore_errors=True)
            with self._opening:
                shared, run = list(self._shared.values()), self._run
            if run is not None:
                steps.callback(run.close, "failed" if self.abort else "done")
            for each in shared:
                steps.callback(each.close)
            steps.callback(self._stop_engine)
        self._state = ECState.TERMINATED

    def _state_changed(self, change: StateChange) -> None:
        # In this order: who waits for the resource finds the experiment given up, if it is.
        if change.new is ResourceState.FAILED:
            self.inform_failure(change.guid)
        self.gatekeeper.state_changed(change)

    def inform_failure(self, guid: int) -> None:
        """Have the failure manager judge that a resource FAILED, unless it has done so; called for each that does.

        A failure manager that raises has failed itself, which gives the experiment up.
        """
        with self._judging:
            manager = self._managers.get(guid)
            if manager is None or manager in self._judged:
                return
            self._judged.add(manager)
            try:
                self.fm.eval_failure(guid)
            except Exception:
                logger.exception("The failure manager could not judge the failure of resource %s", guid)
                self.fm.set_ec_failure()
        if self.abort:
            self.look_at_waits()

    def _job_failed(self, error: BaseException) -> None:
        logger.error("A scheduled task failed: %s", error, exc_info=error, extra={"run_id": self.run_id})

    # -- tasks -------------------------------------------------------------------------------------

    def schedule(self, date: Delay | datetime, callback: Callable[[], Any], track: bool = False) -> int:
        """Have a worker call ``callback`` at a date, or after a delay; return the number of the task.

        Args:
            date: a delay such as ``10s``, a date as `tsformat` writes it, or a datetime.
            track: keep the task, so that `get_task` finds it with its result.

        Raises:
            TimeFormatError: ``date`` is neither.
        """
        task = self._timer.schedule(Task(due_time(date), callback))
        assert task.id is not None
        if track:
            self._tasks[task.id] = task
        return task.id

    def get_task(self, tid: int) -> Task | None:
        """Return a task that was scheduled with ``track``, None when there is none of that number."""
        return self._tasks.get(tid)


def default_local_dir() -> str:
    """Return the folder for all experiments: ``NEPI_LOCAL_DIR``, or ``nepi/experiments`` in the user's data folder."""
    if chosen := os.environ.get("NEPI_LOCAL_DIR"):
        return chosen
    from platformdirs import user_data_dir

    return str(Path(user_data_dir("nepi"), "experiments"))


def _folder_name(what: str, name: str) -> str:
    if isinstance(name, str) and re.fullmatch(r"[\w+=,@][\w+=,@. -]{0,199}", name):
        return name
    raise NepiError(
        f"{what} cannot be {name!r}: it names a folder, so it takes letters, digits and any of _+=,@.- and blanks, "
        "at most 200, and does not begin with a dot, a dash or a blank."
    )


def _thread_number(number: int | str) -> int:
    try:
        threads = int(number)
    except ValueError:
        threads = 0
    if not 1 <= threads <= 1000:
        raise NepiError(f"The number of threads cannot be {number!r}; it takes a whole number from 1 to 1000.")
    return threads


def _file_in(path: str | os.PathLike[str], endings: Iterable[str], name: str) -> Path:
    """Return a path that names a file by its ending, or else the file ``name`` in it; make the folders above it."""
    chosen = Path(path)
    if chosen.suffix.lower() not in endings:
        chosen = chosen / name
    try:
        chosen.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NepiError(f"{chosen} cannot be written: {error.strerror or error}.") from None
    return chosen


def _check_format(format: str) -> None:
    if format != SFormats.XML:
        raise NepiError(f"An experiment cannot be kept as {format!r}; the only format is {SFormats.XML!r}.")
