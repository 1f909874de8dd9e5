"""Writes a picture of an experiment in the language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator

from nepi_core.plot.picture import Line, LineKind, Mark, Picture
from nepi_core.plot.style import kind_colour

_LOOKS = {
    LineKind.LINK: {"dir": "none", "penwidth": "2"},
    LineKind.CONNECTION: {"dir": "none"},
    LineKind.CONDITION: {"style": "dashed", "constraint": "false", "color": "#c2740a"},
}


def to_dot(picture: Picture) -> str:
    """Return the picture as DOT text; what is attached to a mark stands beside it in a box."""
    return "".join(f"{line}\n" for line in _lines(picture))


def _lines(picture: Picture) -> Iterator[str]:
    yield f"digraph {_quoted(picture.title)} {{"
    yield f"  graph [{_attributes(label=picture.title, labelloc='t', fontname='sans-serif')}];"
    yield f"  node [{_attributes(shape='box', style='rounded,filled', fontname='sans-serif', fontcolor='white')}];"
    yield f"  edge [{_attributes(fontname='sans-serif', fontsize='10', color='#6b7280')}];"
    attached = picture.attached()
    for mark in picture.standing():
        yield from _with_attached(mark, attached.get(mark.key, []))
    for line in picture.lines:
        yield f"  {line.first} -> {line.second} [{_line_attributes(line)}];"
    for notice in picture.notices:
        yield f"  // {notice}"
    yield "}"


def _with_attached(mark: Mark, attached: list[Mark]) -> Iterator[str]:
    if not attached:
        yield f"  {_node(mark)}"
        return
    yield f"  subgraph cluster_{mark.key} {{"
    yield f"    graph [{_attributes(label='', style='rounded', color='#b6bcc6')}];"
    for each in (mark, *attached):
        yield f"    {_node(each)}"
    yield "  }"


def _node(mark: Mark) -> str:
    colour = mark.colour or kind_colour(mark.kind)
    look = {"label": mark.label, "color": "#dc2626" if mark.failed else colour, "penwidth": "3" if mark.failed else "1"}
    if mark.host:
        look |= {"fillcolor": "white", "fontcolor": "black", "fontsize": "10", "height": "0.25"}
    else:
        look |= {"fillcolor": colour}
    return f"{mark.key} [{_attributes(**look)}];"


def _line_attributes(line: Line) -> str:
    look = dict(_LOOKS[line.kind])
    if line.failed:
        look["color"] = "#dc2626"
    return _attributes(**look, **({"label": line.label} if line.label else {}))


def _attributes(**values: str) -> str:
    return ", ".join(f"{name}={_quoted(value)}" for name, value in values.items())


def _quoted(text: str) -> str:
    r"""Return a text as DOT has it: a backslash begins an escape such as ``\N``, and an ampersand an entity of HTML."""
    for sign, written in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("&", "&amp;")):
        text = text.replace(sign, written)
    return f'"{text}"'
