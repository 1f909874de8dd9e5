"""Texts are ready for translation: Qt's tool finds them, and a translation that is installed is shown."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree
from PySide6.QtCore import QCoreApplication, QTranslator

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for path in (ROOT / "nepi_gui").rglob("*.py") if "PySide6" in path.read_text(encoding="utf-8"))
FOLDERS = ("canvas", "dialogs", "document", "panels", "window")


def calls(path: Path) -> list[tuple[int, ast.expr]]:
    """Return the line and the text's expression of each call that asks for a translation."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr == "tr":
                found.append((node.lineno, node.args[0]))
            elif isinstance(node.func, ast.Name) and node.func.id == "translate":
                found.append((node.lineno, node.args[1]))
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_texts_are_given_as_they_are(path):
    wrong = [line for line, text in calls(path) if not (isinstance(text, ast.Constant) and isinstance(text.value, str))]
    assert not wrong, "the tool that collects texts does not see what is worked out"


def test_the_tool_finds_them(tmp_path):
    # By the interpreter's own folder: the program that collects texts is installed beside it.
    tool = Path(sys.executable).with_name("pyside6-lupdate")
    sources = [path for path in SOURCES if path.parts[-2] in FOLDERS]
    output = tmp_path / "nepi.ts"
    subprocess.run([tool, *map(str, sources), "-ts", str(output)], check=True, capture_output=True)
    texts = {each.text for each in etree.parse(output).iter("source")}
    expected = {text.value for path in sources for _, text in calls(path) if isinstance(text, ast.Constant)}
    assert expected - texts == set()


class Shouting(QTranslator):
    """Translates everything into capitals."""

    def translate(self, context, source, disambiguation=None, n=-1):
        return source.upper()

    def isEmpty(self):  # noqa: N802 - Qt's name
        return False


def test_a_translation_is_shown(application, qapp):
    translator = Shouting()
    QCoreApplication.installTranslator(translator)
    try:
        window = application.open_window()
        assert window.commands["edit.undo"].text() == "&UNDO"
        assert window.docks["palette"].windowTitle() == "PALETTE"
        menus = [action.text() for action in window.menuBar().actions()]
        assert menus == [text.upper() for text in menus]
    finally:
        QCoreApplication.removeTranslator(translator)
