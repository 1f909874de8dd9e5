"""Icons: one style, drawn by Qt without a complaint, and there for everything that names one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from nepi_core.factory import ResourceFactory
from nepi_gui import icons

FOLDER = Path(__file__).parents[2] / "icons"
FILES = sorted(FOLDER.glob("*.svg"))
COLOURS = {"none", "#7a8794", "#3b87d9", "#2f9e6e", "#e08a2e", "#d0514b"}
SVG = "{http://www.w3.org/2000/svg}"


def drawn(path, size):
    """Return an icon as a picture, and check that Qt takes it."""
    renderer = QSvgRenderer(str(path))
    assert renderer.isValid()
    picture = QImage(size, size, QImage.Format.Format_ARGB32)
    picture.fill(0)
    painter = QPainter(picture)
    renderer.render(painter)
    painter.end()
    return picture


def inked(picture):
    """Return where a picture is not transparent."""
    sides = range(picture.width())
    return {(x, y) for x in sides for y in sides if picture.pixelColor(x, y).alpha() > 40}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_has_the_style_of_all(path):
    root = etree.parse(path).getroot()
    assert root.get("viewBox") == "0 0 64 64"
    assert root.findtext(f"{SVG}title")
    paints = {each.get(name) for each in root.iter() for name in ("fill", "stroke")} - {None}
    assert paints <= COLOURS
    assert {each.get("stroke-width") for each in root.iter()} - {None} == {"4"}
    assert {etree.QName(each).localname for each in root.iter(f"{SVG}*")} <= {
        "svg",
        "title",
        "g",
        "path",
        "rect",
        "circle",
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_is_drawn_and_stays_inside_its_square(path, qapp):
    points = inked(drawn(path, 64))
    assert len(points) > 100
    assert not [(x, y) for x, y in points if x in (0, 63) or y in (0, 63)]
    assert len(inked(drawn(path, 16))) > 5


def test_every_resource_type_has_an_icon():
    types = [ResourceFactory.get_resource_type(name) for name in ResourceFactory.resource_types()]
    ours = [each for each in types if each.__module__.startswith("nepi_core.")]
    assert ours
    assert not [each.get_rtype() for each in ours if each.icon and icons.path_of(each.icon) is None]
    assert {icons.UNKNOWN, icons.GENERAL, "linux", "netns", "ns3", "testbed", "all"} <= {path.stem for path in FILES}


def test_every_command_with_an_icon_has_it(window):
    named = {command.name: command.icon for command in window.commands.all() if command.icon}
    assert named
    assert not {name: icon for name, icon in named.items() if icons.path_of(icon) is None}


def test_every_icon_that_the_source_names_exists():
    named = re.compile(r"""icons\.(?:icon|pixmap|paint|path_of)\((?:painter, )?"([a-z0-9-]+)\"""")
    sources = [path.read_text(encoding="utf-8") for path in (FOLDER.parent / "nepi_gui").rglob("*.py")]
    names = {name for text in sources for name in named.findall(text)}
    assert names
    assert not [name for name in names if icons.path_of(name) is None]


def test_a_name_without_a_file_is_an_empty_icon(qapp):
    assert icons.icon("no-such-icon").isNull()
    assert not inked(icons.pixmap("no-such-icon", 16).toImage())


def test_an_icon_is_drawn_in_the_size_that_is_asked_for(qapp):
    for size in (16, 20, 36):
        assert icons.icon("host").pixmap(size).width() == size
        assert inked(icons.pixmap("host", size).toImage())
