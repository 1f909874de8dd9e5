"""Cut, copy, paste and duplicate; the clipboard holds experiments in their own format, which any text editor takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QMimeData, QPointF, Qt
from PySide6.QtGui import QCursor, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMessageBox

from nepi_core.description import ExperimentDescription, Layout
from nepi_core.errors import NepiError
from nepi_core.xml_format import read_xml_text, to_xml
from nepi_gui.canvas.bringing import bring_into_view
from nepi_gui.document import clipboard, notes, resources
from nepi_gui.document.clipboard import SHIFT, Insertion
from nepi_gui.document.layouts import places_for_unplaced
from nepi_gui.document.resources import Place
from nepi_gui.window.canvas_keys import keep_on_canvas
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature

if TYPE_CHECKING:
    from nepi_gui.window.main_window import MainWindow

MIME_TYPE = "application/x-nepi-xml"

_KEY = QKeySequence.StandardKey


class ClipboardFeature(Feature):
    """Exchanges parts of experiments with the clipboard, and so with other windows and programs."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._readers: list[Callable[[str], bool]] = []
        self._pasted: tuple[bytes, Place] | None = None
        self._times = 0

    def commands(self) -> Iterable[Command]:
        """Yield the commands of the clipboard."""
        menu, is_selected = self.tr("&Edit"), self.selection.__bool__
        yield Command(
            "edit.cut",
            self.tr("Cu&t"),
            self.cut,
            menu,
            (_KEY.Cut,),
            self.tr("Move what is selected, with what hangs at it, to the clipboard."),
            "cut",
            is_selected,
            before="edit.delete",
        )
        yield Command(
            "edit.copy",
            self.tr("&Copy"),
            self.copy,
            menu,
            (_KEY.Copy,),
            self.tr("Copy what is selected, with what hangs at it, to the clipboard."),
            "copy",
            is_selected,
            before="edit.delete",
        )
        yield Command(
            "edit.paste",
            self.tr("&Paste"),
            self.paste,
            menu,
            (_KEY.Paste,),
            self.tr("Put what is on the clipboard onto the canvas."),
            "paste",
            before="edit.delete",
        )
        yield Command(
            "edit.duplicate",
            self.tr("Dup&licate"),
            self.duplicate,
            menu,
            ("Ctrl+D",),
            self.tr("Put a copy of what is selected beside it."),
            "duplicate",
            is_selected,
            before="edit.delete",
        )

    def opened(self) -> None:
        """Leave these keys to forms and lists where these have the keyboard."""
        keep_on_canvas(self.window, ["edit.cut", "edit.copy", "edit.paste", "edit.duplicate"])

    def add_reader(self, reader: Callable[[str], bool]) -> None:
        """Have another part of the window look at pasted texts that are no experiment; it tells whether it took one."""
        self._readers.append(reader)

    # -- to the clipboard ----------------------------------------------------------------------------

    def copy(self) -> bool:
        """Copy what is selected; tell whether it could be."""
        return bool(self._copy())

    def _copy(self) -> set[int]:
        """Copy what is selected; return the keys of all that was copied."""
        chosen = clipboard.with_dependents(self.window.scene.structure, self.selection.keys)
        try:
            data = to_xml(clipboard.part_of(self.document.description, chosen))
        except NepiError as error:
            self.editor.tell(str(error))
            return set()
        content = QMimeData()
        content.setData(MIME_TYPE, QByteArray(data))
        content.setText(data.decode())
        QGuiApplication.clipboard().setMimeData(content)
        self._pasted, self._times = None, 0
        return chosen

    def cut(self) -> None:
        """Copy what is selected, and delete it."""
        chosen = self._copy()
        if not chosen:
            return
        with self.document.edit(self.tr("Cut {0} items").format(len(chosen))):
            if numbers := [-key - 1 for key in chosen if key < 0]:
                notes.remove_notes(self.document, numbers)
            if guids := [key for key in chosen if key > 0]:
                resources.remove(self.document, guids)

    # -- from the clipboard --------------------------------------------------------------------------

    def paste(self, place: QPointF | None = None) -> None:
        """Put what is on the clipboard onto the canvas.

        Args:
            place: its new middle; where the mouse is, or beside the original, when it is not given.
        """
        content = QGuiApplication.clipboard().mimeData()
        data = b""
        if content is not None:  # as Qt's stubs do not say, there is none before anybody copied anything
            data = bytes(content.data(MIME_TYPE).data()) or content.text().encode(errors="surrogatepass")
        if not data.strip():
            self.editor.tell(self.tr("There is nothing on the clipboard that can be pasted here."))
        elif data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            self._paste_xml(data, place)
        elif not any(reader(data.decode(errors="replace")) for reader in self._readers):
            self.editor.tell(self.tr("The text on the clipboard is no experiment; one begins with <experiment>."))

    def _paste_xml(self, data: bytes, place: QPointF | None) -> None:
        try:
            part = read_xml_text(data, self.tr("the clipboard"))
        except NepiError as error:
            self._complain(str(error))
            return
        if not part.resources and not part.canvas.notes:
            self.editor.tell(self.tr("The experiment on the clipboard has neither resources nor notes."))
            return
        _give_places(part)
        middle = _middle(part)
        wanted = self._wanted(data, middle, place)
        inserted = self._insert(part, (wanted[0] - middle[0], wanted[1] - middle[1]))
        self.selection.set(inserted.keys)
        bring_into_view(self.window.view, inserted.keys)

    def _insert(self, part: ExperimentDescription, way: Place) -> Insertion:
        """Put a part into the document; badges alone hang at the selected resource, if there is one that takes them."""
        lone, target = list(clipboard.lone_badges(part)), self.selection.guids
        with self.document.edit(self.tr("Paste {0} items").format(len(part.resources) + len(part.canvas.notes))):
            inserted = clipboard.insert(self.document, part, way)
            if len(target) == 1 and len(lone) == len(part.resources):
                clipboard.attach(self.document, {inserted.guids[guid]: target for guid in lone})
        return inserted

    def _wanted(self, data: bytes, middle: Place, place: QPointF | None) -> Place:
        """Return where the middle of a part goes: each time a bit farther when it goes to the same place again."""
        found = place or self._mouse_place()
        start = self.window.view.snapped(found).toTuple() if found else middle
        self._times = self._times + 1 if self._pasted == (data, start) else 0
        self._pasted = data, start
        beside = SHIFT * (self._times if found else self._times + 1)
        return start[0] + beside, start[1] + beside

    def _mouse_place(self) -> QPointF | None:
        """Return the place on the canvas under the mouse; None when it is elsewhere."""
        view = self.window.view
        pixel = view.viewport().mapFromGlobal(QCursor.pos())
        return view.place_at(QPointF(pixel)) if view.underMouse() and view.viewport().rect().contains(pixel) else None

    def _complain(self, sentence: str) -> None:
        box = QMessageBox(QMessageBox.Icon.Warning, self.tr("Paste"), sentence, parent=self.window)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    # -- copies ------------------------------------------------------------------------------------------

    def duplicate(self) -> None:
        """Put a copy of what is selected beside it."""
        if self.selection:
            made = clipboard.duplicate(self.document, self.selection.keys).keys
            self.selection.set(made)
            bring_into_view(self.window.view, made)


def _give_places(part: ExperimentDescription) -> None:
    """Give resources of a file without a layout places of their own."""
    for guid, (x, y) in places_for_unplaced(part).items():
        resource = part.resources[guid]
        resource.layout = resource.layout or Layout()
        resource.layout.x, resource.layout.y = x, y


def _middle(part: ExperimentDescription) -> Place:
    places = clipboard.places_in(part)
    if not places:
        return 0.0, 0.0
    across, down = zip(*places, strict=True)
    return (min(across) + max(across)) / 2, (min(down) + max(down)) / 2
