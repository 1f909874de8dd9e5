"""The start page: what it offers, and what becomes of it."""

from __future__ import annotations

import shutil

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QToolButton

from nepi_core.description import ExperimentDescription
from nepi_core.xml_format import read_xml
from nepi_gui.dialogs.cards import PATH
from nepi_gui.dialogs.gallery import StartPage
from nepi_gui.dialogs.pictures import Pictures, picture_of
from nepi_gui.document import resources
from nepi_gui.examples import examples
from nepi_gui.window.helping import HelpingFeature
from nepi_gui.window.starting import StartingFeature


@pytest.fixture
def start(window):
    """Return the start page's feature, with the page shown; the tour was seen before."""
    window.editor.settings.keep("tour/seen", True)
    feature = StartingFeature.of(window)
    feature.show_page()
    return feature


def page_of(window):
    return window.findChild(StartPage)


def titles(page):
    return [item.text() for item in page.cards.entries() if not item.isHidden()]


def colours(picture):
    image = picture.toImage()
    return {image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}


def test_the_program_begins_with_the_start_page(application):
    application.start([])
    (window,) = application.windows
    assert StartingFeature.of(window).is_shown
    assert not any(dock.isVisible() for dock in window.docks.values())


def test_a_window_with_a_file_begins_with_the_canvas(application):
    application.start([examples()[0].path])
    (window,) = application.windows
    assert window.pages.currentWidget() is window.view


def test_lists_all_examples(window, start):
    assert len(titles(page_of(window))) == len(examples())


def test_pictures_come_one_after_the_other(window, start, qtbot):
    page = page_of(window)
    shown = Qt.ItemDataRole.DecorationRole
    qtbot.waitUntil(lambda: all(isinstance(item.data(shown), QPixmap) for item in page.cards.entries()), timeout=20_000)
    assert all(len(colours(item.data(shown))) > 5 for item in page.cards.entries())


def test_enter_opens_a_copy(window, start, qtbot):
    page = page_of(window)
    item = page.cards.currentItem()
    qtbot.keyClick(page.cards, Qt.Key.Key_Return)
    document = window.editor.document
    assert document.path is None
    assert not document.is_modified
    assert document.description.resources == read_xml(item.data(PATH)).resources
    assert window.pages.currentWidget() is window.view
    assert window.docks["palette"].isVisible()


def test_arrows_go_from_card_to_card(window, start, qtbot):
    cards = page_of(window).cards
    qtbot.keyClick(cards, Qt.Key.Key_Right)
    assert cards.currentRow() == 1
    qtbot.keyClick(cards, Qt.Key.Key_Left)
    assert cards.currentRow() == 0
    qtbot.keyClick(cards, Qt.Key.Key_Down)
    assert cards.currentRow() > 1


