"""What tests of the command and of the window share."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nepi_core.factory import ResourceFactory
from tests.nepi_gui.backends import Cable, Station, Toy
from tests.nepi_gui.resource_types import Server, Worker
from tests.nepi_gui.runs_of_ours import end_runs_below

if TYPE_CHECKING:
    from nepi_gui.window.application import Application
    from nepi_gui.window.main_window import MainWindow


@pytest.fixture
def types() -> Iterator[None]:
    """Register the resource types of `tests.nepi_gui.resource_types` in this process."""
    for each in (Worker, Server):
        ResourceFactory.register_type(each)
    yield
    for each in (Worker, Server):
        ResourceFactory.unregister_type(each.get_rtype())


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Toy]]:
    """Register the backend `Toy` and its types; no other backends are known meanwhile."""
    ResourceFactory.populate()
    monkeypatch.setattr(ResourceFactory, "_backends", {"toy": Toy()})
    monkeypatch.setattr(Toy, "checks", [])
    for each in (Station, Cable):
        ResourceFactory.register_type(each)
    yield Toy
    for each in (Station, Cable):
        ResourceFactory.unregister_type(each.get_rtype())


@pytest.fixture
def application(qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Application]:
    """Return the program with settings of its own; its windows are closed afterwards, and must leave nothing."""
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication

    from nepi_gui.settings import Settings
    from nepi_gui.window.application import Application, make_qt

    make_qt()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))  # where autosaves go that have no other place
    monkeypatch.setenv("NEPI_LOCAL_DIR", str(tmp_path / "runs"))
    made = Application(Settings(tmp_path / "settings" / "window.ini"))
    made.appearance.choose("light")
    yield made
    end_runs_below(tmp_path)
    for window in list(made.windows):
        window.editor.watch(None)
        window.editor.settling.emit()  # what is being typed would make it changed again, and it would ask
        window.editor.settling.emit()  # what is being typed is a step, too
        window.editor.document.history.set_clean()
        window.close()
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [repr(widget) for widget in QApplication.topLevelWidgets() if widget.isVisible()]
    assert not left, f"windows left open: {left}"


@pytest.fixture
def window(application: Application) -> MainWindow:
    """Return a window with an empty experiment."""
    return application.open_window()
