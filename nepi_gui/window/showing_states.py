"""The run on the canvas: states, what has FAILED and why, what links carry, and how far the run has come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from nepi_core.states import ResourceState
from nepi_core.times import now
from nepi_gui.canvas.failure_cards import FailureCards
from nepi_gui.canvas.link_loads import LinkLoads
from nepi_gui.canvas.run_states import RunStates
from nepi_gui.canvas.state_legend import StateLegend
from nepi_gui.number_text import duration_text
from nepi_gui.panels.log import LogPanel
from nepi_gui.panels.run_progress import RunProgress
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature
from nepi_gui.window.overview import OverviewFeature
from nepi_gui.window.problems import ProblemsFeature

if TYPE_CHECKING:
    from nepi_gui.window.main_window import MainWindow

_LEGEND = "canvas/legend"
_LONGEST_CAUSE = 400  # characters in a tool tip


class ShowingStatesFeature(Feature):
    """Shows the run that is watched on the canvas and in the status bar.

    Attributes:
        states: what is shown on the canvas.
        cards: why things have FAILED.
        loads: what links carry.
        legend: what the signs mean.
        progress: how far the run has come.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        view, scene, appearance = self.window.view, self.window.scene, self.editor.appearance
        self.states = RunStates(scene, self)
        self.cards = FailureCards(view, self.states, appearance)
        self.loads = LinkLoads(scene, self.states)
        self.legend = StateLegend(view, self.states, appearance)
        self.progress = RunProgress(appearance, self.window)
        self.legend.want(self.editor.settings.is_on(_LEGEND, True))

    def commands(self) -> Iterable[Command]:
        """Yield the commands about what is shown of a run."""
        yield Command(
            "view.legend",
            self.tr("&Legend of the states"),
            self.switch_legend,
            self.tr("&View"),
            ("Ctrl+Alt+L",),
            self.tr("Show what the signs mean and how many resources are in each state, while a run is watched."),
            "info",
            checked=self._is_legend_wanted,
        )
        menu = self.tr("&Run")
        yield Command(
            "run.next-failure",
            self.tr("Ne&xt failure"),
            partial(self.go_to_failure, 1),
            menu,
            ("Ctrl+F8",),
            self.tr("Show the next resource that has FAILED, and why."),
            "error",
            self._has_failures,
            separated=True,
        )
        yield Command(
            "run.previous-failure",
            self.tr("Previous &failure"),
            partial(self.go_to_failure, -1),
            menu,
            ("Ctrl+Shift+F8",),
            self.tr("Show the resource that has FAILED before that, and why."),
            enabled=self._has_failures,
        )

    def opened(self) -> None:
        """Tell of the run in the status bar and in tool tips, and listen."""
        self.window.statusBar().insertPermanentWidget(0, self.progress)
        self.progress.wanted.connect(self._show)
        self.cards.log_wanted.connect(self.show_log)
        self.cards.copied.connect(self._tell_copied)
        self.legend.chosen.connect(self._select)
        self.loads.known.connect(self.legend.show_loads)
        ProblemsFeature.of(self.window).tool_tips.add(self.words)
        minimap = OverviewFeature.of(self.window).minimap
        for signal in (self.states.failures_changed, self.states.shown_anew):
            signal.connect(minimap.draw_soon)
            signal.connect(self.window.commands.refresh_soon)
        self.editor.run_changed.connect(self._watch)
        self._watch()

    def _watch(self) -> None:
        run = self.editor.run
        self.cards.forget()
        self.states.watch(run)
        self.loads.watch(run)
        self.progress.watch(run)

    # -- legend ----------------------------------------------------------------------------------------

    def switch_legend(self) -> None:
        """Show the legend, or hide it."""
        self.legend.want(not self.legend.is_wanted)
        self.editor.settings.keep(_LEGEND, self.legend.is_wanted)

    def _is_legend_wanted(self) -> bool:
        return self.legend.is_wanted

    def _select(self, state: ResourceState) -> None:
        self.selection.set([guid for guid, each in self.states.states.items() if each is state])

    # -- failures --------------------------------------------------------------------------------------

    def _has_failures(self) -> bool:
        return bool(self.states.failed())

    def go_to_failure(self, step: int) -> None:
        """Go to the next resource that has FAILED (1), or to the one before (-1), and open its card."""
        failed = self.states.failed()
        if not failed:
            return
        opened = self.cards.open_guids
        here = next((guid for guid in (*self.selection.keys, *reversed(opened)) if guid in failed), None)
        place = failed.index(here) + step if here is not None and here in self.selection else min(0, step)
        self._show(failed[place % len(failed)])

    def _show(self, guid: int) -> None:
        """Show a resource, and the card that tells why it has FAILED."""
        if guid in self.document.description.resources:
            self.window.show_page(self.window.view)
            self.cards.close_all()
            self.editor.reveal(guid)
            self.cards.open(guid, with_keyboard=True)

    def show_log(self, guid: int) -> None:
        """Show the log of a resource."""
        self.editor.reveal(guid)
        panel = self.window.docks["log"].widget()
        if isinstance(panel, LogPanel):
            panel.selected.setChecked(True)
        self.window.show_panel("log")

    def _tell_copied(self) -> None:
        self.editor.tell(self.tr("The cause was copied."))

    # -- words -----------------------------------------------------------------------------------------

    def words(self, guid: int) -> Iterator[str]:
        """Yield what is told of a resource's state when the mouse rests on it, in lines."""
        run = self.states.run
        if run is None:
            return
        if not self.states.has(guid):
            yield self.tr("Not in this run")
            return
        state, change = self.states.states.get(guid, ResourceState.NEW), self.states.change(guid)
        if change is None:
            yield state.name
            return
        until = run.moment if run.moment is not None else now() if run.is_live else run.span[1]
        yield self.tr("{0} for {1}").format(state.name, duration_text(max(0.0, until - change.time)))
        if change.cause:
            cause = change.cause
            yield cause if len(cause) <= _LONGEST_CAUSE else f"{cause[:_LONGEST_CAUSE]} …"
        yield from self.loads.words(guid)
