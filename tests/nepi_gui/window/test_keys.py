"""Keys: what is typed in a form or list never acts on the canvas, and the keyboard finds its way back there."""

from __future__ import annotations

import shutil
from collections import Counter

import pytest
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit, QListWidget, QSpinBox

from nepi_gui.window.main_window import MainWindow
from tests.nepi_gui.experiments import ROOT

_TYPED = (
    "Del",
    "Backspace",
    "Ctrl+A",
    "Ctrl+C",
    "Ctrl+X",
    "Ctrl+V",
    "Ctrl+D",
    "Ctrl+Del",
    "Alt+Del",
    "Left",
    "Shift+Left",
)


@pytest.fixture
def lab(application, tmp_path):
    """Return a window with two linked hosts, one of which is selected, that has the keyboard."""
    window = application.open_file(shutil.copy(ROOT / "examples" / "two-hosts.xml", tmp_path / "lab.xml"))
    window.activateWindow()
    window.editor.selection.set([1])
    QGuiApplication.clipboard().setText("a b\nb c")
    yield window
    QGuiApplication.clipboard().clear()


def press(key: str) -> None:
    """Press a key where the keyboard is."""
    widget = QApplication.focusWidget()
    assert widget is not None
    pressed = QKeySequence(key)[0]  # type: ignore[index]  # which the stubs of PySide6 leave out
    QTest.keyClick(widget, pressed.key(), pressed.keyboardModifiers())


def state(window: MainWindow) -> tuple[object, ...]:
    return window.editor.document.freeze(), window.editor.selection.keys


@pytest.mark.parametrize("kind", [QLineEdit, QSpinBox, QComboBox, QCheckBox, QListWidget])
def test_what_is_typed_in_a_form_does_nothing_to_the_canvas(qtbot, lab, kind):
    field = kind(lab.docks["attributes"].widget())
    field.show()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    before = state(lab)
    for key in _TYPED:
        press(key)
        assert state(lab) == before, key


@pytest.mark.parametrize("name", ["palette", "attributes", "conditions", "timeline", "findings", "history", "log"])
def test_what_is_typed_in_a_panel_does_nothing_to_the_canvas(qtbot, lab, name):
    lab.show_panel(name)
    assert QApplication.focusWidget() is not lab.view
    before = lab.editor.document.freeze()
    for key in ("Del", "Backspace", "Ctrl+D", "Ctrl+X", "Ctrl+Del", "Alt+Del", "Ctrl+V"):
        press(key)
        assert lab.editor.document.freeze() == before, key


def test_the_same_keys_mean_something_on_the_canvas(lab):
    resources = lab.editor.document.description.resources
    before = len(resources)
    lab.view.setFocus()
    press("Ctrl+D")
    assert len(resources) > before
    press("Del")
    assert len(resources) == before


def test_a_new_window_has_the_keyboard_on_its_canvas(lab):
    assert lab.focusWidget() is lab.view


def test_a_key_leads_back_to_the_canvas(lab):
    lab.show_panel("palette")
    press("Alt+0")
    assert QApplication.focusWidget() is lab.view


def test_letters_of_menus_are_clear(lab):
    twice = []
    for command in lab.commands.all():
        entries = lab.commands.menu(command.menu).actions()
        letters = Counter(QKeySequence.mnemonic(each.text()).toString() for each in entries)
        twice += [f"{command.menu}: {key}" for key, number in letters.items() if key and number > 1]
    assert sorted(set(twice)) == []
