"""The menu File: new, open, save, close, and what may go wrong with that."""

from __future__ import annotations

import os
from collections.abc import Iterable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox

from nepi_core.errors import FormatError, NepiError
from nepi_gui.canvas.items import plain_tool_tip
from nepi_gui.document import files
from nepi_gui.runs.archive_format import SUFFIX
from nepi_gui.translation import translate
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature
from nepi_gui.window.safekeeping import SafekeepingFeature

if TYPE_CHECKING:
    from nepi_gui.window.main_window import MainWindow

_KEY = QKeySequence.StandardKey


class Answer(StrEnum):
    """What a user says about changes that are not saved."""

    SAVE = "save"
    DISCARD = "discard"
    CANCEL = "cancel"


def file_menu() -> str:
    """Return the title of the menu File, for all parts that bring something to it."""
    return translate("FilesFeature", "&File")


def export_menu() -> str:
    """Return the place of the menu Export, within the menu File."""
    return file_menu() + "/" + translate("FilesFeature", "&Export")


class FilesFeature(Feature):
    """Opens and saves experiments."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.application = window.application
        self._recent: QMenu | None = None

    def commands(self) -> Iterable[Command]:
        """Yield the commands of the menu File; the menus within it are made between them, to be in their places."""
        menu, commands = file_menu(), self.window.commands
        yield Command("file.new", self.tr("&New"), self.new, menu, (_KEY.New,), self.tr("Open an empty window."), "new")
        open_help = self.tr("Open experiments, each in its own window.")
        yield Command("file.open", self.tr("&Open…"), self.open, menu, (_KEY.Open,), open_help, "open")
        self._recent = commands.menu(menu + "/" + self.tr("Open &recent"))
        self._recent.aboutToShow.connect(self._fill_recent)
        yield from self._saving(menu)
        commands.menu(menu).addSeparator()
        commands.menu(export_menu())
        close_help = self.tr("Close this window; what is not saved is asked about.")
        yield Command(
            "file.close",
            self.tr("&Close window"),
            self.window.close,
            menu,
            ("Ctrl+W",),
            close_help,
            "close",
            separated=True,
        )
        quit_help = self.tr("Close all windows.")
        yield Command("file.quit", self.tr("&Quit"), self.application.quit, menu, ("Ctrl+Q",), quit_help)

    def _saving(self, menu: str) -> Iterable[Command]:
        save_help = self.tr("Write the experiment to its file.")
        yield Command("file.save", self.tr("&Save"), self.save, menu, (_KEY.Save,), save_help, "save", separated=True)
        as_help = self.tr("Write the experiment to another file, which is its own from then on.")
        yield Command(
            "file.save-as", self.tr("Save &as…"), self.save_as, menu, ("Ctrl+Shift+S",), as_help, icon="save-as"
        )
        copy_help = self.tr("Write the experiment to another file, and go on with this one.")
        yield Command("file.save-copy", self.tr("Save a cop&y…"), self.save_copy, menu, help=copy_help)
        yield Command(
            "file.revert",
            self.tr("Re&vert to saved"),
            self.revert,
            menu,
            help=self.tr("Go back to what is in the file, as one step that can be undone."),
            icon="reset",
            enabled=self._can_revert,
        )

    # -- opening -----------------------------------------------------------------------------------

    def new(self) -> None:
        """Open another window with an empty experiment."""
        self.application.open_window()

    def open(self) -> None:
        """Ask for files, and open them."""
        for path in self.ask_what_to_open():
            self.application.show_file(path, over=self.window)

    def _fill_recent(self) -> None:
        assert self._recent is not None
        self._recent.clear()
        recent = self.editor.settings.recent_files()
        for number, path in enumerate(recent, 1):
            name = path.name.replace("&", "&&")
            action = QAction(f"&{number}  {name}" if number < 10 else name, self._recent)
            action.setToolTip(plain_tool_tip(str(path)))
            action.setStatusTip(str(path))
            action.triggered.connect(partial(self._open_recent, path))
            self._recent.addAction(action)
        self._recent.addSeparator()
        clearing = self._recent.addAction(self.tr("&Clear this list"))
        clearing.setEnabled(bool(recent))
        clearing.triggered.connect(self._clear_recent)

    def _open_recent(self, path: Path) -> None:
        self.application.show_file(path, over=self.window)

    def _clear_recent(self) -> None:
        self.editor.settings.keep("recent", [])

    # -- saving ------------------------------------------------------------------------------------

    def save(self) -> bool:
        """Write the experiment to its file; tell whether that is done."""
        path = self.document.path
        if path is None:
            return self.save_as()
        if SafekeepingFeature.of(self.window).is_overtaken and not self.ask_to_replace(path):
            return False
        return self.save_to(path)

    def save_as(self) -> bool:
        """Ask for a file, and write the experiment to it; tell whether that is done."""
        path = self.ask_where_to_save(self.suggested())
        return path is not None and self.save_to(path)

    def save_to(self, path: Path) -> bool:
        """Write the experiment to a file, which is its own from now on; tell whether that is done."""
        other = self.application.window_of(path)
        if other is not None and other is not self.window:
            text = self.tr("{0} is open in another window; close that first, or choose another name.")
            self.editor.tell(text.format(path.name))
            return False
        if _is_protected(path) and not self.ask_to_write(path):
            return False
        try:
            files.save(self.document, path.absolute())
        except FormatError as error:
            self.say_unsaved(error)
            return False
        self.editor.settings.note_file(path.absolute())
        self.editor.tell(self.tr("{0} was saved.").format(path.name))
        return True

    def save_copy(self) -> None:
        """Ask for a file, and write a copy of the experiment to it."""
        path = self.ask_where_to_save(self.suggested(ending="-copy"))
        if path is None:
            return
        if self.application.window_of(path) is not None:
            self.editor.tell(self.tr("{0} is open in a window; a copy needs another name.").format(path.name))
            return
        try:
            files.save_copy(self.document, path)
        except FormatError as error:
            self.say_unsaved(error)
        else:
            self.editor.tell(self.tr("A copy was saved as {0}.").format(path.name))

    def suggested(self, suffix: str = "", ending: str = "") -> Path:
        """Return a place for a file about this experiment.

        Args:
            suffix: such as ".png"; that of the experiment's own file when it is not given.
            ending: what its name has more than that file's.
        """
        path = self.document.path
        if path is not None:
            return path.with_name(f"{path.stem}{ending}{suffix or path.suffix}")
        name = self.document.description.exp_id.replace("/", "-") or "experiment"
        return self._folder() / f"{name}{suffix or files.SUFFIX}"

    def _folder(self) -> Path:
        kept = self.editor.settings.text("folder")
        return Path(kept) if kept and Path(kept).is_dir() else Path()

    def _can_revert(self) -> bool:
        return self.document.path is not None and self.document.is_modified

    def revert(self) -> None:
        """Go back to what is in the file."""
        SafekeepingFeature.of(self.window).reload()

    # -- closing -----------------------------------------------------------------------------------

    def may_close(self) -> bool:
        """Tell whether the window may close; what is not saved is asked about."""
        if self.application.is_ending or not self.document.is_modified:
            return True
        self.window.come_forward()
        answer = self.ask_to_save()
        may_close = self.save() if answer is Answer.SAVE else answer is Answer.DISCARD
        return may_close or self.application.is_ending  # by now: what is not saved was kept then

    # -- questions; tests put answers in their place -----------------------------------------------

    def ask_to_save(self) -> Answer:
        """Ask what is to become of changes that are not saved."""
        name = self.document.path.name if self.document.path else self.tr("Untitled")
        box = self._box(QMessageBox.Icon.Question, self.tr("Save the changes to {0}?").format(name))
        box.setInformativeText(self.tr("Otherwise they are lost when the window closes."))
        save = box.addButton(QMessageBox.StandardButton.Save)
        discard = box.addButton(QMessageBox.StandardButton.Discard)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(save)
        box.exec()
        clicked = box.clickedButton()
        return Answer.SAVE if clicked is save else Answer.DISCARD if clicked is discard else Answer.CANCEL

    def ask_to_replace(self, path: Path) -> bool:
        """Ask whether what another program has written is to be replaced."""
        text = self.tr("{0} was changed by another program. Replace it?").format(path.name)
        return self._ask(text, self.tr("What the other program has written is lost then."))

    def ask_to_write(self, path: Path) -> bool:
        """Ask whether a file is to be replaced that somebody has protected."""
        text = self.tr("{0} may only be read. Replace it all the same?").format(path.name)
        return self._ask(text, self.tr("Somebody has protected it against changes."))

    def _ask(self, text: str, more: str) -> bool:
        box = self._box(QMessageBox.Icon.Warning, text)
        box.setInformativeText(more)
        replace = box.addButton(self.tr("Replace"), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.exec()
        return box.clickedButton() is replace

    def say_unsaved(self, error: NepiError) -> None:
        """Say why the experiment could not be saved, and offer another place for it."""
        text = self.tr("The experiment was not saved. It is still open here, with all changes.")
        box = self._box(QMessageBox.Icon.Critical, text)
        box.setInformativeText(str(error))
        elsewhere = box.addButton(self.tr("Save as…"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Close)
        elsewhere.clicked.connect(self.save_as)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def _box(self, icon: QMessageBox.Icon, text: str) -> QMessageBox:
        box = QMessageBox(icon, self.tr("NEPI-GUI"), text, parent=self.window)
        box.setTextFormat(Qt.TextFormat.PlainText)
        return box

    def ask_what_to_open(self) -> list[Path]:
        """Ask for files to open."""
        chosen, _ = QFileDialog.getOpenFileNames(
            self.window, self.tr("Open experiments"), str(self._folder()), f"{self._known()};;{self._filters()}"
        )
        return [self._remember(Path(each)) for each in chosen]

    def ask_where_to_save(self, suggested: Path) -> Path | None:
        """Ask for a file to save to; None when the user has thought better of it."""
        dialog = QFileDialog(self.window, self.tr("Save the experiment"), str(suggested.parent), self._filters())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(files.SUFFIX)
        dialog.selectFile(suggested.name)
        chosen = dialog.selectedFiles() if dialog.exec() else []
        dialog.deleteLater()
        return self._remember(Path(chosen[0])) if chosen else None

    def _known(self) -> str:
        return self.tr("Experiments and runs (*.xml {0})").format(f"*{SUFFIX}")

    def _filters(self) -> str:
        return self.tr("Experiments (*.xml)") + ";;" + self.tr("All files (*)")

    def _remember(self, path: Path) -> Path:
        self.editor.settings.keep("folder", str(path.parent))
        return path


def _is_protected(path: Path) -> bool:
    """Tell whether a file may only be read; its folder may allow it to be replaced all the same."""
    try:
        return not (path.stat().st_mode & 0o222 and os.access(path, os.W_OK))  # root may write to everything
    except OSError:
        return False  # who writes it will say what is wrong