def test_a_double_click_opens_a_copy(window, start, qtbot):
    cards = page_of(window).cards
    place = cards.visualItemRect(cards.item(1)).center()
    qtbot.mouseClick(cards.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(cards.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.editor.document.description.exp_id == cards.item(1).data(PATH).stem


def test_search_hides_what_does_not_fit(window, start, qtbot):
    page = page_of(window)
    qtbot.keyClicks(page.search, "ospf")
    assert titles(page) == ["Who finds the way round?"]
    qtbot.keyClick(page.search, Qt.Key.Key_Return)
    assert window.editor.document.description.exp_id == "ospf"


def test_search_for_nothing_says_so(window, start, qtbot):
    page = page_of(window)
    qtbot.keyClicks(page.search, "no such thing")
    assert not titles(page)
    assert page._none.isVisible()
    qtbot.keyClick(page.search, Qt.Key.Key_Return)
    assert start.is_shown


def test_new_leads_to_the_empty_canvas(window, start, qtbot):
    qtbot.mouseClick(page_of(window).findChild(QToolButton, "file.new"), Qt.MouseButton.LeftButton)
    assert window.pages.currentWidget() is window.view
    assert HelpingFeature.of(window).tour is None


def test_escape_leads_to_the_canvas_with_all_panels_as_they_were(application, qtbot):
    window = application.open_window()
    qtbot.waitExposed(window)
    before = {name: (dock.isVisible(), dock.width()) for name, dock in window.docks.items()}
    StartingFeature.of(window).show_page()
    qtbot.keyClick(page_of(window).cards, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: {n: (dock.isVisible(), dock.width()) for n, dock in window.docks.items()} == before)


def test_something_that_is_added_takes_the_page_away(window, start):
    resources.add_resource(window.editor.document, "netns::Node", (0, 0))
    assert not start.is_shown


def test_examples_can_be_asked_for_again_and_open_beside_an_experiment(application, window, qtbot):
    resources.add_resource(window.editor.document, "netns::Node", (0, 0))
    window.commands["help.examples"].trigger()
    qtbot.keyClick(page_of(window).cards, Qt.Key.Key_Return)
    assert len(application.windows) == 2
    assert len(window.editor.document.description.resources) == 1
    assert application.windows[1].editor.document.description.exp_id == "two-hosts"
    assert not StartingFeature.of(window).is_shown


def test_recent_files_are_listed_and_opened(application, window, tmp_path, qtbot):
    path = tmp_path / "mine.xml"
    shutil.copy(examples()[0].path, path)
    window.editor.settings.note_file(path)
    StartingFeature.of(window).show_page()
    recent = page_of(window).recent
    assert [item.text() for item in recent.entries()] == ["mine"]
    recent.setCurrentRow(0)
    qtbot.keyClick(recent, Qt.Key.Key_Return)
    assert window.editor.document.path == path
    assert not StartingFeature.of(window).is_shown


def test_without_recent_files_there_is_a_word_about_them(window, start):
    page = page_of(window)
    assert page._nothing.isVisible()
    assert not page.recent.isVisible()


def test_panels_are_remembered_where_they_were(application, window, start):
    window.close()
    other = application.open_window()
    assert other.docks["palette"].isVisible()


def test_an_example_that_cannot_be_read_is_told(window, start, qtbot, monkeypatch):
    missing = examples()[0].path.with_name("missing.xml")
    with qtbot.waitSignal(window.editor.told) as told:
        start.open_example(type(examples()[0])(missing))
    assert "missing.xml" in told.args[0]
    assert start.is_shown


def test_both_themes_have_pictures_of_their_own(window, start, qtbot):
    page = page_of(window)
    item, shown = page.cards.item(0), Qt.ItemDataRole.DecorationRole
    qtbot.waitUntil(lambda: isinstance(item.data(shown), QPixmap))
    light = item.data(shown).toImage()
    window.editor.appearance.choose("dark")
    qtbot.waitUntil(lambda: isinstance(item.data(shown), QPixmap) and item.data(shown).toImage() != light)


def test_a_file_that_cannot_be_read_has_no_picture(application, tmp_path, qtbot):
    broken = tmp_path / "broken.xml"
    broken.write_text("<experiment")
    pictures = Pictures(application.appearance, QSize(64, 44), application)
    with qtbot.waitSignal(pictures.drawn) as drawn:
        assert pictures.picture(broken, 1.0) is None
    assert drawn.args == [broken]
    assert pictures.picture(broken, 1.0) is None


def test_a_picture_is_as_large_as_asked_for(application):
    picture = picture_of(read_xml(examples()[0].path), application.appearance, QSize(200, 100), 2.0)
    assert picture.deviceIndependentSize().toSize() == QSize(200, 100)
    assert picture.width() == 400
    assert not colours(picture_of(ExperimentDescription(), application.appearance, QSize(20, 10))) - {0}


def test_a_file_that_was_changed_gets_another_picture(application, tmp_path, qtbot):
    path = tmp_path / "experiment.xml"
    shutil.copy(examples()[0].path, path)
    pictures = Pictures(application.appearance, QSize(64, 44), application)
    assert pictures.picture(path, 1.0) is None
    qtbot.waitUntil(lambda: pictures.picture(path, 1.0) is not None, timeout=20_000)
    shutil.copy(examples()[1].path, path)
    with qtbot.waitSignal(pictures.drawn):
        assert pictures.picture(path, 1.0) is None


def test_one_picture_that_fails_does_not_keep_the_others_away(application, tmp_path, qtbot, monkeypatch):
    paths = [each.path for each in examples()[:2]]
    pictures = Pictures(application.appearance, QSize(64, 44), application)
    draw = Pictures._draw

    def draw_second(self, path, ratio):
        if path == paths[0]:
            raise RuntimeError("a plug-in's own fault")
        return draw(self, path, ratio)

    monkeypatch.setattr(Pictures, "_draw", draw_second)
    for path in paths:
        pictures.picture(path, 1.0)
    with qtbot.capture_exceptions() as raised:
        qtbot.waitUntil(lambda: pictures.picture(paths[1], 1.0) is not None, timeout=20_000)
    assert len(raised) == 1


def test_escape_clears_the_search_before_it_leaves_the_page(window, start, qtbot):
    page = page_of(window)
    qtbot.keyClicks(page.search, "no such thing")
    qtbot.keyClick(page.search, Qt.Key.Key_Escape)
    assert page.search.text() == ""
    assert start.is_shown
    qtbot.keyClick(page.search, Qt.Key.Key_Escape)
    assert not start.is_shown
