"""Files with odd names, protected files, links, files of other windows, and disks that are full."""

from __future__ import annotations

import os
import resource
import shutil

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QMessageBox

from nepi_core.xml_format import read_xml
from nepi_gui.canvas.export import Wish
from nepi_gui.document.file_watch import News
from nepi_gui.window.exporting import ExportingFeature
from nepi_gui.window.files import FilesFeature
from nepi_gui.window.safekeeping import SafekeepingFeature
from tests.nepi_gui.experiments import ROOT
from tests.nepi_gui.window.test_files import change


@pytest.fixture
def lab(tmp_path):
    return shutil.copy(ROOT / "examples" / "ping-localhost.xml", tmp_path / "lab.xml")


@pytest.fixture
def opened(application, lab):
    return application.open_file(lab)


def test_names_are_shown_as_they_are(application, lab, tmp_path):
    path = shutil.copy(lab, tmp_path / "R&D <b>[*] {0}.xml")
    window = application.open_file(path)
    change(window)
    assert window.windowTitle() == "R&D <b>[*][*] {0}.xml[*] – NEPI-GUI"  # noqa: RUF001 - a dash
    menu = window.commands.menu("&File/Open &recent")
    menu.aboutToShow.emit()
    assert menu.actions()[0].text() == "&1  R&&D <b>[*] {0}.xml"
    assert window.commands["file.save"].isEnabled()
    window.commands["file.save"].trigger()
    assert len(read_xml(path).resources) == len(window.editor.document.description.resources)


def test_a_protected_file_is_not_replaced_unasked(opened, lab, monkeypatch):
    feature = FilesFeature.of(opened)
    before = lab.read_bytes()
    lab.chmod(0o444)
    change(opened)
    monkeypatch.setattr(feature, "ask_to_write", lambda _: False)
    assert not feature.save()
    assert lab.read_bytes() == before
    assert opened.isWindowModified()
    monkeypatch.setattr(feature, "ask_to_write", lambda _: True)
    assert feature.save()
    assert lab.read_bytes() != before
    assert lab.stat().st_mode & 0o777 == 0o444


def test_a_link_stays_one(application, lab, tmp_path):
    (tmp_path / "link.xml").symlink_to(lab)
    window = application.open_file(tmp_path / "link.xml")
    guid = change(window)
    window.commands["file.save"].trigger()
    assert (tmp_path / "link.xml").is_symlink()
    assert guid in read_xml(lab).resources


def test_a_pipe_in_the_place_of_the_file_blocks_nothing(opened, lab):
    keeping = SafekeepingFeature.of(opened)
    lab.unlink()
    os.mkfifo(lab)
    keeping.watch.look()
    assert keeping.watch.news is News.GONE
    assert not FilesFeature.of(opened).save()
    for box in opened.findChildren(QMessageBox):
        box.close()


def test_a_copy_does_not_replace_what_is_open(application, opened, lab, monkeypatch):
    before = lab.read_bytes()
    for window in (opened, application.open_window()):
        change(window)
        monkeypatch.setattr(FilesFeature.of(window), "ask_where_to_save", lambda _: lab)
        window.commands["file.save-copy"].trigger()
        assert lab.read_bytes() == before


@pytest.mark.parametrize("export", ["picture", "python"])
def test_an_export_does_not_replace_the_experiment(opened, lab, monkeypatch, export):
    before = lab.read_bytes()
    feature = ExportingFeature.of(opened)
    monkeypatch.setattr(feature, "ask_where", lambda *_: lab)
    told: list[str] = []
    opened.editor.told.connect(told.append)
    assert not (feature.export_picture(Wish(), False) if export == "picture" else feature.export_python())
    assert lab.read_bytes() == before
    assert "own file" in told[0]


def test_a_name_with_slashes_stays_in_the_folder(window, tmp_path):
    window.editor.settings.keep("folder", str(tmp_path))
    with window.editor.document.edit("Name") as edit:
        edit.set_part("exp_id", "../../etc/lab")
    assert FilesFeature.of(window).suggested(".png") == tmp_path / "..-..-etc-lab.png"


def test_a_disk_that_is_full_is_told_and_loses_nothing(opened, lab):
    before = lab.read_bytes()
    change(opened)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        assert not FilesFeature.of(opened).save()
        assert not SafekeepingFeature.of(opened).autosave.flush()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    (box,) = [each for each in opened.findChildren(QMessageBox) if each.isVisible()]
    assert "cannot be written" in box.informativeText()
    box.close()
    assert lab.read_bytes() == before
    assert opened.isWindowModified()
    assert [each.name for each in lab.parent.iterdir() if each.is_file()] == ["lab.xml"]


def test_who_drags_a_file_here_does_not_wait_for_an_answer(qtbot, window, lab, monkeypatch):
    shown = []
    monkeypatch.setattr(window.application, "show_file", lambda path, over: shown.append(path))
    content = QMimeData()
    content.setUrls([QUrl.fromLocalFile(str(lab))])
    copy, left, no_key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.view.dropEvent(QDropEvent(QPointF(50, 50), copy, content, left, no_key))
    assert not shown
    qtbot.waitUntil(lambda: shown == [lab])
