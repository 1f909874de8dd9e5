"""Icons by name: the SVG files of `icons/`, drawn in the size that is asked for."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from nepi_core.factory import ResourceFactory

UNKNOWN = "unknown"
"""Shown for a resource of a type that no plug-in provides."""

GENERAL = "resource"
"""Shown for what has no icon of its own."""


def icon_of_type(rtype: str) -> str:
    """Return the name of the icon of a resource type: its own, its backend's, or a general one."""
    found = ResourceFactory.find(rtype)
    if found is None:
        return UNKNOWN
    return next((name for name in (found.icon, found.get_backend()) if name and path_of(name)), GENERAL)


@cache
def path_of(name: str) -> Path | None:
    """Return the file of an icon; None when there is none."""
    folders = (Path(str(resources.files("nepi_gui"))) / "icons", Path(__file__).resolve().parents[1] / "icons")
    return next((path for folder in folders if (path := folder / f"{name}.svg").is_file()), None)


@cache
def icon(name: str) -> QIcon:
    """Return an icon for a button, a menu or a list; an empty one when there is none of that name."""
    path = path_of(name)
    if path is None:
        return QIcon()
    made = QIcon(str(path))  # Qt draws it when it is shown, in the size of the place and screen
    made.addFile(str(path), mode=QIcon.Mode.Selected)  # in its own colours, not mixed with that of the selection
    return made


@cache
def pixmap(name: str, size: int) -> QPixmap:
    """Return an icon as a square picture, so many device pixels wide; transparent when there is none of that name."""
    picture = QPixmap(QSize(size, size))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint(painter, name, QRectF(0, 0, size, size))
    painter.end()
    return picture


def paint(painter: QPainter, name: str, target: QRectF) -> None:
    """Draw an icon into a rectangle, sharp in any size."""
    renderer = _renderer(name)
    if renderer is not None:
        renderer.render(painter, target)


@cache
def _renderer(name: str) -> QSvgRenderer | None:
    path = path_of(name)
    return QSvgRenderer(str(path)) if path else None
