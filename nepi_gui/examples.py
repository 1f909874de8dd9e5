"""The examples that come with the program: their files, and the stories that their README tells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

_SECTION = re.compile(r"^## `(?P<file>[^`]+)`: (?P<question>.+)$", re.MULTILINE)
_ROW = re.compile(r"^\| `(?P<file>[^`]+)` \| (?P<shows>[^|]+) \| (?P<takes>[^|]+) \|$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")


@dataclass(frozen=True, slots=True)
class Example:
    """An experiment to begin with.

    Attributes:
        question: what it answers, such as "How far is it?".
        shows: what is to be seen in it, in some words.
        takes: how long it runs, such as "2 s".
        story: what it is about, in a paragraph.
    """

    path: Path
    question: str = ""
    shows: str = ""
    takes: str = ""
    story: str = ""

    @property
    def name(self) -> str:
        """Name of its file, without the ending."""
        return self.path.stem


def folder() -> Path | None:
    """Return where the examples are: in the package, or in the checkout beside it; None when there are none."""
    places = (Path(str(resources.files("nepi_gui"))) / "examples", Path(__file__).resolve().parents[1] / "examples")
    return next((place for place in places if place.is_dir()), None)


@cache
def examples() -> tuple[Example, ...]:
    """Return all examples, in the order of their stories; those without a story come last."""
    place = folder()
    if place is None:
        return ()
    readme = place / "README.md"
    told = read_stories(readme.read_text(encoding="utf-8") if readme.is_file() else "", place)
    others = sorted(set(place.glob("*.xml")) - {each.path for each in told})
    return (*(each for each in told if each.path.is_file()), *map(Example, others))


def read_stories(text: str, place: Path) -> list[Example]:
    """Return the examples that a README tells of.

    Args:
        text: in Markdown: a table with a row for each file (what it shows, how long it takes), and a section for each,
            whose first paragraphs, up to what is to be expected, are its story.
        place: the folder of the files.
    """
    rows = {row["file"]: row for row in _ROW.finditer(text)}
    found = list(_SECTION.finditer(text))
    made = []
    for number, section in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        row = rows.get(section["file"])
        shows, takes = (row["shows"].strip(), row["takes"].strip()) if row else ("", "")
        question = section["question"].strip()
        story = _story(text[section.end() : end])
        made.append(Example(place / section["file"], question[:1].upper() + question[1:], shows, takes, story))
    return made


def _story(section: str) -> str:
    """Return the first paragraphs of a section as plain text, without a last sentence that announces what follows."""
    before = re.split(r"^(?:Expected:|# |```)", section, maxsplit=1, flags=re.MULTILINE)[0]
    plain = " ".join(_LINK.sub(r"\1", before).replace("`", "").split())
    return plain.rpartition(". ")[0] + "." if plain.endswith(":") else plain
