"""The menu File: opening, saving, closing, and what users are told when that cannot be done."""

from __future__ import annotations

import shutil

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from nepi_core.errors import FormatError, NepiError
from nepi_core.xml_format import read_xml
from nepi_gui.document import files, resources
from nepi_gui.window.exporting import ExportingFeature
from nepi_gui.window.files import Answer, FilesFeature
from nepi_gui.window.opening import DialectDialog
from nepi_gui.window.safekeeping import SafekeepingFeature
from tests.nepi_gui.document.test_files import SAMPLES, rewrite
from tests.nepi_gui.experiments import ROOT


@pytest.fixture
def lab(tmp_path):
    return shutil.copy(ROOT / "examples" / "two-hosts.xml", tmp_path / "lab.xml")


@pytest.fixture
def opened(application, lab):
    return application.open_file(lab)


def feature(window) -> FilesFeature:
    return FilesFeature.of(window)


def change(window) -> int:
    return resources.add_resource(window.editor.document, "netns::Node", (40, 40))


def answer(monkeypatch, window, **answers) -> None:
    """Have questions answered as the user would."""
    for name, value in answers.items():
        monkeypatch.setattr(feature(window), name, lambda *_, value=value: value)


def boxes(window) -> list[QMessageBox]:
    return [box for box in window.findChildren(QMessageBox) if box.isVisible()]


# -- opening -------------------------------------------------------------------------------------------------


def test_a_file_takes_the_place_of_an_untouched_window(application, window, lab):
    assert application.show_file(lab, over=window) is window
    assert window.windowTitle().startswith("lab.xml")
    assert len(window.scene.nodes) == 2
    assert application.settings.recent_files() == [lab]


def test_a_changed_window_is_left_alone(application, window, lab):
    change(window)
    assert application.show_file(lab) is not window
    assert len(application.windows) == 2


def test_a_file_is_not_opened_twice(application, opened, lab, tmp_path):
    (tmp_path / "link.xml").symlink_to(lab)
    assert application.open_file(tmp_path / "link.xml") is opened
    assert len(application.windows) == 1


def test_several_files_are_opened_at_once(application, window, lab, tmp_path, monkeypatch):
    other = shutil.copy(lab, tmp_path / "other.xml")
    answer(monkeypatch, window, ask_what_to_open=[lab, other])
    window.commands["file.open"].trigger()
    assert [each.editor.document.path for each in application.windows] == [lab, other]


def test_a_broken_file_is_told_with_line_and_reason(application, window, tmp_path):
    path = tmp_path / "broken.xml"
    path.write_text("<experiment>\n<rms>\n<rm guid='x' rtype='a::B'/>\n<rm guid='y' rtype='a::B'/></rms></experiment>")
    before = path.read_bytes()
    assert application.show_file(path, over=window) is None
    (box,) = boxes(window)
    assert "broken.xml cannot be opened" in box.text()
    assert "line 3" in box.informativeText()
    assert "'y'" in box.detailedText()
    box.close()
    assert len(application.windows) == 1
    assert window.editor.document.path is None
    assert path.read_bytes() == before
    with pytest.raises(FormatError):
        application.open_file(path)


def test_the_menu_of_recent_files(qtbot, application, window, lab, tmp_path):
    settings = window.editor.settings
    settings.note_file(tmp_path / "gone.xml")
    settings.note_file(lab)
    menu = window.commands.menu("&File/Open &recent")
    menu.aboutToShow.emit()
    assert [each.statusTip() for each in menu.actions()][:1] == [str(lab)]
    menu.actions()[0].trigger()
    assert window.editor.document.path == lab
    menu.actions()[-1].trigger()
    assert settings.recent_files() == []
    settings.save()
    menu.aboutToShow.emit()
    assert not menu.actions()[-1].isEnabled()


# -- which NEPI ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", ["nepi3", "nepi6"])
def test_who_knows_which_nepi_wrote_a_file_is_asked(application, monkeypatch, dialect):
    monkeypatch.setattr(application, "ask_dialect", lambda *_: dialect)
    path = SAMPLES / "nepi6-ping-pair.xml"
    window = application.show_file(path)
    shown, wanted = window.editor.document.description.resources, read_xml(path, dialect).resources
    assert [each.conditions for each in shown.values()] == [each.conditions for each in wanted.values()]
    assert not window.editor.document.is_modified


