"""What tests of the panels share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from nepi_gui.appearance import Appearance
from nepi_gui.document.document import Document
from nepi_gui.editor import Editor
from nepi_gui.settings import Settings
from tests.nepi_gui.panels.gadgets import form, gadget
from tests.nepi_gui.panels.lone import Lone

__all__ = ["form", "gadget"]


@pytest.fixture
def lone(qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lone]:
    """Return a window in which a test puts the panel that it is about."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("NEPI_LOCAL_DIR", str(tmp_path / "runs"))
    settings = Settings(tmp_path / "settings" / "window.ini")
    window = Lone(Editor(Document(), Appearance("light"), settings))
    yield window
    window.leave()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
