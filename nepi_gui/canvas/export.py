"""The canvas as a picture for papers and slides: PNG, SVG or PDF, of everything or of a part."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QObject, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPageLayout, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from nepi_core.atomic_file import write_atomically
from nepi_core.description import ExperimentDescription
from nepi_core.errors import NepiError
from nepi_core.structure import Structure
from nepi_gui.appearance import DARK, LIGHT, Appearance, Theme
from nepi_gui.canvas.scene import CanvasScene
from nepi_gui.canvas.selection import Key, Selection
from nepi_gui.document.clipboard import part_of, with_dependents
from nepi_gui.document.document import Document
from nepi_gui.translation import translate

SCALES = (1, 2, 4)
"""Pixels of a picture for one of the canvas."""

_MARGIN = 24.0
_DPI = 96  # of the canvas: its fonts are as large as on a usual screen
_MOST_PIXELS = 20_000  # of a side; Qt draws no more than 32,767
_MOST_POINTS = 14_400.0  # of a side of a page, as PDF has it


class PictureError(NepiError):
    """A picture that cannot be made or written."""


class Kind(StrEnum):
    """A format of pictures, by the ending of its files."""

    PNG = "png"
    SVG = "svg"
    PDF = "pdf"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a picture is to be like.

    Attributes:
        scale: for PNG, one of `SCALES`.
        is_transparent: without a background; PDF never has one.
        is_dark: in the colours of the dark theme.
        has_states: with the states of the run that is watched.
    """

    kind: Kind = Kind.PNG
    scale: int = 2
    is_transparent: bool = False
    is_dark: bool = False
    has_states: bool = False

    @property
    def theme(self) -> Theme:
        """The colours; paper is white."""
        return DARK if self.is_dark else replace(LIGHT, canvas="#ffffff")


class Print:
    """An experiment, or a part of it, laid out to be printed; nothing in it is selected or marked.

    Args:
        keys: resources and notes to print, with what belongs to them; everything when there are none.
        appearance: that of the program, which a scene asks for.
        parent: owns what this needs of Qt.
    """

    def __init__(
        self, description: ExperimentDescription, keys: Collection[Key], appearance: Appearance, parent: QObject
    ) -> None:
        if keys:
            chosen = with_dependents(Structure(description.resources), keys)
            description = part_of(description, chosen)
        self._document = Document(description)
        self._document.setParent(parent)
        self._scene = CanvasScene(self._document, Selection(self._document, self._document), appearance)
        self._scene.setParent(self._document)
        self._scene.painter.is_printing = True

    def show_run(self, other: CanvasScene) -> None:
        """Print the states that another scene shows of a run."""
        self._scene.show_run(other.states, other.drafts)

    def close(self) -> None:
        """Give back what this needs of Qt."""
        self._document.deleteLater()

    @property
    def field(self) -> QRectF:
        """The part of the canvas that is printed."""
        contents = self._scene.contents()
        if contents.isEmpty():
            raise PictureError(translate("Export", "There is nothing on the canvas to make a picture of."))
        return contents.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN).toAlignedRect().toRectF()

    def image(self, wish: Wish) -> QImage:
        """Return the picture in pixels.

        Raises:
            PictureError: it would be too large, or empty.
        """
        field = self.field
        width, height = (math.ceil(side * wish.scale) for side in (field.width(), field.height()))
        if max(width, height) > _MOST_PIXELS:
            text = translate("Export", "The picture would have {0} × {1} pixels; at most {2} a side are possible.")  # noqa: RUF001
            advice = translate("Export", "Choose a smaller size, or SVG or PDF.")
            raise PictureError(f"{text.format(width, height, _MOST_PIXELS)} {advice}")
        image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
        if image.isNull():
            raise PictureError(translate("Export", "There is not enough memory for the picture."))
        for set_dots in (image.setDotsPerMeterX, image.setDotsPerMeterY):
            set_dots(round(_DPI / 0.0254))
        image.fill(Qt.GlobalColor.transparent if wish.is_transparent else QColor(wish.theme.canvas))
        painter = QPainter(image)
        self._draw(painter, QRectF(0, 0, width, height), field, wish)
        return image

    def data(self, wish: Wish) -> bytes:
        """Return the picture as a file holds it.

        Raises:
            PictureError: it cannot be made.
        """
        held = QByteArray()
        buffer = QBuffer(held)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        if wish.kind is Kind.PNG:
            is_written = self.image(wish).save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs want bytes
            if not is_written:
                raise PictureError(translate("Export", "There is not enough memory for the picture."))
        elif wish.kind is Kind.SVG:
            self._write_svg(buffer, wish)
        else:
            self._write_pdf(buffer, wish)
        buffer.close()
        return bytes(held.data())

    def _write_svg(self, buffer: QBuffer, wish: Wish) -> None:
        field = self.field
        size = QSize(round(field.width()), round(field.height()))
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setResolution(_DPI)
        generator.setSize(size)
        generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
        generator.setTitle(self._document.description.exp_id)
        generator.setDescription(translate("Export", "Drawn with NEPI-GUI"))
        painter = QPainter(generator)
        target = QRectF(0, 0, size.width(), size.height())
        if not wish.is_transparent:
            painter.fillRect(target, QColor(wish.theme.canvas))
        self._draw(painter, target, field, wish)

    def _write_pdf(self, buffer: QBuffer, wish: Wish) -> None:
        field = self.field
        points = QSizeF(field.width(), field.height()) * 72 / _DPI
        shrunk = min(1.0, _MOST_POINTS / max(points.width(), points.height()))
        writer = QPdfWriter(buffer)
        writer.setResolution(_DPI)
        writer.setTitle(self._document.description.exp_id)
        writer.setCreator("NEPI-GUI")
        page = QPageSize(points * shrunk, QPageSize.Unit.Point, matchPolicy=QPageSize.SizeMatchPolicy.ExactMatch)
        writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF()))
        painter = QPainter(writer)
        target = QRectF(0, 0, field.width() * shrunk, field.height() * shrunk)
        if wish.is_dark:
            painter.fillRect(target, QColor(wish.theme.canvas))
        self._draw(painter, target, field, wish)

    def _draw(self, painter: QPainter, target: QRectF, field: QRectF, wish: Wish) -> None:
        self._scene.painter.show(wish.theme)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        self._scene.render(painter, target, field)
        painter.end()


def write(path: Path, data: bytes) -> None:
    """Write a picture to a file.

    Raises:
        PictureError: it cannot be written; a file that was there is as it was.
    """
    try:
        write_atomically(path, data)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PictureError(translate("Export", "{0} cannot be written: {1}.").format(path, reason)) from error
