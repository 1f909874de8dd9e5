"""Plotting from the canvas: commands, a menu of a resource's series, and resources that are dragged onto the plots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

from nepi_core.structure import shown_name
from nepi_gui import icons
from nepi_gui.canvas.hits import Part
from nepi_gui.document.traces import measures
from nepi_gui.plots.panel import PlotsPanel
from nepi_gui.plots.series import SeriesInfo, SeriesKey
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature

if TYPE_CHECKING:
    from nepi_gui.plots.plot import Plot
    from nepi_gui.window.main_window import MainWindow

_HEIGHT = 340  # pixels that the plots get at first
_CAME_FORWARD = "plots_came_forward"  # the setting: whether the user has been shown where the plots are
_MOST = 20  # series that stand in one menu
_GRABBED = (Part.BODY, Part.LABEL, Part.LINE)


class PlottingFeature(Feature):
    """Has series of resources plotted."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._drag = CanvasDrag(self)
        self._has_room = False

    @property
    def panel(self) -> PlotsPanel:
        """The dock of the plots."""
        panel = self.window.docks["plots"].widget()
        assert isinstance(panel, PlotsPanel)
        return panel

    def commands(self) -> Iterable[Command]:
        """Yield the commands that are about plots."""
        menu = self.tr("&Run")
        yield Command(
            "plots.selection",
            self.tr("&Plot…"),
            self.plot_selection,
            menu,
            ("Ctrl+Alt+P",),
            self.tr("Plot a series of what is selected."),
            "plot",
            self._can_plot,
            separated=True,
        )
        yield Command(
            "plots.pause",
            self.tr("Pa&use the plots"),
            self.pause,
            menu,
            ("Alt+Shift+P",),
            self.tr("Have the plots stand still while the run goes on, or follow it again."),
            enabled=self._has_plots,
            checked=self._is_paused,
        )
        for kind, text in (("png", self.tr("Plots as P&NG…")), ("svg", self.tr("Plots as S&VG…"))):
            yield Command(f"plots.{kind}", text, partial(self.save, kind), menu, enabled=self._has_plots)
        csv = self.tr("Plotted numbers as &CSV…")
        yield Command("plots.csv", csv, partial(self.save, "csv"), menu, enabled=self._has_plots)

    def opened(self) -> None:
        """Listen to the canvas, and make room for the plots when they are shown first."""
        viewport = self.window.view.viewport()
        viewport.installEventFilter(self._drag)
        self.window.docks["plots"].visibilityChanged.connect(self._make_room)
        self.editor.run_changed.connect(self._on_run)

    def closed(self) -> None:
        """Give back what is open."""
        self.window.view.viewport().removeEventFilter(self._drag)
        self.panel.close_plots()

    def _on_run(self) -> None:
        self._come_forward()
        self._make_room(self.panel.isVisible())

    def _come_forward(self) -> None:
        """Show the plots with the first run that measures anything, unless the user has closed them; never again."""
        run, dock = self.editor.run, self.window.docks["plots"]
        if run is None or not run.is_live or self.editor.settings.is_on(_CAME_FORWARD):
            return
        if not measures(run.description):
            return
        self.editor.settings.keep(_CAME_FORWARD, True)
        if not dock.isHidden():
            dock.raise_()

    def _make_room(self, is_visible: bool) -> None:
        """Make the plots high enough when they are shown with a run for the first time."""
        dock = self.window.docks["plots"]
        if is_visible and not self._has_room and self.editor.run is not None:
            self._has_room = True
            if not dock.isFloating() and dock.height() < _HEIGHT * 2 // 3:
                self.window.resizeDocks([dock], [_HEIGHT], Qt.Orientation.Vertical)

    def _can_plot(self) -> bool:
        return self.editor.run is not None and bool(self.selection.guids)

    def _has_plots(self) -> bool:
        return self.editor.run is not None and self.panel.stack is not None and bool(self.panel.stack.plots)

    def _is_paused(self) -> bool:
        stack = self.panel.stack
        return stack is not None and self.editor.run is not None and not stack.time.range.is_following

    def pause(self) -> None:
        """Have the plots stand still, or follow the run again."""
        if self.panel.stack is not None:
            self.panel.stack.time.pause(not self._is_paused())

    def save(self, kind: str) -> None:
        """Save all plots as "png", "svg" or "csv"."""
        if self.panel.stack is not None:
            self.panel.stack.exporting.emit(None, kind)

    # -- choosing --------------------------------------------------------------------------------------

    def plot_selection(self) -> None:
        """Let the user choose a series of what is selected."""
        view, scene = self.window.view, self.window.scene
        guids = self.selection.guids
        place = view.mapFromScene(scene.centre(guids[0])) if guids else QPoint()
        inside = view.viewport().rect()
        self.choose(guids, view.viewport().mapToGlobal(place if inside.contains(place) else inside.center()))

    def choose(self, guids: Sequence[int], place: QPoint, plot: Plot | None = None, anew: bool = False) -> QMenu | None:
        """Open a menu of the series of resources and of what hangs at them; a single one is plotted at once.

        Args:
            place: on the screen.
            plot: where the chosen one goes; None for one that has an axis for it.
            anew: it goes on a new plot.
        """
        attached = self.window.scene.structure.attached
        wanted = dict.fromkeys(each for guid in guids for each in (guid, *attached.get(guid, ())))
        infos = self.panel.series_of(wanted)
        if not infos:
            self.editor.tell(self._refusal(guids))
            return None
        self.window.docks["plots"].show()
        self.window.docks["plots"].raise_()
        if len(infos) == 1:
            self.panel.plot([infos[0].key], plot, anew)
            return None
        menu = self._menu(infos, plot, anew)
        menu.popup(place)
        return menu

    def _refusal(self, guids: Sequence[int]) -> str:
        if self.editor.run is None:
            return self.tr("No run is watched, so there is nothing to plot.")
        if len(guids) != 1:
            return self.tr("What is selected has no numbers in this run, at least not yet.")
        name = shown_name(self.document.description.resource(guids[0]))
        return self.tr("{0} has no numbers in this run, at least not yet.").format(name)

    def _menu(self, infos: Sequence[SeriesInfo], plot: Plot | None, anew: bool) -> QMenu:
        menu = QMenu(self.window)
        menu.setObjectName("plots.choose")
        menu.setToolTipsVisible(True)
        menu.aboutToHide.connect(menu.deleteLater)
        groups: dict[tuple[str, str], list[SeriesInfo]] = {}
        for info in infos:
            groups.setdefault((info.key.series, info.unit), []).append(info)
        for (series, unit), alike in groups.items():
            if len(alike) > 1:
                text = self.tr("{0} of all {1}").format(_with_unit(series, unit), len(alike))
                self._add(menu, text, alike, plot, anew)
        if not menu.isEmpty():
            menu.addSeparator()
        for info in infos[:_MOST]:
            self._add(menu, _with_unit(info.name, info.unit), [info], plot, anew)
        if len(infos) > _MOST:
            menu.addAction(self.tr("{0} more in the list beside the plots").format(len(infos) - _MOST)).setEnabled(
                False
            )
        return menu

    def _add(self, menu: QMenu, text: str, infos: Sequence[SeriesInfo], plot: Plot | None, anew: bool) -> None:
        action = menu.addAction(icons.icon("plot"), text.replace("&", "&&"))
        refusal = plot.refusal(infos[0].unit) if plot is not None and not anew else ""
        action.setToolTip(refusal or infos[0].help)
        action.setEnabled(not refusal)
        action.triggered.connect(partial(self._plot, [each.key for each in infos], plot, anew))

    def _plot(self, keys: Sequence[SeriesKey], plot: Plot | None, anew: bool, *_: object) -> None:
        self.panel.plot(keys, plot, anew)

    def plot_under(self, place: QPoint) -> tuple[Plot | None, bool]:
        """Return the plot at a point of the screen, and whether the point is within the plots at all."""
        panel = self.panel
        inside = panel.isVisible() and panel.rect().contains(panel.mapFromGlobal(place))
        plots: Sequence[QWidget] = panel.stack.plots if inside and panel.stack is not None else ()
        found = (each for each in plots if each.isVisible() and each.rect().contains(each.mapFromGlobal(place)))
        plot: Plot | None = next(found, None)  # type: ignore[assignment]
        return plot, inside


