"""The pictures of the documentation: each is made, and shows something."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from PySide6.QtGui import QFont, QImage

ROOT = Path(__file__).resolve().parents[2]
MADE = runpy.run_path(str(ROOT / "docs/make_pictures.py"))
QUICK = ("start-page", "two-hosts", "dark")

# They show steps of the story that tests/end_to_end/test_run_story.py plays, in half a minute.
OF_THE_STORY = ("running", "queue-changed", "runs-compared", "runs-over-each-other")


@pytest.fixture(autouse=True)
def font(qapp):
    """Give other tests their font back."""
    before = QFont(qapp.font())
    yield
    qapp.setFont(before)


def check(name, folder):
    """Make a picture, and look whether something is to be seen on it."""
    (path,) = MADE["main"](folder, [name])
    picture = QImage(str(path))
    assert picture.width() >= 400
    assert picture.height() >= 300
    seen = {picture.pixel(x, y) for x in range(0, picture.width(), 4) for y in range(0, picture.height(), 4)}
    assert len(seen) > 40


@pytest.mark.parametrize("name", QUICK)
def test_picture_shows_something(name, tmp_path, qapp):
    check(name, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in MADE["STATES"] if name not in QUICK + OF_THE_STORY])
def test_other_picture_shows_something(name, tmp_path, qapp):
    check(name, tmp_path)
