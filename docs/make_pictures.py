"""Writes pictures of the window into docs/pictures: ``python docs/make_pictures.py [FOLDER [NAME ...]]``.

Each picture is a function: it brings a window into a state, and returns what is to be seen. No screen is needed. The
settings are those of a first start, and nothing of the user's is read or written.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nepi_core import ExperimentDescription, ResourceAction, ResourceFactory, ResourceState
from nepi_core.description import Condition, Layout, ResourceDescription
from nepi_gui.topology_file import TopologyOptions, describe, make_graph

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF
    from PySide6.QtWidgets import QWidget

    from docs.run_story import RunStory
    from nepi_gui.window.application import Application
    from nepi_gui.window.main_window import MainWindow

DOCS = Path(__file__).resolve().parent
_MOMENT = 300  # ms after which panels show what has changed

State = Callable[["Application"], "QWidget"]
STATES: dict[str, State] = {}
"""The pictures by name."""


def state(function: State) -> State:
    """Note a function as a picture, which has its name."""
    STATES[function.__name__.replace("_", "-")] = function
    return function


# -- the pictures -----------------------------------------------------------------------------------


@state
def start_page(application: Application) -> QWidget:
    """Show what the program begins with."""
    from nepi_gui.window.starting import StartingFeature

    window = application.open_window()
    StartingFeature.of(window).show_page()
    return window


@state
def tour(application: Application) -> QWidget:
    """Show the first step of the tour."""
    from nepi_gui.window.helping import HelpingFeature

    window = application.open_window()
    HelpingFeature.of(window).begin_tour()
    return window


@state
def two_hosts(application: Application) -> QWidget:
    """Show a first experiment, with a host selected."""
    window = _opened(application, "two-hosts")
    window.editor.selection.set([1])
    return window


@state
def drawing_a_link(application: Application) -> QWidget:
    """Show how a link is drawn from the rim of a node: the mouse is held over the other one."""
    from PySide6.QtCore import QPointF

    from nepi_gui.document import resources

    window = application.open_window()
    first = resources.add_resource(window.editor.document, "netns::Node", (0.0, 0.0))
    resources.add_resource(window.editor.document, "netns::Node", (240.0, 0.0))
    resources.add_resource(window.editor.document, "linux::Node", (120.0, 140.0))
    window.view.fit()
    rim = window.scene.rect(first).right() + 5
    _drag(window, [QPointF(rim, 0), QPointF(120, -20), QPointF(236, 0)])
    return window


@state
def attributes(application: Application) -> QWidget:
    """Show the form of a link."""
    window = _opened(application, "tcp-loss-and-delay")
    window.editor.selection.set([3])
    window.show_panel("attributes")
    return window


@state
def conditions(application: Application) -> QWidget:
    """Show the conditions of an experiment as sentences, and the time line that follows from them."""
    window = _opened(application, "iperf3-localhost")
    window.show_panel("timeline")
    window.show_panel("conditions")
    return window


@state
def findings(application: Application) -> QWidget:
    """Show what is wrong with an experiment that is not complete."""
    from nepi_gui.document.document import Document

    window = application.open_window(Document(_incomplete()))
    window.show_panel("findings")
    return window


@state
def many_nodes(application: Application) -> QWidget:
    """Show a network of 200 nodes."""
    from nepi_gui.document.document import Document

    return application.open_window(Document(_network(200)))


@state
def dark(application: Application) -> QWidget:
    """Show an experiment in dark colours."""
    application.appearance.choose("dark")
    window = _opened(application, "three-routers")
    window.editor.selection.set([2])
    return window


@state
def topology_wizard(application: Application) -> QWidget:
    """Show the wizard that makes topologies."""
    window = application.open_window()
    return _dialog_of(window, "insert.topology")


@state
def command_palette(application: Application) -> QWidget:
    """Show the search over commands, types and resources."""
    window = _opened(application, "three-routers")
    window.commands["search.everything"].trigger()
    return window


@state
def keys(application: Application) -> QWidget:
    """Show all commands with their keys."""
    return _dialog_of(application.open_window(), "help.keys")


# -- what they need ------------------------------------------------------------------------------------


def _opened(application: Application, example: str) -> MainWindow:
    return application.open_file(DOCS.parent / "examples" / f"{example}.xml")


def _dialog_of(window: MainWindow, command: str) -> QWidget:
    """Return the dialog that a command opens."""
    from PySide6.QtWidgets import QDialog

    window.commands[command].trigger()
    return next(dialog for dialog in window.findChildren(QDialog) if dialog.isVisible())


def _drag(window: MainWindow, way: Sequence[QPointF]) -> None:
    """Press the mouse at the first of some places on the canvas, and hold it at the last one."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    no_key = Qt.KeyboardModifier.NoModifier
    pixels: list[QPoint] = [window.view.mapFromScene(place) for place in way]
    QTest.mousePress(window.view.viewport(), Qt.MouseButton.LeftButton, no_key, pixels[0])
    for pixel in pixels[1:]:
        QTest.mouseMove(window.view.viewport(), pixel)


