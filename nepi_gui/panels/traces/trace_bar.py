"""What stands above a trace: its name, how much of it is seen, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from nepi_gui import icons


class TraceBar(QWidget):
    """Buttons for one trace."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.title = QLabel(self)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.part = QLabel(self)
        self.part.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.follow = self._button("align-bottom", self.tr("Follow: keep the last line in view"), is_switch=True)
        self.follow.setText(self.tr("Follow"))
        self.follow.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.wrap = self._button("wrap", self.tr("Wrap long lines"), is_switch=True)
        self.finding = self._button("search", self.tr("Find words (Ctrl+F)"))
        self.wireshark = self._button("capture", self.tr("Open in Wireshark"))
        self.wireshark.setText(self.tr("Wireshark"))
        self.wireshark.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more = self._button("folder", self.tr("Open, copy or save the file"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.more)
        self.open_outside = self._action(menu, "open", self.tr("&Open in the default program"))
        self.show_folder = self._action(menu, "folder", self.tr("Show in &folder"))
        self.copy_path = self._action(menu, "copy", self.tr("&Copy path"))
        self.save_as = self._action(menu, "save-as", self.tr("&Save as…"))
        self.more.setMenu(menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 0, 0)
        row.addWidget(self.title, 1)
        for widget in (self.part, self.follow, self.wrap, self.finding, self.wireshark, self.more):
            row.addWidget(widget)

    def _button(self, icon: str, tip: str, is_switch: bool = False) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icons.icon(icon))
        button.setAutoRaise(True)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setCheckable(is_switch)
        return button

    def _action(self, menu: QMenu, icon: str, text: str) -> QAction:
        action = QAction(icons.icon(icon), text, self)
        menu.addAction(action)
        return action

    def show_kind(self, is_text: bool, is_packets: bool) -> None:
        """Show what can be done with this kind of trace; with none, nothing."""
        for each in (self.follow, self.wrap, self.finding):
            each.setVisible(is_text)
        self.wireshark.setVisible(is_packets)
        self.more.setVisible(is_text or is_packets)
        self.part.setVisible(is_text)