class CanvasDrag(QObject):
    """Follows a resource that is dragged from the canvas onto the plots: there it is plotted, and moves no more."""

    def __init__(self, feature: PlottingFeature) -> None:
        super().__init__(feature)
        self._feature = feature
        self._carried: list[int] = []
        self._may_carry = False
        self._looked_at = QPointF()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent):
            if event.type() is QEvent.Type.MouseButtonPress:
                self._press(event)
            elif event.type() is QEvent.Type.MouseMove:
                return self._move(event)
            elif event.type() is QEvent.Type.MouseButtonRelease:
                return self._release(event)
        return super().eventFilter(watched, event)

    def _press(self, event: QMouseEvent) -> None:
        view = self._feature.window.view
        is_left = event.button() is Qt.MouseButton.LeftButton and not view.drawing and not view.is_linking
        hit = view.hit_at(event.position())
        self._may_carry = is_left and hit.key > 0 and hit.part in _GRABBED and self._feature.editor.run is not None
        self._looked_at = view.shown().center()
        self._carried = []

    def _move(self, event: QMouseEvent) -> bool:
        if not self._may_carry:
            return False
        _, is_inside = self._feature.plot_under(event.globalPosition().toPoint())
        view = self._feature.window.view
        if is_inside and not self._carried:
            self._carried = self._feature.selection.guids
            view.cancel_gesture()  # what was grabbed goes back to its place
            view.look_at(self._looked_at)  # and so does the canvas, which has scrolled at the edge that was passed
            view.viewport().setCursor(Qt.CursorShape.DragCopyCursor)
        elif self._carried:
            shape = Qt.CursorShape.DragCopyCursor if is_inside else Qt.CursorShape.ForbiddenCursor
            view.viewport().setCursor(shape)
        return bool(self._carried)

    def _release(self, event: QMouseEvent) -> bool:
        carried, self._carried, self._may_carry = self._carried, [], False
        if not carried:
            return False
        self._feature.window.view.viewport().unsetCursor()
        place = event.globalPosition().toPoint()
        plot, is_inside = self._feature.plot_under(place)
        if is_inside:
            self._feature.choose(carried, place, plot, anew=plot is None)
        return True


def _with_unit(name: str, unit: str) -> str:
    return f"{name} ({unit})" if unit else name
