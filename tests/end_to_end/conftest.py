"""Fixtures that tests of the whole program share with those of the window."""

from tests.nepi_gui.conftest import application, window

__all__ = ["application", "window"]
