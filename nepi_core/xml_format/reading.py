"""What all parts of a file's reading share: its faults, its dialect, and the walk over elements of one kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lxml import etree

from nepi_core.description import Foreign, ResourceDescription, Value
from nepi_core.errors import FormatError
from nepi_core.states import ResourceState
from nepi_core.xml_format.document import items_of, line_of
from nepi_core.xml_format.foreign import collect
from nepi_core.xml_format.names import (
    MAX_TEXT,
    MOST_FAULTS,
    NEPI6_CONDITION_STATES,
    NEPI6_STATES,
    STATES,
    VOCABULARY,
    gui,
    plain,
    step,
    unplain,
)
from nepi_core.xml_format.values import parse_value

Key = tuple[object, ...]
"""What tells an element from others of its kind, for `step`."""

Read = Callable[[etree._Element, Mapping[str, str]], Key]
"""Takes an element and its XML attributes into the description; returns its key.

Raises KeyError for an attribute that is missing, and ValueError for one that is wrong.
"""

_KNOWN = {tag: frozenset(map(unplain, attributes)) for tag, (attributes, _) in VOCABULARY.items()}

# Finds text between elements, which none of the format's own elements holds; it may find more (a ">" in a value).
_TEXT = re.compile(rb">\s*+[^\s<]")
_has_state_8 = etree.XPath("boolean(/experiment/rms/rm[@state='8' or conditions/condition/@state='8'])")


class Reading:
    """One reading of one file.

    Attributes:
        marked: whether the file bears our version mark.
        has_text: whether there may be text between elements.
        states, condition_states: what the numbers of the file mean.
    """

    def __init__(self, data: bytes, root: etree._Element, path: str, dialect: str | None) -> None:
        self._path = path
        self._faults: list[tuple[int, str]] = []
        self.has_text = _TEXT.search(data) is not None or b"<![CDATA[" in data
        self.marked = root.get(gui("version")) is not None
        self.states: Mapping[str, ResourceState] = STATES
        self.condition_states: Mapping[str, ResourceState] = STATES
        if not self.marked and (dialect == "nepi6" or (dialect is None and _has_state_8(root))):
            self.states, self.condition_states = NEPI6_STATES, NEPI6_CONDITION_STATES

    def fault(self, element: etree._Element, sentence: str) -> None:
        """Remember what is wrong with an element.

        Raises:
            FormatError: there are so many faults now that it is better to stop.
        """
        self._faults.append((line_of(element), sentence))
        if len(self._faults) >= MOST_FAULTS:
            self.check()

    def check(self) -> None:
        """Raise all faults as one error.

        Raises:
            FormatError: there is at least one.
        """
        if not self._faults:
            return
        faults = sorted(self._faults)
        line, message = faults[0]
        if len(faults) > 1:
            count = f"{len(faults)} faults" if len(faults) < MOST_FAULTS else f"{MOST_FAULTS} faults or more"
            message = f"{count}:" + "".join(f"\n  line {at}: {sentence}" for at, sentence in faults)
        raise FormatError(self._path, line, message)

    def each(
        self,
        container: etree._Element,
        tags: tuple[str, ...],
        found: list[Foreign],
        read: Read,
        *,
        place: str,
        owner: ResourceDescription | None = None,
    ) -> None:
        """Read all elements of one kind from a container, and keep what is unknown in it and directly in them.

        Args:
            container: the element that holds them.
            tags: of the elements, as lxml spells them.
            found: gets the unknown parts.
            read: takes one of them.
            place: of the container, as in `Foreign.parent`.
            owner: resource to be named in faults.
        """
        known, has_text = _KNOWN[plain(tags[0])], self.has_text
        count = 0
        for element in container.iterchildren(*tags):
            count += 1
            items = items_of(element)
            try:
                key = read(element, items)
            except KeyError as missing:
                self.fault(element, f"{named(owner)}{plain(str(element.tag))}: {missing.args[0]!r} is missing")
            except ValueError as wrong:
                self.fault(element, f"{named(owner)}{plain(str(element.tag))}: {wrong}")
            else:
                if has_text or len(element) or not known.issuperset(items):
                    collect(found, f"{place}/{step(plain(str(element.tag)), *key)}", element)
        if has_text or len(container) != count or container.keys():
            collect(found, place, container)

    def value(self, kind: str, text: str) -> Value | None:
        """Return the value of an attribute; None for the text by which NEPI says that nothing is set.

        Raises:
            ValueError: the text is no such value.
        """
        if len(text) > MAX_TEXT:
            raise ValueError(f"the value has {len(text)} characters; {MAX_TEXT} are allowed")
        if text == "None" and not self.marked:
            return None
        return self.text(text) if kind == "string" else parse_value(kind, text)

    def text(self, text: str) -> str:
        """Return a text that NEPI may have written, with the NUL characters that it spells in its own way."""
        if "&#0000;" in text and not self.marked:
            return text.replace("&#0000;", "\0")
        return text


def named(resource: ResourceDescription | None) -> str:
    """Return the beginning of a sentence about a resource, or about none."""
    return f"resource {resource.guid} ({resource.rtype}), " if resource else ""
