"""Conditions in the window: the tool that draws them, arrows on the canvas, picking with the mouse."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLabel, QWidget

from nepi_core.description import AttributeChange, Condition
from nepi_core.errors import NepiError
from nepi_gui.canvas.condition_arrows import ConditionArrows, Showing
from nepi_gui.canvas.gestures.conditioning import CONDITION, PICK
from nepi_gui.canvas.marks import Verdict
from nepi_gui.document import conditions
from nepi_gui.document.schedule import ConditionKey
from nepi_gui.document.sentences import find, sentence
from nepi_gui.panels.conditions import ConditionsPanel
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature

_SHOWN = "view/conditions"


class ConditionsFeature(Feature):
    """Lets conditions be made and seen on the canvas."""

    def commands(self) -> Iterable[Command]:
        """Yield the commands that are about conditions."""
        yield Command(
            "view.conditions",
            self.tr("Show &conditions"),
            self.switch_arrows,
            self.tr("&View"),
            ("Ctrl+Shift+C",),
            self.tr("Draw all conditions as arrows, not only those of what is selected."),
            "eye",
            checked=self._shows_all,
            separated=True,
        )
        menu = self.tr("&Insert")
        yield Command(
            "condition.tool",
            self.tr("Cond&ition tool"),
            self.switch_tool,
            menu,
            ("Alt+C",),
            self.tr("Drag from one resource to another: the second starts after the first."),
            "condition",
            checked=self._is_tool_on,
            separated=True,
        )
        yield Command(
            "condition.add",
            self.tr("&Condition"),
            self.add,
            menu,
            ("Ctrl+Shift+A",),
            self.tr("Have what is selected wait for something."),
            "condition",
            self._has_resources,
        )
        yield Command(
            "condition.change",
            self.tr("&Planned change"),
            self.add_change,
            menu,
            help=self.tr("Have an attribute of what is selected set during the run."),
            icon="condition",
            enabled=self._has_resources,
        )

    def opened(self) -> None:
        """Draw arrows, and listen to panel and canvas."""
        view = self.window.view
        self._picks: ConditionKey | None = None
        self._banner = _Banner(view)  # not of the viewport, whose children move with what is scrolled
        self.arrows = ConditionArrows(self.window.scene)
        self.arrows.told.connect(self.editor.tell)
        view.condition_drawn.connect(self.show_condition)
        view.picked.connect(self._toggle)
        view.drawing_changed.connect(self._on_tool)
        self.panel.picking_wanted.connect(self.pick)
        self.document.changed.connect(self._show_picked)
        self.window.docks["conditions"].visibilityChanged.connect(self._on_panel)
        self._on_panel(self.panel.isVisible())

    @property
    def panel(self) -> ConditionsPanel:
        """The panel with the sentences."""
        panel = self.window.docks["conditions"].widget()
        assert isinstance(panel, ConditionsPanel)
        return panel

    def _has_resources(self) -> bool:
        return bool(self.document.description.resources)

    # -- adding ----------------------------------------------------------------------------------------

    def add(self) -> None:
        """Add a condition that the user may want, to be altered in the panel."""
        self.window.show_panel("conditions")
        self.panel.add()

    def add_change(self) -> None:
        """Plan a change of an attribute, to be altered in the panel."""
        self.window.show_panel("conditions")
        self.panel.add_change()

    def show_condition(self, key: ConditionKey) -> None:
        """Bring a condition into view."""
        self.window.show_panel("conditions")
        self.panel.show_condition(key)

    def switch_tool(self) -> None:
        """Have the next drag draw a condition; again, have it not."""
        view = self.window.view
        view.draw("" if self._is_tool_on() else CONDITION)
        if self._is_tool_on():
            self.window.show_page(view)
            view.setFocus()
            self.editor.tell(self.tr("Drag from what is waited for to what waits; Escape leaves it."))

    def _is_tool_on(self) -> bool:
        return self.window.view.drawing == CONDITION

    # -- arrows ----------------------------------------------------------------------------------------

    def switch_arrows(self) -> None:
        """Draw all conditions, or only those of what is selected while the panel is in front."""
        self.editor.settings.keep(_SHOWN, not self._shows_all())
        self._show_arrows()

    def _shows_all(self) -> bool:
        return self.editor.settings.is_on(_SHOWN)

    def _on_panel(self, is_in_front: bool) -> None:
        self._is_panel_in_front = is_in_front
        self._show_arrows()

    def _show_arrows(self) -> None:
        if self._shows_all():
            self.arrows.show(Showing.ALL)
        else:
            self.arrows.show(Showing.SELECTED if self._is_panel_in_front else Showing.NONE)

    # -- picking ---------------------------------------------------------------------------------------

    def pick(self, key: ConditionKey) -> None:
        """Have clicks on the canvas add what a condition waits for, or take it away, until Escape."""
        view = self.window.view
        self.window.show_page(view)
        view.draw(PICK)
        view.setFocus()
        self._picks = key
        self._show_picked()

    def _on_tool(self) -> None:
        self.window.commands.refresh_soon()
        if self._picks is not None and self.window.view.drawing != PICK:
            self._picks = None
            self._banner.hide()
            self.window.view.marks.clear()

    def _show_picked(self) -> None:
        if self._picks is None:
            return
        found = find(self.document.description, self._picks)
        if found is None:
            self.window.view.draw("")
            return
        marks = self.window.view.marks
        marks.clear()
        for guid in found.group:
            marks.judge(guid, Verdict.GOOD)
        words = sentence(self.document.description, self._picks)
        self._banner.say(self.tr("{0}\nClick resources to add or remove them; Escape ends.").format(words))

    def _toggle(self, guid: int) -> None:
        found = find(self.document.description, self._picks) if self._picks else None
        if found is None or self._picks is None:
            return
        wanted = replace(found, group=tuple(sorted({*found.group} ^ {guid})))
        try:
            if isinstance(wanted, Condition):
                conditions.replace_condition(self.document, self._picks, wanted)
            elif isinstance(wanted, AttributeChange):
                conditions.replace_change(self.document, self._picks, wanted)
        except NepiError as error:
            self.editor.tell(str(error))


class _Banner(QLabel):
    """A sentence at the top of the canvas, as long as something goes on there."""

    def __init__(self, ground: QWidget) -> None:
        super().__init__(ground)
        self._ground = ground
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAutoFillBackground(True)
        self.setFrameShape(QLabel.Shape.StyledPanel)
        self.setMargin(8)
        self.setWordWrap(True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._ground.installEventFilter(self)
        self.hide()

    def say(self, text: str) -> None:
        """Show a text."""
        self.setText(text)
        self._place()
        self.show()
        self.raise_()

    def _place(self) -> None:
        field = self._ground.rect()
        width = min(560, field.width() - 24)
        self.setGeometry((field.width() - width) // 2, 10, width, self.heightForWidth(width))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self._place()
        return False
