"""The start page of a window: shown when the program begins without a file, and again whenever it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QByteArray, QTimer

from nepi_core.errors import NepiError
from nepi_core.xml_format import read_xml
from nepi_gui.dialogs.gallery import StartPage
from nepi_gui.document.document import Document
from nepi_gui.examples import Example
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature
from nepi_gui.window.helping import HelpingFeature


class StartingFeature(Feature):
    """Shows the start page, and opens what is chosen there."""

    _page: StartPage | None = None
    _arrangement: QByteArray | None = None
    """How the panels stood before the page took their room."""

    def commands(self) -> Iterable[Command]:
        """Yield the command that shows the examples."""
        yield Command(
            "help.examples",
            self.tr("&Examples…"),
            self.show_page,
            self.tr("&Help"),
            help=self.tr("Begin with an example, or with a file that was open before."),
            icon="gallery",
        )

    @property
    def is_shown(self) -> bool:
        """Whether the start page is what stands in the middle of the window."""
        return self._page is not None and self.window.pages.currentWidget() is self._page

    def show_page(self) -> None:
        """Show the start page, in the room of canvas and panels."""
        if self.is_shown:
            return
        if self._page is None:
            self._page = self._make_page()
        self._arrangement = self.window.saveState()
        for dock in self.window.docks.values():
            dock.hide()
        self.window.show_page(self._page)
        self._page.cards.setFocus()

    def leave(self) -> None:
        """Show canvas and panels again."""
        if self.is_shown:
            self.window.show_page(self.window.view)

    def _give_room_back(self) -> None:
        """Put the panels back when something else than the page is shown, such as to draw a note."""
        if self.is_shown or self._arrangement is None:
            return
        arrangement, self._arrangement = self._arrangement, None
        self.window.restoreState(arrangement)
        self.window.view.setFocus()
        QTimer.singleShot(0, self.window.view, self.window.view.fit)  # once the panels have their room again

    def may_close(self) -> bool:
        """Give the panels their places back, which are going to be remembered."""
        self.leave()
        return True

    def _make_page(self) -> StartPage:
        page = StartPage(self.editor, self._beginnings(), self.window)
        page.wanted.connect(self._begin)
        page.example_wanted.connect(self.open_example)
        page.file_wanted.connect(self.open_file)
        page.left.connect(self.leave)
        self.document.changed.connect(self.leave)
        self.window.pages.currentChanged.connect(self._give_room_back)
        return page

    # -- what is chosen ------------------------------------------------------------------------------

    def _beginnings(self) -> Iterable[tuple[str, str, str]]:
        """Yield the commands that the page offers: name, text, icon."""
        yield "file.new", self.tr("New empty experiment"), "new"
        known = {command.name: command for command in self.window.commands.all()}
        for name, text, icon in (
            ("file.open", self.tr("Open a file…"), "open"),
            ("insert.topology", self.tr("Make a topology…"), "topology"),
            ("help.tour", self.tr("Take the tour in five steps"), "tour"),
        ):
            if name in known:
                yield name, text, icon

    def _begin(self, name: str) -> None:
        if name == "file.open":
            self.window.commands[name].trigger()  # a file that is opened takes the page away; "Cancel" does not
            return
        application = self.window.application
        window = self.window if application.is_untouched(self.window) else application.open_window()
        self.leave()
        if name == "file.new":
            HelpingFeature.of(window).begin_tour_once()
        else:
            window.commands[name].trigger()

    def open_example(self, example: Example) -> None:
        """Open a copy of an example: it has no file of its own until it is saved."""
        try:
            description = read_xml(example.path)
        except NepiError as error:
            self.editor.tell(str(error))
            return
        if self.window.application.is_untouched(self.window):
            self.document.replace(description, None)
        else:
            self.window.application.open_window(Document(description))
        self.leave()

    def open_file(self, path: Path) -> None:
        """Open a file that was open before."""
        if self.window.application.show_file(path, over=self.window) is not None:
            self.leave()
