"""Going through a run: its moments played and stepped through, for canvas, plots and log alike."""

from __future__ import annotations

from collections.abc import Iterable

from nepi_gui.panels.run_timeline.panel import TimelineDock
from nepi_gui.panels.run_timeline.replay import SPEEDS, Replay
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature


class ReplayingFeature(Feature):
    """Moves the moment that is looked at of the run that is watched."""

    def commands(self) -> Iterable[Command]:
        """Yield the commands that go through a run."""
        menu = f"{self.tr('&Run')}/{self.tr('Repla&y')}"
        yield Command(
            "replay.play",
            self.tr("&Play or pause"),
            self.toggle,
            menu,
            ("Ctrl+Alt+Space",),
            self.tr("Play the run from the moment that is looked at."),
            "play",
            self._is_watching,
        )
        yield Command(
            "replay.faster",
            self.tr("&Faster"),
            self.faster,
            menu,
            ("Alt+>",),
            self.tr("Play the run faster."),
            enabled=self._is_watching,
        )
        yield Command(
            "replay.slower",
            self.tr("&Slower"),
            self.slower,
            menu,
            ("Alt+<",),
            self.tr("Play the run more slowly."),
            enabled=self._is_watching,
        )
        yield from self._steps(menu)

    def _steps(self, menu: str) -> Iterable[Command]:
        yield Command(
            "replay.previous",
            self.tr("Pre&vious state change"),
            self.previous,
            menu,
            ("Alt+Left",),
            self.tr("Look at the state change before, of what is selected, or of anything."),
            "step-back",
            self._is_watching,
            separated=True,
        )
        yield Command(
            "replay.next",
            self.tr("&Next state change"),
            self.next,
            menu,
            ("Alt+Right",),
            self.tr("Look at the next state change, of what is selected, or of anything."),
            "step-forward",
            self._is_watching,
        )
        yield Command(
            "replay.failure",
            self.tr("First f&ailure"),
            self.first_failure,
            menu,
            ("Alt+F8",),
            self.tr("Look at the moment at which something FAILED first."),
            "first-failure",
            self._is_watching,
        )
        yield Command(
            "replay.now",
            self.tr("&Back to now"),
            self.back_to_now,
            menu,
            ("Alt+End",),
            self.tr("Look at the present moment, or at the end of a run that is over."),
            "now",
            self._is_watching,
        )

    @property
    def dock(self) -> TimelineDock:
        """The panel with the time line."""
        panel = self.window.docks["timeline"].widget()
        assert isinstance(panel, TimelineDock)
        return panel

    @property
    def replay(self) -> Replay:
        """What moves the moment."""
        return self.dock.chart.replay

    def _is_watching(self) -> bool:
        return self.editor.run is not None

    def toggle(self) -> None:
        """Play or pause."""
        self.replay.toggle()

    def faster(self) -> None:
        """Play the run faster."""
        self._change_speed(1)

    def slower(self) -> None:
        """Play the run more slowly."""
        self._change_speed(-1)

    def _change_speed(self, step: int) -> None:
        number = min(max(SPEEDS.index(self.replay.speed) + step, 0), len(SPEEDS) - 1)
        self.replay.set_speed(SPEEDS[number])

    def previous(self) -> None:
        """Look at the state change before."""
        self.dock.chart.step(-1)

    def next(self) -> None:
        """Look at the next state change."""
        self.dock.chart.step(1)

    def first_failure(self) -> None:
        """Look at the first failure, and select what FAILED."""
        if not self.dock.chart.first_failure():
            self.editor.tell(self.tr("Nothing has FAILED in this run."))

    def back_to_now(self) -> None:
        """Look at the present moment."""
        self.replay.go_to(None)

    def closed(self) -> None:
        """Play no longer."""
        self.replay.pause()
