"""The record of one run: its folder, run store, log, and the numbers read from its traces."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nepi_core.errors import RunStoreError
from nepi_core.runs.follower import TraceFollower
from nepi_core.runs.store import RunStore, StoreHandler
from nepi_core.series import Sample
from nepi_core.times import now

if TYPE_CHECKING:
    from nepi_core.controller import ExperimentController
    from nepi_core.description import ExperimentDescription
    from nepi_core.resource import ResourceManager

_program_log = logging.getLogger("nepi")


class Run:
    """Writes down what happens in a run, while it happens.

    Attributes:
        folder: the run's folder.
        last_values: the last number of each series, by guid and name of the series.
        outcome: what has become of the run, for who knows better than the controller; "" leaves it to that.

    Raises:
        RunStoreError: the folder cannot be made.
    """

    def __init__(self, ec: ExperimentController) -> None:
        self.folder = Path(ec.run_dir)
        self.last_values: dict[tuple[int, str], float] = {}
        self.outcome = ""
        self._ec = ec
        self._follower: TraceFollower | None = None
        self._lock = threading.Lock()
        if (self.folder / "run.sqlite").exists():
            raise RunStoreError(f"The folder {self.folder} holds a run already; each run needs a run_id of its own.")
        self.store = RunStore(self.folder)
        try:
            ec.trace_folder.mkdir(exist_ok=True)
        except OSError as error:
            self.store.close()
            raise RunStoreError(f"The folder of traces {ec.trace_folder} cannot be made: {error.strerror}.") from None
        if _program_log.level == logging.NOTSET:
            _program_log.setLevel(logging.INFO)
        # Who has not configured logging sees warnings and errors on standard error, as without our own handler.
        self._last_resort = None if _program_log.hasHandlers() else logging.lastResort
        if self._last_resort is not None:
            _program_log.addHandler(self._last_resort)
        self._handler = StoreHandler(self.store, ec.run_id, logging.INFO)
        _program_log.addHandler(self._handler)
        self._unsubscribe = ec.subscribe(self.store.state_changed)
        self.store.facts(exp_id=ec.exp_id, run_id=ec.run_id, began=now(), outcome="running")

    def begin(self, managers: Iterable[ResourceManager]) -> None:
        """Write down which resources are deployed, and the experiment as it is now (``experiment.xml``).

        The file tells nothing of the run, so that the SHA-256 that is recorded of it is that of the experiment.
        """
        from nepi_core.loading import as_deployed

        for manager in managers:
            self.store.resource(manager.guid, manager.get_rtype(), manager.data.label)
        # Left to the store's thread: it takes a while for a large experiment, and nobody has to wait for it.
        self.store.environment(partial(self._describe, as_deployed(self._ec)))

    def _describe(self, description: ExperimentDescription) -> Mapping[str, str]:
        from nepi_core.atomic_file import write_atomically
        from nepi_core.runs.environment import collect
        from nepi_core.xml_format import to_xml

        content = to_xml(description)
        write_atomically(self.folder / "experiment.xml", content)
        netgraph = self._ec.netgraph
        seeds = {"topology": netgraph.seed} if netgraph is not None and netgraph.seed is not None else {}
        return collect(description=content, seeds=seeds)

    # -- numbers -----------------------------------------------------------------------------------

    def follow(self, manager: ResourceManager, trace: str) -> None:
        """Read numbers from a trace while it grows, if the resource says how."""
        parser = manager.trace_parser(trace)
        if parser is None:
            return
        self.store.series(manager.guid, trace, manager.get_trace(trace).series)
        with self._lock:
            if self._follower is None:
                self._follower = TraceFollower(self._tell)
        self._follower.follow(manager.trace_path(trace), manager.guid, trace, parser, self._take)

    def finish(self, manager: ResourceManager, trace: str) -> None:
        """Read what is left of a trace that does not grow any more."""
        if self._follower is not None:
            self._follower.finish(manager.trace_path(trace))

    def _take(self, samples: list[Sample]) -> None:
        self.store.samples(samples)
        for sample in samples:
            self.last_values[sample.guid, sample.series] = sample.value

    def _tell(self, guid: int, trace: str, notice: str) -> None:
        self._ec.get_resource(guid).warning(f"trace '{trace}': {notice}")

    # -- end ---------------------------------------------------------------------------------------

    def close(self, outcome: str) -> None:
        """Write all that is left, and the outcome: "done", "failed" or "interrupted". Twice is harmless."""
        if self._follower is not None:
            self._follower.stop()
        self._unsubscribe()
        _program_log.removeHandler(self._handler)
        if self._last_resort is not None:
            _program_log.removeHandler(self._last_resort)
        self.store.facts(outcome=self.outcome or outcome, ended=now())
        self.store.close()
