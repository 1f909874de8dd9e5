"""Driving single resources of a run that goes on: deploy, start, stop, release what is selected."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial

from nepi_core.states import ResourceState
from nepi_gui.watching.live_edits import LiveEdits
from nepi_gui.watching.run_link import Answered
from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature
from nepi_gui.window.notices import Tone
from nepi_gui.window.running import RunningFeature
from nepi_gui.window.safekeeping import SafekeepingFeature

_NEW, _RELEASED = ResourceState.NEW, ResourceState.RELEASED
_LIVING = tuple(state for state in ResourceState if _NEW < state < _RELEASED)

Act = Callable[[WatchedRun, Iterable[int], Answered], None]


class DrivingFeature(Feature):
    """Brings the commands for the selected resources of a live run."""

    def commands(self) -> Iterable[Command]:
        """Yield the commands."""
        menu = self.tr("&Run")
        yield Command(
            "run.deploy",
            self.tr("&Deploy the selection"),
            self.deploy,
            menu,
            ("Ctrl+F5",),
            self.tr("Add what is new to the run that goes on, and deploy it."),
            enabled=lambda: bool(self._run() and self._deployable()),
            separated=True,
        )
        for name, text, help, act, states in (
            (
                "run.start",
                self.tr("S&tart the selection"),
                self.tr("Start what is selected, whatever its conditions."),
                WatchedRun.start,
                (ResourceState.READY, ResourceState.STOPPED),
            ),
            (
                "run.stop-selection",
                self.tr("St&op the selection"),
                self.tr("Stop what is selected."),
                WatchedRun.stop,
                (ResourceState.STARTED,),
            ),
            (
                "run.release",
                self.tr("Re&lease the selection"),
                self.tr("Release what is selected; the rest of the run goes on."),
                WatchedRun.release,
                _LIVING,
            ),
        ):
            run, may = partial(self._act, act, states), partial(self._may, states)
            yield Command(name, text, run, menu, (), help, enabled=may)

    def _act(self, act: Act, states: Collection[ResourceState]) -> None:
        run = self._run()
        if run is not None and (guids := self._in_state(run, states)):
            act(run, guids, self._take_answer)

    def _may(self, states: Collection[ResourceState]) -> bool:
        run = self._run()
        return run is not None and bool(self._in_state(run, states))

    def deploy(self) -> None:
        """Deploy what is selected; what the run does not have is added to it before."""
        run, edits = self._run(), self._edits
        if run is None or edits is None:
            return
        guids = self._deployable()
        new = [guid for guid in guids if not edits.holds(guid) or run.lives.state(guid) is _RELEASED]
        if new:
            run.add(self.document.description.resources, new, partial(self._take_addition, run, edits, new, guids))
            for guid in new:
                edits.note(guid)
        else:
            run.deploy(guids, self._take_answer)

    def _take_addition(
        self, run: WatchedRun, edits: LiveEdits, new: Sequence[int], guids: Sequence[int], errors: Sequence[str]
    ) -> None:
        if not errors:
            run.deploy(guids, self._take_answer)
            return
        for guid in new:
            edits.forget(guid)
        self._take_answer(errors)

    def _run(self) -> WatchedRun | None:
        run = self.editor.run
        return run if run is not None and run.is_driven else None

    @property
    def _edits(self) -> LiveEdits | None:
        return RunningFeature.of(self.window).edits

    def _deployable(self) -> list[int]:
        run = self._run()
        if run is None or self._edits is None:
            return []
        chosen = self.selection.guids
        return sorted(guid for guid in chosen if run.lives.state(guid) in (_NEW, _RELEASED))

    def _in_state(self, run: WatchedRun, states: Collection[ResourceState]) -> list[int]:
        """Return what is selected and in one of these states in the run; another one may have the same guids."""
        edits = self._edits
        if edits is None:
            return []
        return sorted(guid for guid in self.selection.guids if edits.holds(guid) and run.lives.state(guid) in states)

    def _take_answer(self, errors: Sequence[str]) -> None:
        if errors:
            text = " ".join(errors[:3]) + (self.tr(" ({0} more)").format(len(errors) - 3) if len(errors) > 3 else "")
            SafekeepingFeature.of(self.window).notices.show_notice("drive", text, tone=Tone.WARNING)
