"""Pictures of an experiment: what they show (`picture`), where (`placement`), and drawn as figure or as DOT text."""

from __future__ import annotations

from pathlib import Path

from nepi_core.atomic_file import write_atomically
from nepi_core.description import ExperimentDescription
from nepi_core.errors import NepiError

ENDINGS = (".png", ".svg", ".dot")
"""Endings of the files that `plot_experiment` writes."""


def plot_experiment(description: ExperimentDescription, path: Path) -> None:
    """Draw the graph of an experiment into a file: a picture (``.png``, ``.svg``) or text for Graphviz (``.dot``).

    Raises:
        NepiError: the file's name ends otherwise.
        OSError: the file cannot be written.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        allowed = ", ".join(ENDINGS)
        raise NepiError(f"'{path.name}' does not say what to draw: the name of a picture ends in one of {allowed}.")
    write_atomically(path, _drawn(description, ending))


def _drawn(description: ExperimentDescription, ending: str) -> bytes:
    from nepi_core.plot.picture import make_picture

    picture = make_picture(description)
    if ending == ".dot":
        from nepi_core.plot.dot import to_dot

        return to_dot(picture).encode()
    from nepi_core.plot.figure import draw, render

    return render(draw(picture), ending.removeprefix("."))
