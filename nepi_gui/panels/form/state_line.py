"""A line about the state of the resource in the form, in the run that is watched."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from nepi_core.states import ResourceState
from nepi_gui.canvas import state_signs
from nepi_gui.canvas.items import plain_tool_tip
from nepi_gui.editor import Editor
from nepi_gui.number_text import duration_text
from nepi_gui.watching.run_members import RunMembers


class StateLine(QWidget):
    """Shows sign, state, and since when; hidden while no run is watched, or several resources are shown."""

    def __init__(self, editor: Editor, parent: QWidget) -> None:
        super().__init__(parent)
        self._editor = editor
        self._guids: list[int] = []
        self._members: RunMembers | None = None
        self._sign = QLabel(self)
        self.text = QLabel(self, textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 4)
        layout.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.text, 1)
        editor.run_changed.connect(self._watch)
        editor.appearance.changed.connect(self._show)
        self._watch()

    def show_resources(self, guids: Sequence[int]) -> None:
        """Tell of other resources, which are shown in the form."""
        self._guids = list(guids)
        self._show()

    def _watch(self) -> None:
        run = self._editor.run
        self._members = RunMembers(run) if run is not None else None
        if run is not None:
            run.states_changed.connect(self._on_states)
            run.moment_changed.connect(self._show)
        self._show()

    def _on_states(self, guids: set[int]) -> None:
        if len(self._guids) == 1 and self._guids[0] in guids:
            if self._members is not None and self._guids[0] not in self._members.types:
                self._members.learn()
            self._show()

    def _show(self) -> None:
        resources, run = self._editor.document.description.resources, self._editor.run
        only = resources.get(self._guids[0]) if len(self._guids) == 1 else None
        self.setVisible(run is not None and only is not None)
        if run is None or only is None or self._members is None:
            return
        if not self._members.has(only.guid, only.rtype):
            self._say(None, self.tr("Not in this run"))
            return
        change = self._members.change(only.guid)
        if change is None:
            self._say(ResourceState.NEW, ResourceState.NEW.name)
            return
        since = duration_text(change.time - run.began) if run.began is not None else ""
        text = self.tr("{0} after {1}").format(change.new.name, since) if since else change.new.name
        self._say(change.new, text, change.cause)

    def _say(self, state: ResourceState | None, text: str, cause: str = "") -> None:
        self._sign.setVisible(state is not None)
        if state is not None:
            self._sign.setPixmap(state_signs.pixmap(state, self._editor.appearance.theme))
        self.text.setText(text)
        self.text.setToolTip(plain_tool_tip(cause) if cause else "")