def test_going_back_asks_again_which_nepi_it_was(application, monkeypatch):
    path = SAMPLES / "nepi6-ping-pair.xml"
    monkeypatch.setattr(application, "ask_dialect", lambda *_: "nepi6")
    window = application.show_file(path)
    before = [each.conditions for each in window.editor.document.description.resources.values()]
    change(window)
    monkeypatch.setattr(application, "ask_dialect", lambda *_: "")
    window.commands["file.revert"].trigger()
    assert window.isWindowModified()
    monkeypatch.setattr(application, "ask_dialect", lambda *_: "nepi6")
    window.commands["file.revert"].trigger()
    assert [each.conditions for each in window.editor.document.description.resources.values()] == before


def test_who_does_not_answer_opens_nothing(application, monkeypatch):
    monkeypatch.setattr(application, "ask_dialect", lambda *_: "")
    assert application.show_file(SAMPLES / "nepi6-ping-pair.xml") is None
    assert not application.windows


def words(dialog, row, column) -> str:
    return dialog.table.item(row, column).text()


def test_both_meanings_are_shown(qtbot, window):
    path = SAMPLES / "nepi6-ping-pair.xml"
    dialog = DialectDialog(path, files.read(path), window)
    dialog.open()
    first = [words(dialog, row, 0) for row in range(dialog.table.rowCount())]
    second = [words(dialog, row, 1) for row in range(dialog.table.rowCount())]
    assert first
    assert all(one != other for one, other in zip(first, second, strict=True))
    qtbot.mouseClick(dialog.nepi6, Qt.MouseButton.LeftButton)
    assert dialog.dialect == "nepi6"
    dialog.deleteLater()


# -- saving --------------------------------------------------------------------------------------------------


def test_saving(opened, lab):
    change(opened)
    assert opened.isWindowModified()
    opened.commands["file.save"].trigger()
    assert not opened.isWindowModified()
    assert read_xml(lab) == opened.editor.document.description


def test_the_first_save_asks_for_a_file(window, tmp_path, monkeypatch):
    change(window)
    answer(monkeypatch, window, ask_where_to_save=None)
    assert not feature(window).save()
    answer(monkeypatch, window, ask_where_to_save=tmp_path / "new.xml")
    window.commands["file.save"].trigger()
    assert read_xml(tmp_path / "new.xml").exp_id == "new"
    assert window.windowTitle().startswith("new.xml")
    assert window.editor.settings.recent_files() == [tmp_path / "new.xml"]


def test_a_copy_leaves_the_document_where_it_is(opened, lab, tmp_path, monkeypatch):
    change(opened)
    before = lab.read_bytes()
    answer(monkeypatch, opened, ask_where_to_save=tmp_path / "copy.xml")
    opened.commands["file.save-copy"].trigger()
    assert len(read_xml(tmp_path / "copy.xml").resources) == 5
    assert opened.editor.document.path == lab
    assert opened.isWindowModified()
    answer(monkeypatch, opened, ask_where_to_save=lab)
    opened.commands["file.save-copy"].trigger()
    assert lab.read_bytes() == before


def test_a_file_of_another_window_is_not_taken(application, opened, lab, monkeypatch):
    other = application.open_window()
    change(other)
    told: list[str] = []
    other.editor.told.connect(told.append)
    answer(monkeypatch, other, ask_where_to_save=lab)
    assert not feature(other).save()
    assert "open in another window" in told[0]


@pytest.mark.parametrize("reason", ["No such file", "No space"])
def test_what_cannot_be_saved_stays_open_and_changed(opened, lab, tmp_path, monkeypatch, reason):
    change(opened)
    if reason == "No space":
        monkeypatch.setattr("nepi_core.xml_format.writer.write_atomically", _no_space)
    else:
        opened.editor.document.path = tmp_path / "vanished" / "lab.xml"
    assert not feature(opened).save()
    (box,) = boxes(opened)
    assert reason in box.informativeText()
    assert opened.isWindowModified()
    monkeypatch.undo()
    answer(monkeypatch, opened, ask_where_to_save=tmp_path / "elsewhere.xml")
    box.buttons()[0].click()
    assert not opened.isWindowModified()
    assert sorted(each.name for each in tmp_path.iterdir() if each.is_file()) == ["elsewhere.xml", "lab.xml"]


def _no_space(*_):
    raise OSError(28, "No space left on device")


