"""Work beside the window: the latest counts, and nothing is left behind."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QObject

from nepi_core.errors import TopologyError
from nepi_gui.background import Background


@pytest.fixture
def background(qapp):
    owner = QObject()
    made = Background(owner)
    yield made
    made.close()
    owner.deleteLater()


def raising(error):
    raise error


def test_the_result_is_told(background, qtbot):
    with qtbot.waitSignal(background.finished) as told:
        background.run(lambda: 42)
        assert background.is_busy
    assert told.args == [42]
    assert not background.is_busy


@pytest.mark.parametrize(
    ("error", "sentence"), [(TopologyError("Too large."), "Too large."), (KeyError("x"), "KeyError: 'x'")]
)
def test_a_failure_is_told(background, qtbot, error, sentence):
    with qtbot.waitSignal(background.failed) as told:
        background.run(lambda: raising(error))
    assert told.args == [sentence]


def test_only_the_latest_counts(background, qtbot):
    heard: list[object] = []
    gate = threading.Event()
    background.finished.connect(heard.append)
    background.run(lambda: gate.wait() and "first")
    background.run(lambda: "second")
    background.run(lambda: "third")
    gate.set()
    qtbot.waitUntil(lambda: heard == ["third"])


def test_what_was_cancelled_is_not_told(background, qtbot):
    heard: list[object] = []
    gate = threading.Event()
    background.finished.connect(heard.append)
    background.run(lambda: gate.wait() and "cancelled")
    background.cancel()
    assert not background.is_busy
    gate.set()
    background.run(lambda: "wanted")
    qtbot.waitUntil(lambda: heard == ["wanted"])


def test_closing_waits(background):
    ended = []
    background.run(lambda: ended.append(1))
    background.close()
    assert ended == [1]
