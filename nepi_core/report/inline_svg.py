"""Turns a figure of matplotlib into SVG that stands inside a page and follows its light and dark colours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree
from markupsafe import Markup

from nepi_core.plot.figure import render
from nepi_core.plot.style import INK, MUTED, PAPER

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_FONT_FAMILY = re.compile(r"font-family:[^;]*;?\s*")
_LONG_NUMBER = re.compile(r"(\d\.\d{1,2})\d+")
_REFERENCE = re.compile(r"#([\w.-]+)")
_COLOURS = {INK: "currentColor", MUTED: "var(--muted)", PAPER: "var(--paper)"}
_DROPPED = ("metadata", "style")
_NUMERIC = ("d", "x", "y", "transform")
_PIXELS_IN_POINT = 4 / 3


def inline_svg(figure: Figure, name: str, words: str) -> Markup:
    """Return a figure as an ``svg`` element.

    Args:
        name: makes ids unique in the page.
        words: what the figure shows, for those who cannot see it.
    """
    root = etree.fromstring(render(figure, "svg", "none"), etree.XMLParser(no_network=True, remove_comments=True))
    for element in list(root.iter(*(_SVG + tag for tag in _DROPPED))):
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    used = _used_ids(root)
    for element in root.iter(f"{_SVG}*"):
        _adapt(element, name, used)
    for attribute in ("width", "height", "version"):
        del root.attrib[attribute]
    width = float(str(root.get("viewBox")).split()[2]) * _PIXELS_IN_POINT
    for attribute, value in {
        "role": "img",
        "aria-label": words,
        "style": f"--natural:{width:.0f}px;max-width:var(--natural)",
    }.items():
        root.set(attribute, value)
    return Markup(etree.tostring(root, encoding="unicode"))  # made by matplotlib and lxml, which escape all text


def _used_ids(root: etree._Element) -> set[str]:
    values = (str(value) for element in root.iter(f"{_SVG}*") for value in element.attrib.values() if "#" in str(value))
    return {found for value in values for found in _REFERENCE.findall(value)}


def _adapt(element: etree._Element, name: str, used: set[str]) -> None:
    for attribute in _NUMERIC:
        value = element.get(attribute)
        if value is not None:
            element.set(attribute, _LONG_NUMBER.sub(r"\1", " ".join(value.split())))
    if element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    own = element.get("id")
    if own is not None:
        del element.attrib["id"]
        if own in used:
            element.set("id", f"{name}-{own}")
    link = element.get(_LINK)
    if link:
        del element.attrib[_LINK]
        element.set("href", f"#{name}-{link.removeprefix('#')}")
    clip = element.get("clip-path")
    if clip:
        element.set("clip-path", clip.replace("#", f"#{name}-"))
    style = element.get("style")
    if style:
        element.set("style", _themed(style))


def _themed(style: str) -> str:
    style = _FONT_FAMILY.sub("", style)
    for colour, variable in _COLOURS.items():
        style = style.replace(colour, variable)
    return style