def test_going_back_to_what_was_saved_can_be_undone(opened):
    document = opened.editor.document
    before = document.freeze()
    change(opened)
    opened.commands["file.revert"].trigger()
    assert document.description == before
    assert not document.is_modified
    document.history.undo()
    assert len(document.description.resources) == 5
    assert document.is_modified


# -- other programs ------------------------------------------------------------------------------------------


def test_a_file_changed_by_another_program_is_offered(qtbot, opened, lab):
    keeping = SafekeepingFeature.of(opened)
    rewrite(lab, lab.read_text().replace('label="h1"', 'label="other"'))
    qtbot.waitUntil(lambda: keeping.notices.names() == ["disk"])
    assert keeping.notices.isVisible()
    assert "lab.xml was changed by another program" in keeping.notices["disk"].text
    qtbot.mouseClick(keeping.notices["disk"].buttons[0], Qt.MouseButton.LeftButton)
    document = opened.editor.document
    assert document.description.resources[1].label == "other"
    assert not document.is_modified
    assert not keeping.notices.names()
    document.history.undo()
    assert document.description.resources[1].label == "h1"


def test_who_keeps_theirs_may_save(qtbot, opened, lab):
    keeping = SafekeepingFeature.of(opened)
    rewrite(lab, lab.read_text().replace('label="h1"', 'label="other"'))
    qtbot.waitUntil(lambda: keeping.notices.names() == ["disk"])
    qtbot.mouseClick(keeping.notices["disk"].buttons[1], Qt.MouseButton.LeftButton)
    assert opened.isWindowModified()
    assert feature(opened).save()
    assert 'label="h1"' in lab.read_text()


def test_what_another_program_wrote_is_not_replaced_unasked(opened, lab, monkeypatch):
    change(opened)
    text = lab.read_text().replace('label="h1"', 'label="other"')
    rewrite(lab, text)
    answer(monkeypatch, opened, ask_to_replace=False)
    assert not feature(opened).save()
    assert lab.read_text() == text
    answer(monkeypatch, opened, ask_to_replace=True)
    assert feature(opened).save()


def test_a_deleted_file_makes_the_document_changed(qtbot, opened, lab):
    keeping = SafekeepingFeature.of(opened)
    lab.unlink()
    qtbot.waitUntil(lambda: keeping.notices.names() == ["disk"])
    assert opened.isWindowModified()
    qtbot.mouseClick(keeping.notices["disk"].buttons[0], Qt.MouseButton.LeftButton)
    assert lab.exists()
    assert not opened.isWindowModified()
    assert not keeping.notices.names()


# -- closing -------------------------------------------------------------------------------------------------


def test_who_closes_a_changed_window_is_asked(application, opened, lab, monkeypatch):
    change(opened)
    answer(monkeypatch, opened, ask_to_save=Answer.CANCEL)
    assert not application.quit()
    assert application.windows == [opened]
    answer(monkeypatch, opened, ask_to_save=Answer.SAVE)
    opened.commands["file.close"].trigger()
    assert not application.windows
    assert len(read_xml(lab).resources) == 5


def test_changes_are_thrown_away_on_demand(application, opened, lab, monkeypatch):
    change(opened)
    keeping = SafekeepingFeature.of(opened)
    assert keeping.autosave.flush()
    left = keeping.autosave.path
    assert left is not None
    assert left.exists()
    answer(monkeypatch, opened, ask_to_save=Answer.DISCARD)
    application.open_window()
    assert application.quit()
    assert not application.windows
    assert not left.exists()
    assert len(read_xml(lab).resources) == 4


# -- the start -----------------------------------------------------------------------------------------------


def test_the_start_opens_what_can_be_read(application, lab, tmp_path):
    (tmp_path / "broken.xml").write_text("<experiment>")
    application.start([tmp_path / "broken.xml", lab])
    (window,) = application.windows
    assert window.editor.document.path == lab
    for box in boxes(window):
        box.close()


def test_the_start_refuses_when_nothing_can_be_read(application, tmp_path):
    with pytest.raises(NepiError, match=r"none\.xml"):
        application.start([tmp_path / "none.xml"])
    assert not application.windows


def test_every_command_has_its_place_in_the_menu(window):
    assert ExportingFeature.of(window)
    titles = [each.text() for each in window.commands.menu("&File").actions() if not each.isSeparator()]
    assert titles == [
        "&New",
        "&Open…",
        "Open &recent",
        "&Save",
        "Save &as…",
        "Save a cop&y…",
        "Re&vert to saved",
        "&Export",
        "&Close window",
        "&Quit",
    ]
