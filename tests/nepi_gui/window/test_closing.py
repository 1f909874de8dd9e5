"""The order of what happens when windows close, one by one, all together, or because a signal asks for it."""

from __future__ import annotations

import gc
import shutil
import weakref

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QMessageBox

from nepi_gui.document import notes, recovery, resources
from nepi_gui.document.notes import Box
from nepi_gui.window.naming import NamingFeature
from tests.nepi_gui.experiments import ROOT


@pytest.fixture
def lab(tmp_path):
    return shutil.copy(ROOT / "examples" / "two-hosts.xml", tmp_path / "lab.xml")


def left_of(path):
    found = next(recovery.places(path))
    return recovery.Autosaved(found, recovery.head_of(found)).read()


def test_the_program_can_be_ended_while_it_asks(application, lab):
    window = application.open_file(lab)
    guid = resources.add_resource(window.editor.document, "netns::Node")

    def end() -> None:
        application.end()
        for box in window.findChildren(QMessageBox):
            box.reject()  # as Qt's loop does, which ends

    QTimer.singleShot(0, window, end)
    window.close()
    assert not application.windows
    assert guid in left_of(lab).resources


def test_what_is_being_typed_is_kept_when_the_program_is_ended(application, lab, qtbot):
    window = application.open_file(lab)
    note = notes.add_note(window.editor.document, "note", Box(0, 100, 200, 180), "")
    naming = NamingFeature.of(window)
    naming.inline.edit(note)
    qtbot.keyClicks(naming.inline.field, "half a thought")
    application.end()
    assert left_of(lab).canvas.notes[-1].text == "half a thought"


def test_the_start_ends_when_the_program_is_ended_meanwhile(application, lab, tmp_path, monkeypatch):
    other = shutil.copy(lab, tmp_path / "other.xml")
    asked = []

    def ask(path, dialect, over):
        asked.append(path)
        application.end()

    monkeypatch.setattr(application, "_ask_and_show", ask)
    application.start([lab, other])
    assert asked == [lab]
    assert not application.windows


def test_a_window_that_cannot_be_seen_is_brought_before_it_asks(application, lab, monkeypatch):
    window, front = application.open_file(lab), application.open_window()
    resources.add_resource(window.editor.document, "netns::Node")
    window.showMinimized()
    seen = []
    monkeypatch.setattr(QMessageBox, "exec", lambda _: seen.append(window.isMinimized()))
    assert not application.quit()
    assert seen == [False]
    assert front in application.windows


def test_a_closed_window_leaves_nothing(application, lab):
    window = application.open_file(lab)
    application.open_window()
    gone = weakref.ref(window)
    window.close()
    del window
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert gone() is None
