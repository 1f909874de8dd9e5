"""What is shown of the canvas when a file is opened."""

from __future__ import annotations

import math
from pathlib import Path
from shutil import copyfile

import pytest

from nepi_core.xml_format import read_xml, write_xml

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture
def saved(tmp_path):
    """A file whose author looked at a part of it; changed by what is given."""

    def save(viewport):
        path = tmp_path / "abilene.xml"
        copyfile(EXAMPLES / "abilene.xml", path)
        description = read_xml(path)
        description.canvas.viewport = viewport
        write_xml(description, path)
        return path

    return save


def test_what_was_shown_when_it_was_saved(application, saved, qtbot):
    window = application.open_file(saved((100.0, 50.0, 1.5)))
    qtbot.waitExposed(window)
    centre = window.view.shown().center()
    assert window.view.zoom == pytest.approx(1.5)
    assert (centre.x(), centre.y()) == pytest.approx((100, 50), abs=2)


@pytest.mark.parametrize("viewport", [None, (1e6, 0.0, 1.0), (math.nan, 0.0, 1.0), (0.0, 0.0, math.inf)])
def test_everything_when_that_makes_no_sense(application, saved, viewport):
    window = application.open_file(saved(viewport))
    assert window.view.zoom < 1
    assert window.view.shown().contains(window.scene.contents())
