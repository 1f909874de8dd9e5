"""What earlier windows have left is offered, and restored without losing anything."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import shutil

import pytest
from PySide6.QtCore import Qt

from nepi_core.xml_format import read_xml
from nepi_gui.document import recovery, resources
from nepi_gui.document.document import Document
from nepi_gui.document.recovery import Writer
from nepi_gui.window.safekeeping import SafekeepingFeature
from tests.nepi_gui.document.test_autosave import leave
from tests.nepi_gui.experiments import ROOT


@pytest.fixture
def lab(tmp_path):
    return shutil.copy(ROOT / "examples" / "two-hosts.xml", tmp_path / "lab.xml")


@pytest.fixture
def newer(lab):
    """Return the experiment of a window that was killed, with one more resource than its file."""
    document = Document(read_xml(lab), lab)
    resources.add_resource(document, "netns::Node", (300, 300))
    return document.description


def keeping(window) -> SafekeepingFeature:
    return SafekeepingFeature.of(window)


def press(qtbot, window, number: int) -> None:
    bar = keeping(window).notices
    qtbot.mouseClick(bar[bar.names()[0]].buttons[number], Qt.MouseButton.LeftButton)


def test_nothing_is_said_when_nothing_was_left(application, lab):
    window = application.open_file(lab)
    assert keeping(window).notices.names() == []
    assert not keeping(window).notices.isVisible()


def test_restoring(qtbot, application, lab, newer):
    left = leave(lab, newer, digest=hashlib.sha256(lab.read_bytes()).hexdigest())
    window = application.open_file(lab)
    said = keeping(window).notices[str(left)].text
    assert said == "Restore unsaved changes to lab.xml of 2026-01-02 12:31 (newer by 7 steps)?"
    document = window.editor.document
    assert len(document.description.resources) == 4
    press(qtbot, window, 0)
    assert document.description.resources == newer.resources
    assert document.is_modified
    assert not left.exists()
    ours = keeping(window).autosave.path
    assert ours is not None
    assert recovery.Autosaved(ours, recovery.head_of(ours)).read().resources == newer.resources
    document.history.undo()
    assert document.description.resources == read_xml(lab).resources


def test_discarding(qtbot, application, lab, newer):
    left = leave(lab, newer)
    window = application.open_file(lab)
    assert "The file itself was changed since." in keeping(window).notices[str(left)].text
    press(qtbot, window, 1)
    assert not left.exists()
    assert not window.editor.document.is_modified


def test_deciding_later_loses_nothing(qtbot, application, lab, newer):
    left = leave(lab, newer)
    window = application.open_file(lab)
    press(qtbot, window, 2)
    resources.add_resource(window.editor.document, "netns::Node")
    assert keeping(window).autosave.flush()
    assert keeping(window).autosave.path != left
    window.editor.document.history.set_clean()
    window.close()
    again = application.open_file(lab)
    assert keeping(again).notices.names() == [str(left)]


def test_what_was_saved_after_all_is_not_offered(application, lab):
    saved = read_xml(lab)
    saved.canvas.viewport = (7.0, 7.0, 2.0)
    left = leave(lab, saved)
    window = application.open_file(lab)
    assert keeping(window).notices.names() == []
    assert not left.exists()


def test_a_damaged_autosave_is_told_and_can_be_deleted(qtbot, application, lab, newer):
    left = leave(lab, newer)
    left.write_bytes(left.read_bytes()[:-30])
    window = application.open_file(lab)
    assert "cannot be read" in keeping(window).notices[str(left)].text
    press(qtbot, window, 0)
    assert not left.exists()


def test_a_file_open_elsewhere_is_told(application, lab, newer):
    parent = dataclasses.replace(Writer.present(), pid=os.getppid(), started=recovery._started(os.getppid()))
    left = leave(lab, newer, parent)
    window = application.open_file(lab)
    assert f"open in another window (process {os.getppid()})" in keeping(window).notices[str(left)].text
    left.unlink()


def test_what_had_no_file_is_offered_at_the_start(qtbot, application, newer):
    first, second = recovery.places(None), leave(None, newer)
    leave(None, newer, path=list(first)[1])
    application.start([])
    (window,) = application.windows
    assert len(keeping(window).notices.names()) == 2
    assert "with 5 resources" in keeping(window).notices[str(second)].text
    press(qtbot, window, 0)
    assert window.editor.document.description.resources == newer.resources
    assert window.editor.document.path is None
    press(qtbot, window, 0)  # this window has other work now
    assert len(application.windows) == 2
    assert application.windows[1].editor.document.is_modified


def test_what_was_left_of_other_files_is_told_at_the_start(qtbot, application, lab, newer):
    leave(lab, newer)
    application.settings.note_file(lab)
    application.start([])
    press(qtbot, application.windows[0], 0)
    (window,) = application.windows
    assert window.editor.document.path == lab
    assert "Restore unsaved changes" in keeping(window).notices[keeping(window).notices.names()[0]].text


def test_what_was_left_of_a_file_that_is_gone_can_be_restored(qtbot, application, lab, newer):
    leave(lab, newer)
    application.settings.keep("recent", [str(lab)])
    lab.unlink()
    application.start([])
    press(qtbot, application.windows[0], 0)
    assert application.windows[0].editor.document.description.resources == newer.resources


def test_the_program_that_is_ended_keeps_everything(application, lab):
    window, untitled = application.open_file(lab), application.open_window()
    for each in (window, untitled):
        resources.add_resource(each.editor.document, "netns::Node")
    application.end()
    assert not application.windows
    assert len(read_xml(lab).resources) == 4
    for path, number in ((next(recovery.places(lab)), 5), (next(recovery.places(None)), 1)):
        assert len(recovery.Autosaved(path, recovery.head_of(path)).read().resources) == number


def test_notices_follow_the_theme_and_can_be_closed(qtbot, application, lab, newer):
    leave(lab, newer)
    window = application.open_file(lab)
    bar = keeping(window).notices
    notice = bar[bar.names()[0]]
    before = notice.styleSheet()
    application.appearance.choose("dark")
    assert notice.styleSheet() != before
    notice._dismiss()
    assert not bar.isVisible()
