"""PySide6 itself: 6.12.0 loses a reference to None or True with each call, until CPython 3.11 aborts."""

from __future__ import annotations

import subprocess
import sys

CALLS_AND_EMITS = """
from PySide6.QtCore import QObject, Signal

class Sender(QObject):
    changed = Signal(int)

received = []
sender = Sender()
sender.changed.connect(received.append)
for number in range(10_000):
    sender.blockSignals(False)
    sender.setObjectName("name")
    sender.changed.emit(number)
print(len(received))
"""


def test_ten_thousand_calls_and_emits():
    # In a process of its own: what is looked for would take pytest down with it.
    ran = subprocess.run([sys.executable, "-c", CALLS_AND_EMITS], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (0, "10000\n"), ran.stderr


def test_widgets_work_without_a_screen(qtbot):
    from PySide6.QtWidgets import QLabel

    label = QLabel("ready")
    qtbot.addWidget(label)
    label.show()
    assert label.isVisible()
