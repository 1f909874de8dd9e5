"""What tests of the panels share."""

from __future__ import annotations

from tests.nepi_gui.panels.gadgets import form, gadget

__all__ = ["form", "gadget"]
