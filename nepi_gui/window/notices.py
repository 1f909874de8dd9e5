"""Notices above the canvas: what the user should know and may decide, without being stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from nepi_gui.appearance import Appearance


class Tone(StrEnum):
    """How much a notice matters."""

    NEWS = "news"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the user may decide: the text of a button, and what it does; the notice goes away before."""

    text: str
    run: Callable[[], object]
    help: str = ""


class NoticeBar(QWidget):
    """Shows notices below each other; takes no room when there are none."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._notices: dict[str, Notice] = {}
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self.setAccessibleName(self.tr("Notices"))
        self.hide()
        appearance.changed.connect(self._paint)

    def __getitem__(self, name: str) -> Notice:
        return self._notices[name]

    def names(self) -> list[str]:
        """Return the names of the notices that are shown."""
        return list(self._notices)

    def show_notice(self, name: str, text: str, choices: Sequence[Choice] = (), tone: Tone = Tone.NEWS) -> None:
        """Show a notice, in the place of the one of that name if there is one."""
        self.remove(name)
        notice = self._notices[name] = Notice(name, text, choices, tone, self)
        self._rows.addWidget(notice)
        notice.paint(self._appearance)
        self.show()

    def remove(self, name: str) -> None:
        """Take a notice away; nothing happens when it is not there."""
        notice = self._notices.pop(name, None)
        if notice is not None:
            notice.hide()
            self._rows.removeWidget(notice)
            notice.deleteLater()
        self.setVisible(bool(self._notices))

    def _paint(self) -> None:
        for notice in self._notices.values():
            notice.paint(self._appearance)


class Notice(QFrame):
    """One notice: a sentence, and a button for each choice."""

    def __init__(self, name: str, text: str, choices: Sequence[Choice], tone: Tone, bar: NoticeBar) -> None:
        super().__init__(bar)
        self.setObjectName("notice")
        self.name = name
        self._bar = bar
        self._tone = tone
        self._choices = tuple(choices)
        self._label = QLabel(text)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self.setAccessibleName(text)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.addWidget(self._label, 1)
        self.buttons = [self._button(choice) for choice in choices]
        for button in self.buttons:
            row.addWidget(button)
        row.addWidget(self._closing_button())

    @property
    def text(self) -> str:
        """What it says."""
        return self._label.text()

    def _button(self, choice: Choice) -> QPushButton:
        button = QPushButton(choice.text)
        button.setToolTip(choice.help)
        button.clicked.connect(self._choose)
        return button

    def _closing_button(self) -> QToolButton:
        button = QToolButton()
        button.setText("✕")
        button.setAutoRaise(True)
        button.setAccessibleName(self.tr("Close this notice"))
        button.setToolTip(self.tr("Close this notice"))
        button.clicked.connect(self._dismiss)
        return button

    def _choose(self) -> None:
        choice = self._choices[self.buttons.index(self.sender())]  # type: ignore[arg-type]  # a button of this notice
        self._bar.remove(self.name)
        choice.run()

    def _dismiss(self) -> None:
        self._bar.remove(self.name)

    def paint(self, appearance: Appearance) -> None:
        """Take the colours of the theme that is shown."""
        theme = appearance.theme
        edge = theme.warning if self._tone is Tone.WARNING else theme.accent
        self.setStyleSheet(
            f"#notice {{ background: {theme.plate}; border: none; border-left: 4px solid {edge};"
            f" border-bottom: 1px solid {theme.border}; }} #notice QLabel {{ color: {theme.text}; }}"
        )
