"""What somebody who does not see the window, or has no mouse, can rely on."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QLabel, QLineEdit, QTabBar, QWidget

EXAMPLES = Path(__file__).parents[3] / "examples"


def name_of(widget: QWidget) -> str:
    """Return what a screen reader says of a widget."""
    if widget.accessibleName():
        return widget.accessibleName()
    if isinstance(widget, QAbstractButton) and (widget.text() or widget.toolTip()):
        return widget.text() or widget.toolTip()
    buddies = [label.text() for label in widget.window().findChildren(QLabel) if label.buddy() is widget]
    return buddies[0] if buddies else widget.windowTitle()


def is_inner(widget: QWidget) -> bool:
    """Tell whether a widget is a part of another one that has the name, such as the line edit of a spin box."""
    parent = widget.parentWidget()
    near = (parent, parent.parentWidget() if parent else None)
    return any(isinstance(each, (QAbstractSpinBox, QComboBox)) for each in near)


@pytest.mark.parametrize("selected", [[], [1], [3], [4], [1, 2]], ids=str)
def test_everything_that_takes_the_keyboard_has_a_name(application, selected):
    window = application.open_file(EXAMPLES / "two-hosts.xml")
    window.editor.selection.set(selected)
    for dock in window.docks.values():
        dock.show()
    takers = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.objectName().startswith("qt_")
        and not isinstance(widget, QTabBar)  # Qt makes them for docks; their tabs have names
    ]
    nameless = [
        f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}"
        for widget in takers
        if not is_inner(widget)
        and not name_of(widget)
        and not (isinstance(widget, QLineEdit) and widget.placeholderText())
    ]
    assert nameless == []
