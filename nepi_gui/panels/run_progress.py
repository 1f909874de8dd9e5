"""How far the run has come that is watched, in the status bar: figures, a bar, and what is waited for."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QToolButton, QWidget

from nepi_core.states import ResourceState
from nepi_core.structure import shown_name
from nepi_core.times import now
from nepi_gui.appearance import Appearance
from nepi_gui.canvas import state_signs
from nepi_gui.number_text import duration_text
from nepi_gui.watching.run_figures import Phase, RunFigures
from nepi_gui.watching.watched_run import WatchedRun

_FOLD = 200  # ms: figures change five times a second at most
_TICK = 1000  # ms: durations go on
_PATIENCE = 3.0  # seconds without any change, after which it is told what is waited for
_BAR = QSize(110, 10)
_READY, _STARTED, _STOPPED = ResourceState.READY, ResourceState.STARTED, ResourceState.STOPPED
_FAILED, _RELEASED = ResourceState.FAILED, ResourceState.RELEASED


class RunProgress(QWidget):
    """Tells of a run; hidden while none is watched. A click leads to what has FAILED, or is waited for.

    Signals:
        wanted: the user wants to see this resource.
    """

    wanted = Signal(int)

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._run: WatchedRun | None = None
        self.figures: RunFigures | None = None
        self._touched: set[int] = set()
        self.button = QToolButton(self)
        self.button.setAutoRaise(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setAccessibleName(self.tr("The run"))
        self.button.clicked.connect(self._lead)
        self.bar = QProgressBar(self)
        self.bar.setFixedSize(_BAR)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the deployment"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.bar)
        layout.addWidget(self.button)
        self._folding = QTimer(self, singleShot=True, interval=_FOLD)
        self._folding.timeout.connect(self._show)
        self._ticking = QTimer(self, interval=_TICK)
        self._ticking.timeout.connect(self._show)
        appearance.changed.connect(self._show)
        self.hide()

    @property
    def text(self) -> str:
        """What is told; "" for nothing."""
        return "" if self.isHidden() else self.button.text().replace("&&", "&")

    def watch(self, run: WatchedRun | None) -> None:
        """Tell of another run, or of none."""
        self._run = run
        self.figures = RunFigures(run) if run is not None else None
        self._touched.clear()
        if run is not None:
            run.states_changed.connect(self._take)
            for signal in (run.moment_changed, run.ending, run.ended):
                signal.connect(self._show_soon)
        self._show()

    def _take(self, guids: set[int]) -> None:
        self._touched |= guids
        self._show_soon()

    def _show_soon(self) -> None:
        if not self._folding.isActive():
            self._folding.start()

    # -- what is told ------------------------------------------------------------------------------------

    def _show(self) -> None:
        run, figures = self._run, self.figures
        self.setVisible(run is not None)
        if run is None or figures is None:
            self._ticking.stop()
            return
        figures.take(self._touched)
        self._touched.clear()
        phase = figures.phase
        text = {
            Phase.DEPLOYING: self._deploying,
            Phase.RUNNING: self._running,
            Phase.ENDING: self._ending,
            Phase.OVER: self._over,
            Phase.REPLAY: self._replay,
        }[phase](run, figures)
        self.button.setText(text.replace("&", "&&"))
        self.button.setAccessibleName(text)
        self.button.setToolTip(self._tool_tip(figures))
        self.button.setIcon(state_signs.icon(_sign(phase, run, figures), self._appearance.theme))
        self._show_bar(phase, figures)
        goes_on = run.is_live and phase is not Phase.REPLAY
        if goes_on != self._ticking.isActive():
            self._ticking.start() if goes_on else self._ticking.stop()

    def _show_bar(self, phase: Phase, figures: RunFigures) -> None:
        is_ending = phase is Phase.ENDING
        self.bar.setVisible(phase in (Phase.DEPLOYING, Phase.ENDING))
        self.bar.setMaximum(max(1, figures.total if is_ending else figures.expected))
        self.bar.setValue(figures.counts[_RELEASED] if is_ending else figures.ready)

    def _deploying(self, run: WatchedRun, figures: RunFigures) -> str:
        text = self.tr("{0} of {1} READY").format(figures.ready, figures.expected)
        since = figures.last or run.began
        if failed := figures.counts[_FAILED]:
            text += self.tr(", {0} FAILED").format(failed)
        if since is None or now() - since < _PATIENCE:
            return text
        first, *others = figures.awaited
        awaited = f"{self._name(run, first)} ({figures.state(first).name})"
        if others:
            return f"{text} – " + self.tr("waiting for {0} and {1} more").format(awaited, len(others))  # noqa: RUF001
        return f"{text} – " + self.tr("waiting for {0}").format(awaited)  # noqa: RUF001 - a dash

    def _running(self, run: WatchedRun, figures: RunFigures) -> str:
        since = figures.started if figures.started is not None else run.began
        time = duration_text(max(0.0, now() - since)) if since is not None else ""
        return self.tr("Running {0}, {1}").format(time, self._states(figures))

    def _states(self, figures: RunFigures) -> str:
        text = self.tr("{0} of {1} STARTED").format(figures.counts[_STARTED], figures.total)
        others = (f"{figures.counts[state]} {state.name}" for state in (_STOPPED, _FAILED) if figures.counts[state])
        return ", ".join((text, *others))

    def _ending(self, run: WatchedRun, figures: RunFigures) -> str:
        return self.tr("Ending, {0} of {1} RELEASED").format(figures.counts[_RELEASED], figures.total)

    def _over(self, run: WatchedRun, figures: RunFigures) -> str:
        begin, end = run.span
        words = {
            "done": self.tr("Done after {0}"),
            "failed": self.tr("Failed after {0}"),
            "interrupted": self.tr("Interrupted after {0}"),
            "running": self.tr("Cut short after {0}"),
        }
        text = words.get(run.outcome, self.tr("Over after {0}")).format(duration_text(end - begin))
        failed = figures.failed()
        if len(failed) == 1:
            return f"{text}: " + self.tr("{0} FAILED").format(self._name(run, failed[0]))
        return f"{text}: " + self.tr("{0} FAILED").format(len(failed)) if failed else text

    def _replay(self, run: WatchedRun, figures: RunFigures) -> str:
        since = (run.moment or 0.0) - run.span[0]
        return self.tr("At {0}: {1}").format(duration_text(since), self._states(figures))

    def _name(self, run: WatchedRun, guid: int) -> str:
        described = run.description.resources.get(guid)
        return " ".join(shown_name(described).split()) if described is not None else f"#{guid}"

    def _tool_tip(self, figures: RunFigures) -> str:
        return "\n".join(f"{figures.counts[state]} {state.name}" for state in ResourceState if figures.counts[state])

    def _lead(self) -> None:
        """Lead to what the text is about."""
        if self.figures is not None:
            about = self.figures.failed() or self.figures.awaited
            if about:
                self.wanted.emit(about[0])


def _sign(phase: Phase, run: WatchedRun, figures: RunFigures) -> ResourceState:
    """Return the state whose sign stands for a run as a whole."""
    if figures.counts[_FAILED] or (phase is Phase.OVER and run.outcome == "failed"):
        return _FAILED
    if phase is Phase.DEPLOYING:
        return ResourceState.PROVISIONED
    return {Phase.OVER: _STOPPED, Phase.ENDING: _RELEASED}.get(phase, _STARTED)
