"""The head of the form: what is selected, what it is called, its colour, the user's note, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from nepi_core.attribute import Attribute
from nepi_core.description import ExperimentDescription, ResourceDescription
from nepi_core.factory import ResourceFactory
from nepi_core.structure import short_type, shown_name
from nepi_gui import icons
from nepi_gui.appearance import Appearance
from nepi_gui.canvas.items import plain_tool_tip
from nepi_gui.document.attributes import Shown, types_of
from nepi_gui.panels.form.colour_button import ColourButton
from nepi_gui.panels.form.cut_button import CutButton
from nepi_gui.panels.form.lines import LineField
from nepi_gui.panels.form.page import PageField

_ICON = 32


class Head(QWidget):
    """Says what is selected.

    Signals:
        named: the user wants it to be called so.
        coloured: the user wants it in a colour, ``#rrggbb``, or "" for none.
        noted: the user has written a note.
        help_wanted: the user asks what the type is for.
    """

    named = Signal(str)
    coloured = Signal(str)
    noted = Signal(str)
    help_wanted = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon = QLabel(self)
        self._icon.setFixedSize(_ICON, _ICON)
        self.name = LineField(Attribute("name"), self)
        self.name.setAccessibleName(self.tr("Name"))
        self.name.setToolTip(self.tr("Name on the canvas"))
        self.title = QLabel(self, textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.kind = CutButton(self)
        self.kind.setAccessibleName(self.tr("Type"))
        policy = self.kind.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # it keeps the others at their places
        self.kind.setSizePolicy(policy)
        self.kind.setIcon(icons.icon("help"))
        self.guid = QLabel(self)
        self.guid.setToolTip(self.tr("Number of the resource in the experiment (guid)"))
        self.colour = ColourButton(appearance, self)
        self.note_button = QToolButton(self)
        self.note_button.setIcon(icons.icon("note"))
        self.note_button.setAutoRaise(True)
        self.note_button.setCheckable(True)
        self.note_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.note_button.setToolTip(self.tr("Note about the resource"))
        self.note_button.setAccessibleName(self.tr("Note"))
        self.note = PageField(Attribute("note"), self)
        self.note.setAccessibleName(self.tr("Note about the resource"))
        self._lay_out()
        self._listen()

    def _lay_out(self) -> None:
        top, below, lines = QHBoxLayout(), QHBoxLayout(), QVBoxLayout()
        below.addWidget(self.kind, 1)
        below.addWidget(self.guid)
        below.addWidget(self.note_button)
        below.addWidget(self.colour)
        below.setSpacing(2)
        lines.addWidget(self.name)
        lines.addWidget(self.title)
        lines.addLayout(below)
        lines.setSpacing(2)
        top.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(lines, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 4)
        whole.addLayout(top)
        whole.addWidget(self.note)

    def _listen(self) -> None:
        self.name.committed.connect(self._name)
        self.note.committed.connect(self._note)
        self.note_button.clicked.connect(self._begin_note)
        self.colour.chosen.connect(self.coloured)
        self.kind.clicked.connect(self.help_wanted)

    # -- what is shown -------------------------------------------------------------------------------

    def show_resources(self, description: ExperimentDescription, guids: Sequence[int], anew: bool) -> None:
        """Show one resource or several.

        Args:
            anew: they are others than before.
        """
        resources = [description.resources[guid] for guid in guids]
        rtypes = types_of(description, guids)
        self._icon.setPixmap(icons.icon(_icon_of(rtypes)).pixmap(_ICON))
        colours = {each.layout.colour if each.layout else "" for each in resources}
        self.colour.show_colour(colours.pop() if len(colours) == 1 else "")
        only = resources[0] if len(resources) == 1 else None
        self._show_only(only, anew)
        if only is None:
            several = self.tr("{0} resources of {1} types").format(len(resources), len(rtypes))
            alike = self.tr("{0} × {1}").format(len(resources), rtypes[0])  # noqa: RUF001 - a sign
            self.title.setText(alike if len(rtypes) == 1 else several)
            self.title.setToolTip(plain_tool_tip("\n".join(rtypes)))
        self._show_kind(rtypes, only is not None)

    def _show_kind(self, rtypes: list[str], is_one: bool) -> None:
        self.kind.setVisible(len(rtypes) == 1)
        self.kind.show_text(rtypes[0] if is_one else short_type(rtypes[0]))
        declared = ResourceFactory.find(rtypes[0])
        told = declared.get_help() if declared else self.tr("No plug-in provides this type.")
        self.kind.setToolTip(f"<qt><b>{escape(rtypes[0])}</b><br>{escape(told)}</qt>")
        self.kind.setAccessibleName(self.tr("What is {0}?").format(rtypes[0]))

    def _show_only(self, resource: ResourceDescription | None, anew: bool) -> None:
        """Show what only a single resource has."""
        for widget in (self.name, self.guid, self.note_button):
            widget.setVisible(resource is not None)
        self.title.setVisible(resource is None)
        if anew:
            self.name.accept_value()
            self.note.accept_value()
        if resource is None:
            self.note.hide()
            return
        label = resource.layout.label if resource.layout else ""
        self.name.show_value(Shown(label or None, bool(label)))
        self.name.setPlaceholderText(shown_name(resource))
        self.guid.setText(f"#{resource.guid}")
        note = resource.layout.note if resource.layout else ""
        self.note.show_value(Shown(note or None, bool(note)))
        self.note.setPlaceholderText(self.tr("Note about the resource, for people only"))
        if anew or note:
            self.note_button.setChecked(bool(note))
        self.note.setVisible(self.note_button.isChecked())

    def settle(self) -> None:
        """Tell what was typed."""
        self.name.settle()
        self.note.settle()

    # -- what the user does --------------------------------------------------------------------------

    def _name(self, text: object) -> None:
        self.name.accept_value()
        self.named.emit(str(text or ""))

    def _note(self, text: object) -> None:
        self.note.accept_value()
        self.noted.emit(str(text or ""))

    def _begin_note(self, is_wanted: bool) -> None:
        self.note.setVisible(is_wanted)
        if is_wanted:
            self.note.setFocus()


def _icon_of(rtypes: Sequence[str]) -> str:
    """Return the icon for resources of some types."""
    names = {icons.icon_of_type(rtype) for rtype in rtypes}
    return names.pop() if len(names) == 1 else icons.GENERAL
