"""What was found by attacking the window, and must not come back."""

from __future__ import annotations

import os
import threading

import pytest
from PySide6.QtGui import QGuiApplication

from nepi_core.description import CanvasNote
from nepi_gui import background
from nepi_gui.background import Background
from nepi_gui.document import autosave, resources
from nepi_gui.document.files import FileState
from nepi_gui.window.clipboard import ClipboardFeature
from nepi_gui.window.linking import LinkingFeature


@pytest.mark.parametrize("name", ["conditions", "timeline", "attributes", "log"])
def test_a_window_whose_panel_floats_is_closed_and_the_others_live(application, qtbot, name):
    application.open_window()
    window = application.open_window()
    window.docks[name].setFloating(True)
    window.docks[name].show()
    window.close()
    qtbot.waitUntil(lambda: len(application.windows) == 1)
    resources.add_resource(application.windows[0].editor.document, "netns::Node")


def test_pasting_before_anything_was_copied_is_told(window, monkeypatch):
    class Empty:
        def mimeData(self):  # noqa: N802 - Qt's name
            return None

    heard: list[str] = []
    window.editor.told.connect(heard.append)
    monkeypatch.setattr(QGuiApplication, "clipboard", staticmethod(Empty))
    ClipboardFeature.of(window).paste()
    assert "nothing on the clipboard" in heard[0]


def test_a_line_from_here_without_a_here_is_none(window):
    LinkingFeature.of(window).link_from_here()
    assert not window.view.cancel_gesture()


def test_recent_files_that_cannot_be_asked_are_left_out(application, tmp_path):
    present = tmp_path / "a.xml"
    present.touch()
    application.settings.keep("recent", ["a\0b", "x" * 5000, str(tmp_path), str(present)])
    assert application.settings.recent_files() == [present]


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/dev/zero")])
def test_what_is_no_file_is_not_read(tmp_path, make):
    make(tmp_path / "x")
    assert FileState.of(tmp_path / "x") is None


def test_want_of_memory_is_told_and_the_autosave_tried_again(application, qtbot, monkeypatch):
    def fail(description):
        raise MemoryError("no room")

    window = application.open_window()
    with monkeypatch.context() as broken, qtbot.waitSignal(window.editor.document.changed):
        broken.setattr(autosave, "to_xml", fail)
        resources.add_resource(window.editor.document, "netns::Node")
        keeper = autosave_of(window)
        assert not keeper.flush()
    assert keeper.flush()


def autosave_of(window):
    from nepi_gui.window.safekeeping import SafekeepingFeature

    return SafekeepingFeature.of(window).autosave


def test_work_without_end_does_not_keep_the_window_open(qapp, monkeypatch, caplog):
    monkeypatch.setattr(background, "_PATIENCE", 0.05)
    go_on = threading.Event()
    work = Background(qapp)
    work.run(go_on.wait)
    work.close()
    assert "still works" in caplog.text
    go_on.set()
    work.deleteLater()


def test_a_note_with_a_very_long_text_is_not_saved_as_something_unreadable(window, tmp_path):
    from nepi_core.errors import FormatError
    from nepi_gui.document import files

    with window.editor.document.edit("Note") as edit:
        edit.notes().append(CanvasNote("note", 0, 0, 100, 100, "&" * 2_000_000))
    with pytest.raises(FormatError, match="2000000 characters"):
        files.save(window.editor.document, tmp_path / "x.xml")
    assert not (tmp_path / "x.xml").exists()
