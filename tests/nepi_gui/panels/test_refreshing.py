"""When panels show what is new: once for many news, and only while they are seen."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from nepi_gui.panels.refreshing import Refreshing


class Counter(QWidget):
    """Counts how often it was refreshed."""

    def __init__(self, pause: int = 0) -> None:
        super().__init__()
        self.number = 0
        self.refreshing = Refreshing(self, self.refresh, pause)

    def refresh(self) -> None:
        self.number += 1

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.refreshing.shown()


@pytest.fixture
def counter(qtbot):
    made = Counter()
    qtbot.addWidget(made)
    return made


def settled(counter, number):
    return lambda: counter.number == number and not counter.refreshing._timer.isActive()


def test_many_news_are_shown_once(counter, qtbot):
    counter.show()
    qtbot.waitUntil(settled(counter, 1))
    for _ in range(10):
        counter.refreshing.soon()
    assert counter.number == 1
    assert counter.refreshing.is_stale
    qtbot.waitUntil(settled(counter, 2))
    assert not counter.refreshing.is_stale


def test_hidden_is_refreshed_when_it_is_shown_again(counter, qtbot):
    counter.show()
    qtbot.waitUntil(settled(counter, 1))
    counter.refreshing.soon()
    counter.hide()  # before its turn came
    qtbot.waitUntil(settled(counter, 1))
    counter.refreshing.soon()
    assert not counter.refreshing._timer.isActive()
    counter.show()
    qtbot.waitUntil(settled(counter, 2))
    counter.hide()
    counter.show()  # nothing new
    assert not counter.refreshing._timer.isActive()


def test_at_once(counter):
    counter.refreshing.catch_up()
    counter.refreshing.catch_up()
    assert counter.number == 1
    counter.refreshing.at_once()
    assert counter.number == 2


def test_at_once_takes_the_place_of_the_pending_one(counter, qtbot):
    counter.show()
    counter.refreshing.at_once()
    assert not counter.refreshing._timer.isActive()
    assert counter.number == 1


def test_endless_news_do_not_put_it_off(qtbot):
    counter = Counter(pause=20)
    qtbot.addWidget(counter)
    counter.show()

    def goes_on() -> bool:
        counter.refreshing.soon()  # each 10 ms, so earlier than the pause is over
        return counter.number >= 2

    qtbot.waitUntil(goes_on)
