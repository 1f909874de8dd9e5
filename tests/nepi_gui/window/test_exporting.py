"""Pictures and scripts: what is in them, and where they go."""

from __future__ import annotations

import pytest
from lxml import etree
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage

from nepi_core.description import CanvasNote
from nepi_gui.canvas.export import Kind, PictureError, Print, Wish
from nepi_gui.document import resources
from nepi_gui.window.exporting import ExportingFeature
from tests.nepi_gui.experiments import ROOT


@pytest.fixture
def opened(application):
    return application.open_file(ROOT / "examples" / "two-hosts.xml")


@pytest.fixture
def printed(opened):
    made = Print(opened.editor.document.freeze(), (), opened.editor.appearance, opened)
    yield made
    made.close()


def feature(window) -> ExportingFeature:
    return ExportingFeature.of(window)


def texts_of(root) -> list[str]:
    return ["".join(each.itertext()).strip() for each in root.iterfind(".//{*}text")]


def test_sizes_of_a_picture(printed):
    once, twice = (printed.image(Wish(scale=scale)) for scale in (1, 2))
    assert (twice.width(), twice.height()) == (2 * once.width(), 2 * once.height())
    assert QColor(once.pixelColor(0, 0)) == QColor("#ffffff")
    assert printed.image(Wish(is_transparent=True)).pixelColor(0, 0).alpha() == 0
    assert printed.image(Wish(is_dark=True)).pixelColor(0, 0).lightness() < 60


def test_texts_in_svg_are_texts_and_nothing_is_a_pixel_image(printed):
    root = etree.fromstring(printed.data(Wish(Kind.SVG)))
    texts = texts_of(root)
    assert {"h1", "h2", "ping"} <= set(texts)
    assert any(text.startswith("10 ms there and 10 ms") for text in texts)
    assert not root.findall(".//{*}image")


def test_a_pdf_has_a_page_of_the_size_of_the_canvas(printed):
    data = printed.data(Wish(Kind.PDF))
    assert data.startswith(b"%PDF")
    width, height = round(printed.field.width() * 0.75), round(printed.field.height() * 0.75)
    assert f"/MediaBox [0 0 {width}".encode() in data
    assert height
    assert b"/Subtype /Image" not in data


def test_only_what_is_selected(opened, printed):
    part = Print(opened.editor.document.freeze(), {1}, opened.editor.appearance, opened)
    assert part.field.width() < printed.field.width()
    texts = texts_of(etree.fromstring(part.data(Wish(Kind.SVG))))
    assert "ping" in texts  # it belongs to h1
    assert "h2" not in texts
    part.close()


def test_a_picture_shows_no_selection(opened, printed):
    before = printed.image(Wish())
    opened.editor.selection.set([1])
    again = Print(opened.editor.document.freeze(), (), opened.editor.appearance, opened)
    assert again.image(Wish()) == before
    again.close()


def test_what_is_too_large_or_empty_is_refused(window):
    empty = Print(window.editor.document.freeze(), (), window.editor.appearance, window)
    with pytest.raises(PictureError, match="nothing"):
        empty.image(Wish())
    empty.close()
    with window.editor.document.edit("far apart") as edit:
        edit.set_part("notes", [CanvasNote("note", x, 0, 100, 50, "far") for x in (0, 30_000)])
    large = Print(window.editor.document.freeze(), (), window.editor.appearance, window)
    with pytest.raises(PictureError, match="smaller size"):
        large.image(Wish(scale=1))
    assert large.data(Wish(Kind.PDF)).startswith(b"%PDF")
    large.close()


def test_the_dialog_of_a_picture(qtbot, opened, tmp_path, monkeypatch):
    monkeypatch.setattr(feature(opened), "ask_where", lambda *_: tmp_path / "out.png")
    dialog = feature(opened).ask_for_picture()
    assert not dialog.part.isEnabled()
    dialog.scale.setCurrentIndex(0)
    dialog.kind.setCurrentIndex(1)
    assert not dialog.scale.isEnabled()
    dialog.kind.setCurrentIndex(0)
    qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    assert not QImage(str(tmp_path / "out.png")).isNull()
    opened.editor.selection.set([1])
    dialog = feature(opened).ask_for_picture()
    assert dialog.part.isEnabled()
    assert dialog.part.currentData() is False  # a single thing is selected by accident more often than not
    dialog.close()
    opened.editor.selection.set([1, 2])
    dialog = feature(opened).ask_for_picture()
    assert dialog.part.currentData() is True
    qtbot.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    assert not QGuiApplication.clipboard().image().isNull()


def test_a_picture_that_cannot_be_written_is_told(opened, tmp_path, monkeypatch):
    monkeypatch.setattr(feature(opened), "ask_where", lambda *_: tmp_path / "no" / "out.svg")
    told: list[str] = []
    opened.editor.told.connect(told.append)
    assert not feature(opened).export_picture(Wish(Kind.SVG), False)
    assert "cannot be written: No such file or directory" in told[0]
    monkeypatch.setattr(feature(opened), "ask_where", lambda *_: None)
    assert not feature(opened).export_picture(Wish(Kind.SVG), False)


def test_scripts(opened, tmp_path, monkeypatch):
    opened.commands["file.copy-python"].trigger()
    source = QGuiApplication.clipboard().text()
    assert 'ec.register_resource("netns::Link"' in source
    monkeypatch.setattr(feature(opened), "ask_where", lambda *_: tmp_path / "lab.py")
    opened.commands["file.export-python"].trigger()
    assert (tmp_path / "lab.py").read_text() == source


def test_commands_follow_what_there_is(qtbot, window):
    window.commands.refresh()
    assert not window.commands["file.export-picture"].isEnabled()
    resources.add_resource(window.editor.document, "netns::Node")
    window.commands.refresh()
    assert window.commands["file.export-picture"].isEnabled()
