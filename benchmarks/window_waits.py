"""What a user of the window waits for; run in a process of its own as ``python -m benchmarks.window_waits WHAT``.

Prints JSON with the seconds of the wall clock. A start is measured from the start of the process.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nepi_gui.window.application import Application
    from nepi_gui.window.main_window import MainWindow

_EXAMPLE = Path(__file__).parents[1] / "examples" / "three-routers.xml"


def main() -> None:
    """Measure what the command line names."""
    measure = {"bare": bare, "start": start, "open": open_file, "undo": undo, "form": form}[sys.argv[1]]
    print(json.dumps({"seconds": measure()}))


def _age() -> float:
    """Return the seconds since this process was started."""
    ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def bare() -> float:
    """Return the seconds until an empty window of Qt's is painted."""
    from PySide6.QtWidgets import QApplication, QMainWindow

    qt = QApplication([])
    window = QMainWindow()
    window.show()
    qt.processEvents()
    window.grab()
    return _age()


def start() -> float:
    """Return the seconds until the window is painted with an example."""
    application, _ = _program()
    window = application.open_file(_EXAMPLE)
    _paint(window)
    return _age()


def open_file() -> float:
    """Return the seconds from the wish to see a file of 5,000 resources until it is painted."""
    from benchmarks.window_graph import make_graph
    from benchmarks.window_here import describe
    from nepi_core.xml_format import write_xml

    application, folder = _program()
    path = folder / "large.xml"
    write_xml(describe(make_graph(2_000)), path)
    _paint(application.open_file(_EXAMPLE))  # the program runs already
    begin = time.perf_counter()
    _paint(application.open_file(path))
    return time.perf_counter() - begin


def undo() -> float:
    """Return the seconds that it takes to take back a paste of 1,000 resources, until it is painted."""
    from benchmarks.window_graph import make_graph
    from benchmarks.window_here import describe

    application, _ = _program()
    window = application.open_window()
    with window.editor.document.edit("Paste") as edit:
        for resource in describe(make_graph(400)).resources.values():
            edit.add(resource)
    _paint(window)
    begin = time.perf_counter()
    window.commands["edit.undo"].trigger()
    _paint(window)
    return time.perf_counter() - begin


def form() -> float:
    """Return the median seconds from the selection of another resource until its attributes are painted."""
    application, _ = _program()
    window = application.open_file(_EXAMPLE)
    _paint(window)
    times = []
    guids = list(window.editor.document.description.resources)
    for guid in guids * 2:
        begin = time.perf_counter()
        window.editor.selection.set([guid])
        _paint(window)
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def _program() -> tuple[Application, Path]:
    """Return the program, with settings of its own, and a folder."""
    from nepi_gui.settings import Settings
    from nepi_gui.window.application import Application, make_qt

    make_qt()
    folder = Path(tempfile.mkdtemp(prefix="nepi-benchmark-"))
    return Application(Settings(folder / "window.ini")), folder


def _paint(window: MainWindow) -> None:
    from PySide6.QtWidgets import QApplication

    QApplication.processEvents()
    window.grab()


if __name__ == "__main__":
    main()
