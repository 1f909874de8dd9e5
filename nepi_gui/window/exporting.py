"""The menu Export: the experiment as a picture, and as a Python script."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from nepi_core.errors import NepiError
from nepi_gui.canvas.export import Kind, Print, Wish, write
from nepi_gui.document import files
from nepi_gui.document.python_script import to_python
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature
from nepi_gui.window.files import FilesFeature, export_menu
from nepi_gui.window.picture_dialog import PictureDialog


class ExportingFeature(Feature):
    """Makes pictures and scripts."""

    def commands(self) -> Iterable[Command]:
        """Yield the commands of the menu Export."""
        menu = export_menu()
        picture_help = self.tr("Save the canvas, or what is selected, as PNG, SVG or PDF.")
        yield Command(
            "file.export-picture",
            self.tr("&Picture…"),
            self.ask_for_picture,
            menu,
            ("Ctrl+Shift+E",),
            picture_help,
            "picture",
            self._has_contents,
        )
        yield Command(
            "file.copy-picture",
            self.tr("&Copy picture"),
            self.copy_picture,
            menu,
            help=self.tr("Copy what is selected, or else the whole canvas, as a picture."),
            icon="copy",
            enabled=self._has_contents,
        )
        yield Command(
            "file.export-python",
            self.tr("P&ython script…"),
            self.export_python,
            menu,
            help=self.tr("Save a script that builds the same experiment."),
            icon="python",
            separated=True,
        )
        yield Command(
            "file.copy-python",
            self.tr("Copy &as Python"),
            self.copy_python,
            menu,
            ("Ctrl+Alt+C",),
            self.tr("Copy a script that builds the same experiment."),
            "python",
        )

    def _has_contents(self) -> bool:
        description = self.document.description
        return bool(description.resources or description.canvas.notes)

    # -- pictures ----------------------------------------------------------------------------------

    def ask_for_picture(self) -> PictureDialog:
        """Open the small window in which a picture is described; return it."""
        dialog = PictureDialog(len(self.selection.keys), self.window, self.editor.run is not None)
        dialog.wanted.connect(self.export_picture)
        dialog.copied.connect(self.copy_picture)
        dialog.open()
        return dialog

    def export_picture(self, wish: Wish, only_selected: bool) -> bool:
        """Ask for a file, and write a picture to it; tell whether that is done."""
        return self._export(f".{wish.kind}", _filter_of(wish.kind), lambda: self._picture_data(wish, only_selected))

    def _picture_data(self, wish: Wish, only_selected: bool) -> bytes:
        printed = self._print(only_selected, wish)
        try:
            return printed.data(wish)
        finally:
            printed.close()

    def copy_picture(self, wish: Wish | None = None, only_selected: bool = True) -> None:
        """Put a picture into the clipboard, of what is selected or else of everything."""
        wish = wish or Wish()
        printed = self._print(only_selected, wish)
        try:
            QGuiApplication.clipboard().setImage(printed.image(wish))
        except NepiError as error:
            self.editor.tell(str(error))
        else:
            self.editor.tell(self.tr("The picture was copied."))
        finally:
            printed.close()

    def _print(self, only_selected: bool, wish: Wish) -> Print:
        keys = self.selection.keys if only_selected else frozenset()
        printed = Print(self.document.freeze(), keys, self.editor.appearance, self)
        if wish.has_states:
            printed.show_run(self.window.scene)
        return printed

    # -- Python ------------------------------------------------------------------------------------

    def export_python(self) -> bool:
        """Ask for a file, and write the script to it; tell whether that is done."""
        return self._export(".py", self.tr("Python scripts (*.py)"), lambda: to_python(self.document.freeze()).encode())

    def copy_python(self) -> None:
        """Put the script into the clipboard."""
        QGuiApplication.clipboard().setText(to_python(self.document.freeze()))
        self.editor.tell(self.tr("The script was copied."))

    # -- where to ----------------------------------------------------------------------------------

    def _export(self, suffix: str, kinds: str, make: Callable[[], bytes]) -> bool:
        """Ask for a file, and write what is made to it; tell whether that is done."""
        path = self.ask_where(FilesFeature.of(self.window).suggested(suffix), kinds)
        if path is None:
            return False
        if files.same_file(path, self.document.path):
            self.editor.tell(self.tr("{0} is the experiment's own file; choose another name.").format(path.name))
            return False
        try:
            write(path, make())
        except NepiError as error:
            self.editor.tell(str(error))
            return False
        self.editor.tell(self.tr("{0} was written.").format(path.name))
        return True

    def ask_where(self, suggested: Path, kinds: str) -> Path | None:
        """Ask for a file to write; None when the user has thought better of it. Tests put an answer in its place."""
        dialog = QFileDialog(self.window, self.tr("Export"), str(suggested.parent), kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suggested.suffix)
        dialog.selectFile(suggested.name)
        chosen = dialog.selectedFiles() if dialog.exec() else []
        dialog.deleteLater()
        return Path(chosen[0]) if chosen else None


def _filter_of(kind: Kind) -> str:
    return f"{kind.upper()} (*.{kind})"
