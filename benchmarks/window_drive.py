"""Drives a canvas and takes times; run in a process of its own as ``python -m benchmarks.window_drive WHICH NODES``.

Prints JSON: seconds to create and paint, MB above an empty window, and milliseconds of CPU a frame. Peers bring another
Qt for Python, so nothing of Qt is imported before it is known who is driven.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from benchmarks.window_graph import Graph, make_graph

SIZE = (1264, 784)
_FRAMES = 40


class Canvas(Protocol):
    """What is driven."""

    view: Any
    """A QGraphicsView."""

    def open(self) -> None:
        """Open an empty window."""

    def build(self, graph: Graph) -> None:
        """Show a graph."""

    def process(self) -> None:
        """Let Qt do what is to be done."""

    def look(self, x: float, y: float, scale: float) -> None:
        """Show a place in the middle of the view, in a scale."""

    def pan(self, x: int, y: int) -> None:
        """Scroll so many pixels."""

    def drag(self, node: int, x: float, y: float) -> None:
        """Put a node somewhere, as a drag does."""

    def recolour(self, step: int) -> bool:
        """Give all nodes another colour; False when this canvas has none."""


def main() -> None:
    """Measure what the command line names."""
    which, number = sys.argv[1], int(sys.argv[2])
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    canvas: Canvas = importlib.import_module(f"benchmarks.window_{which}").canvas()
    graph = make_graph(number)
    canvas.open()
    canvas.process()
    gc.collect()
    before = _memory()
    begin = time.perf_counter()
    canvas.build(graph)
    _frame(canvas, canvas.view.viewport().update)
    result: dict[str, object] = {"create": time.perf_counter() - begin}
    gc.collect()
    result["memory"] = _memory() - before
    result |= _frames(canvas, graph)
    print(json.dumps(result))


def _memory() -> float:
    """Return the resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _frame(canvas: Canvas, change: Callable[[], object]) -> float:
    """Return the milliseconds of CPU that a change and all that follows from it take."""
    begin = time.process_time()
    change()
    canvas.process()
    return (time.process_time() - begin) * 1e3


def _frames(canvas: Canvas, graph: Graph) -> dict[str, object]:
    x, y = graph.places[graph.hub]
    canvas.look(x, y, 1.0)
    canvas.process()
    pan = [_frame(canvas, partial(_pan, canvas, step)) for step in range(_FRAMES)]
    canvas.look(x, y, 1.0)
    drag = [_frame(canvas, partial(canvas.drag, graph.hub, x + 3 * step, y + 2 * step)) for step in range(_FRAMES)]
    canvas.look(graph.side / 2, graph.side / 2, min(SIZE) / (graph.side + 200))
    canvas.process()
    fit = [_frame(canvas, canvas.view.viewport().update) for _ in range(_FRAMES // 2)]
    colours = [_frame(canvas, partial(canvas.recolour, step)) for step in range(_FRAMES // 4)]
    return {
        "pan": statistics.median(pan),
        "pan95": sorted(pan)[int(0.95 * len(pan))],
        "fit": statistics.median(fit),
        "drag": statistics.median(drag),
        "colours": statistics.median(colours) if canvas.recolour(0) else None,
    }


def _pan(canvas: Canvas, step: int) -> None:
    back = 1 if step < _FRAMES / 2 else -1
    canvas.pan(back * 11, back * 5)
    canvas.view.viewport().update()


class OrdinaryView:
    """Looks and pans as any QGraphicsView does."""

    view: Any

    def look(self, x: float, y: float, scale: float) -> None:
        """Show a place in the middle of the view, in a scale."""
        self.view.resetTransform()
        self.view.scale(scale, scale)
        self.view.centerOn(x, y)

    def pan(self, x: int, y: int) -> None:
        """Scroll so many pixels."""
        horizontal, vertical = self.view.horizontalScrollBar(), self.view.verticalScrollBar()
        horizontal.setValue(horizontal.value() + x)
        vertical.setValue(vertical.value() + y)


if __name__ == "__main__":
    main()
