"""What the keys and the menu do with the form of attributes."""

from __future__ import annotations

from collections.abc import Iterable

from nepi_gui.panels.attributes import AttributesPanel
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature
from nepi_gui.window.helping import HelpingFeature
from nepi_gui.window.viewing import ViewingFeature


class FormsFeature(Feature):
    """Searches among attributes, and returns them to their defaults."""

    def commands(self) -> Iterable[Command]:
        """Yield the commands of the form."""
        menu = self.tr("&Edit")
        yield Command(
            "attributes.search",
            self.tr("Search attr&ibutes"),
            self.search,
            menu,
            ("Ctrl+Shift+F",),
            self.tr("Search among the attributes of what is selected."),
            "attributes",
            separated=True,
        )
        yield Command(
            "attributes.reset",
            self.tr("Attribute to its de&fault"),
            self.reset,
            menu,
            ("Ctrl+Backspace",),
            self.tr("Return the attribute that has the keyboard to its default."),
            "reset",
        )

    def opened(self) -> None:
        """Show what a type is for when the form is asked; take the keyboard back from it."""
        self._panel.help_wanted.connect(HelpingFeature.of(self.window).show_type_help)
        self._panel.left.connect(ViewingFeature.of(self.window).go_to_canvas)

    @property
    def _panel(self) -> AttributesPanel:
        panel = self.window.docks["attributes"].widget()
        assert isinstance(panel, AttributesPanel)
        return panel

    def search(self) -> None:
        """Go to the search field of the form, or to the form itself when it is short."""
        self.window.show_panel("attributes")
        self._panel.focus_search()

    def reset(self) -> None:
        """Return the attribute that has the keyboard to its default."""
        if not self._panel.reset_focused():
            self.editor.tell(self.tr("Go to an attribute first: it is then returned to its default."))
