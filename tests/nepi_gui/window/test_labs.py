"""Labs in the window: what students see and may not do, and how teachers make them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from nepi_core.description import Lab
from nepi_core.errors import NepiError
from nepi_core.xml_format import read_xml
from nepi_gui.dialogs.lab_dialog import LabDialog
from nepi_gui.document import attributes, files, labs, resources
from nepi_gui.panels.task import TaskPanel
from nepi_gui.window.application import Application
from nepi_gui.window.main_window import MainWindow

LABS = Path(__file__).resolve().parents[3] / "examples" / "labs"


@pytest.fixture
def lab(application: Application, tmp_path: Path) -> MainWindow:
    """Return a window with two pings on this machine, the first of which is locked, but for its count."""
    window = application.open_window()
    document = window.editor.document
    host = resources.add_resource(document, "linux::Node", (0, 0))
    for _ in range(2):
        resources.add_resource(document, "linux::Ping", connected_to=[host])
    labs.set_lab(
        document,
        Lab("Pings", "Make it *quick*.", {1, 2}, open_attributes={2: {"count"}}, structure_locked=True),
    )
    return window


def _task(window: MainWindow) -> TaskPanel:
    panel = window.docks["task"].widget()
    assert isinstance(panel, TaskPanel)
    panel.refresh()
    return panel


def test_the_task_is_shown(lab: MainWindow) -> None:
    text = _task(lab).text.toPlainText()
    assert "Pings" in text
    assert "Make it quick." in text


def test_an_experiment_that_is_no_lab_says_so(window: MainWindow) -> None:
    panel = _task(window)
    assert not panel.nothing.isHidden()
    assert panel.text.isHidden() or not panel.text.isVisible()


def test_checks_alone_can_still_be_made_a_lab(window: MainWindow) -> None:
    resources.add_resource(window.editor.document, "check::Reach", (0, 0))
    panel = _task(window)
    assert not panel.checks.isHidden()
    assert not panel.making.isHidden()
    labs.set_lab(window.editor.document, Lab("Reach", "Reach it."))
    assert _task(window).making.isHidden()


def test_what_is_locked_cannot_be_done(lab: MainWindow, qtbot: QtBot) -> None:
    document = lab.editor.document
    before = len(document.history)
    with pytest.raises(NepiError, match="locked by the lab"):
        attributes.set_values(document, [2], "interval", 2.0)
    with qtbot.waitSignal(document.refused) as told:
        lab.editor.selection.set([3])
        lab.commands["edit.delete"].trigger()
    assert told.args
    assert 3 in document.description.resources
    assert len(document.history) == before
    assert told.args[0] == lab.statusBar().currentMessage()


def test_what_is_open_can_be_done(lab: MainWindow) -> None:
    document = lab.editor.document
    attributes.set_values(document, [2], "count", 7)
    attributes.set_values(document, [3], "interval", 2.0)
    resources.move(document, {1: (50.0, 60.0)})
    assert document.description.resources[2].attributes["count"] == 7


def test_a_locked_attribute_is_grey_in_the_form(lab: MainWindow) -> None:
    document = lab.editor.document
    attribute = attributes.attribute_of("linux::Ping", "interval")
    assert "locked by the lab" in attributes.lock_reason(document, [2], attribute)
    assert attributes.lock_reason(document, [3], attribute) == ""


def test_teachers_may_do_everything(lab: MainWindow) -> None:
    document = lab.editor.document
    lab.commands["lab.teach"].trigger()
    attributes.set_values(document, [2], "interval", 2.0)
    lab.editor.selection.set([3])
    lab.commands["lab.lock"].trigger()
    assert document.description.lab is not None
    assert document.description.lab.locked == {1, 2, 3}
    lab.commands["lab.unlock"].trigger()
    assert document.description.lab.locked == {1, 2}
    lab.commands["lab.teach"].trigger()
    assert document.heeds_lab
    lab.commands.refresh()
    assert not lab.commands["lab.lock"].isEnabled()


def test_the_dialog_gives_back_what_it_was_given(lab: MainWindow) -> None:
    description = lab.editor.document.description
    dialog = LabDialog(description, lab)
    assert dialog.lab() == description.lab
    dialog.deleteLater()


@pytest.mark.parametrize("name", ["routing.xml", "bufferbloat.xml"])
def test_the_dialog_keeps_the_labs_of_the_examples(window: MainWindow, name: str) -> None:
    description = read_xml(LABS / name)
    dialog = LabDialog(description, window)
    assert dialog.lab() == description.lab
    dialog.deleteLater()


def test_a_lab_is_made_in_the_dialog(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    document = window.editor.document
    resources.add_resource(document, "netns::Node", (0, 0))
    _task(window).making.click()
    dialog = window.findChild(LabDialog)
    assert dialog is not None
    dialog.title.setText("First")
    dialog.task.setPlainText("Do **it**.")
    row = dialog.tree.topLevelItem(0)
    assert row is not None
    row.setCheckState(0, Qt.CheckState.Checked)
    own = row.child(0)
    assert own is not None
    own.setCheckState(0, Qt.CheckState.Unchecked)
    dialog.structure.setChecked(True)
    dialog.allowed.setText("netns::Rout")
    dialog.accept()
    assert dialog.isVisible()  # there is no such type
    assert not dialog.problem.isHidden()
    assert "netns::Route" in dialog.problem.text()
    dialog.allowed.setText("netns::Route")
    assert dialog.problem.isHidden()
    dialog.accept()
    path = tmp_path / "lab.xml"
    files.save(document, path)
    made = read_xml(path).lab
    assert made is not None
    assert (made.title, made.task, made.locked, made.allowed_types) == ("First", "Do **it**.", {1}, {"netns::Route"})
    assert len(made.open_attributes[1]) == 1
    window.commands["edit.undo"].trigger()
    assert document.description.lab is None
    document.history.set_clean()


def test_links_of_a_task_start_no_programs_of_this_machine(lab: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda link: opened.append(link.toString()))
    panel, document = _task(lab), lab.editor.document
    labs.set_lab(document, Lab("Pings", "[bad](file:///bin/true) [worse](notes.md) [good](https://example.org/)"))
    panel.refresh()
    for link in ("file:///bin/true", "notes.md", "https://example.org/"):
        panel.text.anchorClicked.emit(QUrl(link))
    assert opened == ["https://example.org/"]
    assert "good" in panel.text.toPlainText()
    assert "notes.md" in lab.statusBar().currentMessage()


def test_checks_that_come_and_go_are_listed(lab: MainWindow) -> None:
    document, panel = lab.editor.document, _task(lab)
    document.heeds_lab = False
    assert panel.check_guids() == []
    guid = resources.add_resource(document, "check::Metric")
    assert panel.check_guids() == [guid]
    resources.remove(document, [guid])
    assert panel.check_guids() == []
