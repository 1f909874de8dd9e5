"""The colours that a user picks from for resources, notes and areas: eight that are told apart, light and dark."""

from __future__ import annotations

from nepi_gui.translation import translate

COLOURS = {
    "red": "#d64545",
    "orange": "#e0852b",
    "yellow": "#d4ab12",
    "green": "#3d9a57",
    "teal": "#1f9aa6",
    "blue": "#3b7dd8",
    "violet": "#8a5cd1",
    "grey": "#7d8894",
}
"""By the name under which commands know them."""


def colour_names() -> dict[str, str]:
    """Return what the colours are called, in the user's language, by their names in `COLOURS`."""
    return {
        "red": translate("Colours", "&Red"),
        "orange": translate("Colours", "&Orange"),
        "yellow": translate("Colours", "&Yellow"),
        "green": translate("Colours", "&Green"),
        "teal": translate("Colours", "&Teal"),
        "blue": translate("Colours", "&Blue"),
        "violet": translate("Colours", "&Violet"),
        "grey": translate("Colours", "Gr&ey"),
    }