def _incomplete() -> ExperimentDescription:
    """Return an experiment with several mistakes: a ping without a target, a link with one end, a type of nobody."""
    made = ExperimentDescription(exp_id="incomplete")
    ping = ResourceDescription(4, "linux::Ping", connections={1}, attributes={"count": -3})
    ping.conditions.append(Condition(ResourceAction.START, (9,), ResourceState.STARTED))
    for resource in (
        ResourceDescription(1, "netns::Node", connections={3, 4}, layout=Layout(0, 0, label="h1")),
        ResourceDescription(2, "netns::Node", layout=Layout(220, 0, label="h2")),
        ResourceDescription(3, "netns::Link", connections={1}, layout=Layout(110, 110, label="loose")),
        ping,
        ResourceDescription(5, "lab::Phone", layout=Layout(330, 110, label="phone")),
    ):
        made.resources[resource.guid] = resource
    return made


def _network(nodes: int) -> ExperimentDescription:
    """Return a network of so many nodes, with places for them."""
    options = TopologyOptions("barabasi-albert", {"node_count": nodes, "edges_per_node": 1}, seed=4)
    backends = {backend.name: backend for backend in ResourceFactory.backends()}
    return describe(make_graph(options), backends["netns"], options)


# -- of runs: each of them runs the example of the tutorial's second page ----------------------------------


def _story(application: Application) -> RunStory:
    """Return the story of that page, in a copy of the example."""
    import runpy

    folder = Path(os.environ["NEPI_LOCAL_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    story: RunStory = runpy.run_path(str(DOCS / "run_story.py"))["RunStory"](application, folder)
    return story


@state
def running(application: Application) -> QWidget:
    """Show a run that goes on, with plots."""
    story = _story(application)
    story.run()
    story.plot()
    story.pause(1)
    return story.window


@state
def queue_changed(application: Application) -> QWidget:
    """Show a run that is over, in which a queue was made shorter."""
    story = _story(application)
    story.run()
    story.plot()
    story.change_queue()
    story.wait_for_the_end()
    return story.window


@state
def runs_compared(application: Application) -> QWidget:
    """Show the table that compares two runs."""
    story = _two_runs(application)
    return story.compare()


@state
def runs_over_each_other(application: Application) -> QWidget:
    """Show a series of two runs in one plot."""
    story = _two_runs(application)
    story.compare().close()
    story.overlay()
    return story.window


def _two_runs(application: Application) -> RunStory:
    story = _story(application)
    story.run()
    story.wait_for_the_end()
    story.change_queue()
    story.run()
    story.wait_for_the_end()
    return story


@state
def lab(application: Application) -> QWidget:
    """Show a lab as a student sees it who has run it without solving it."""
    from nepi_gui.window.running import RunningFeature

    story = _story(application)
    folder = Path(os.environ["NEPI_LOCAL_DIR"], "routing.xml")
    folder.write_bytes((DOCS.parent / "examples/labs/routing.xml").read_bytes())
    window = application.open_file(folder)
    window.resize(1264, 860)
    RunningFeature.of(window).run()
    story.wait(lambda: window.editor.run is not None and not window.editor.run.is_live)
    return window


# -- making them -----------------------------------------------------------------------------------------


def main(folder: Path = DOCS / "pictures", names: Sequence[str] = ()) -> list[Path]:
    """Write the pictures of these names, or all, into a folder; return their files."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtGui import QFont

    from nepi_gui.window.application import make_qt

    make_qt().setFont(QFont("DejaVu Sans", 9))
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(name, folder / f"window-{name}.png") for name in names or STATES]


def _write(name: str, path: Path) -> Path:
    """Make one picture in a program of its own."""
    from nepi_gui.settings import Settings
    from nepi_gui.window.application import Application

    with tempfile.TemporaryDirectory(prefix="nepi-pictures-") as own:
        os.environ["NEPI_LOCAL_DIR"] = str(Path(own) / "runs")
        application = Application(Settings(Path(own) / "window.ini"))
        application.appearance.choose("light")
        shown = STATES[name](application)
        _settle(application)
        shown.grab().save(str(path))
        for window in list(application.windows):
            _end_run(window)
            window.view.cancel_gesture()
            window.editor.document.history.set_clean()
            window.close()
        _settle(application)
    return path


def _end_run(window: MainWindow) -> None:
    """End a run that still goes on, and wait for that."""
    from PySide6.QtTest import QTest

    run = window.editor.run
    if run is not None and run.is_live:
        run.end()
        run.hurry()
        while run.is_live:
            QTest.qWait(_MOMENT)
    window.editor.watch(None)


def _settle(application: Application) -> None:
    """Let the windows do what they do in a moment when nothing else is to be done."""
    from PySide6.QtTest import QTest

    for _ in range(100):
        QTest.qWait(_MOMENT)
        if all(window.editor.findings.is_current for window in application.windows):
            return


if __name__ == "__main__":
    for each in main(Path(sys.argv[1]) if sys.argv[1:] else DOCS / "pictures", sys.argv[2:]):
        sys.stdout.write(f"{each}\n")
