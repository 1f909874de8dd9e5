"""Text to XML elements, safely (no DTD, no network, bounded), and all faults of a file with their lines."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from lxml import etree

from nepi_core.errors import FormatError
from nepi_core.xml_format.names import GUI, MAX_BYTES, NAMESPACE, VOCABULARY, readable
from nepi_core.xml_format.values import shown

MOST_FAULTS = 20
"""Faults that one error tells; reading goes no further than that."""

Read = Callable[[Any, etree._Element, Mapping[str, str]], None]
"""Takes what an element says, given with its XML attributes, into the description of its owner, given first."""

Readers = Mapping[object, Read]


def read_bytes(path: str | Path) -> bytes:
    """Return what a file holds.

    Raises:
        FormatError: it cannot be read, is no file, or is longer than MAX_BYTES.
    """
    try:
        # A pipe or device could block for ever, or never end.
        if stat.S_ISREG(Path(path).stat().st_mode):
            with Path(path).open("rb") as file:
                return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise FormatError(str(path), 0, f"cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    raise FormatError(str(path), 0, "is no file. An experiment is read from an XML file.")


def parse(data: bytes, path: str = "") -> etree._Element:
    """Return the root element of an XML text in UTF-8.

    Raises:
        FormatError: it is no well-formed XML, or it holds what an experiment never needs and an attack does.
    """
    if len(data) > MAX_BYTES:
        raise FormatError(path, 0, f"is longer than {MAX_BYTES} bytes, the most that is read.")
    try:
        root = etree.fromstring(data, etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        reason = (error.msg or "it ends too early").partition(", line ")[0]
        raise FormatError(path, error.lineno or 0, f"is no well-formed XML in UTF-8: {reason}.") from None
    if root.getroottree().docinfo.internalDTD is not None:
        line = data.count(b"\n", 0, data.find(b"<!DOCTYPE")) + 1
        raise FormatError(path, line, "has a DOCTYPE. An experiment needs none, and it is not read for safety.")
    return root


def items_of(element: etree._Element) -> dict[str, str]:
    """Return the XML attributes of an element."""
    return dict(cast("list[tuple[str, str]]", element.items()))


class Document:
    """A file that is being read, and the faults found in it so far.

    Args:
        data: the file.
        path: where it came from, for messages.

    Attributes:
        root: the ``experiment`` element.
        marked: whether the file bears our version mark; without it NEPI's spellings are understood.
    """

    def __init__(self, data: bytes, path: str) -> None:
        if NAMESPACE.encode() not in data:
            # NEPI's spelling of a NUL character is no XML when it stands unescaped; `text` makes a NUL of it.
            data = data.replace(b"&#0000;", b"&amp;#0000;")
        self._path = path
        self._faults: list[tuple[int, str]] = []
        self.root = parse(data, path)
        self.marked = self.root.get(f"{GUI}version") is not None
        if self.root.tag != "experiment":
            sentence = f"is no experiment: it starts with <{readable(str(self.root.tag))}>, not with <experiment>."
            raise FormatError(path, line_of(self.root), sentence)

    def text(self, text: str) -> str:
        """Return what a text of the file means: NEPI spells NUL characters in its own way."""
        return text if self.marked else text.replace("&#0000;", "\0")

    def read_inside(self, element: etree._Element, owner: object, readers: Readers) -> None:
        """Have all that stands in an element read, at its place in the format.

        Args:
            element: holds the elements, directly or in containers without a reader of their own.
            owner: what they are a part of.
            readers: by the tags of the elements.
        """
        known = VOCABULARY[element.tag].children
        for child in element:
            if child.tag in known:
                read = readers.get(child.tag)
                if read is None:
                    self.read_inside(child, owner, readers)
                else:
                    self.read(read, child, owner)

    def read(self, read: Read, element: etree._Element, owner: object) -> None:
        """Have an element read; a KeyError (an XML attribute is missing) or a ValueError is a fault of it."""
        try:
            read(owner, element, items_of(element))
        except KeyError as missing:
            self._add_fault(element, f"{missing.args[0]!r} is missing")
        except FormatError:
            raise  # by a part of the element, because there are too many faults
        except ValueError as wrong:
            self._add_fault(element, str(wrong))

    def _add_fault(self, element: etree._Element, sentence: str) -> None:
        """Remember what is wrong with an element.

        Raises:
            FormatError: there are so many faults now that it is better to stop.
        """
        self._faults.append((line_of(element), f"{_named(element)}: {sentence}"))
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


def line_of(element: etree._Element) -> int:
    """Return the line of an element, from 1; 0 when it is not known."""
    return cast("int | None", element.sourceline) or 0


def _named(element: etree._Element) -> str:
    """Return the words by which a message names an element, such as ``resource 2 (linux::Ping), attribute 'count'``."""
    words = readable(str(element.tag))
    if name := element.get("name"):
        words += f" {shown(name)}"
    resource = element if element.tag == "rm" else next(element.iterancestors("rm"), None)
    if resource is None:
        return words
    return f"resource {resource.get('guid', '?'):.20} ({resource.get('rtype', '?'):.80}), {words}"
