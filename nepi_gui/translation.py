"""Texts in the user's language: what stands in modules that are no Qt objects.

Widgets say ``self.tr("...")``. Others say ``translate("Context", "...")``, which the tool of Qt that collects
texts knows as well; both must be given the text itself, not a variable.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def translate(context: str, text: str) -> str:
    """Return a text in the user's language, the text itself when there is no translation."""
    return QCoreApplication.translate(context, text)
