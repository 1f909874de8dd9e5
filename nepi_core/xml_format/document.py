"""Text to XML elements, safely: no DTD, no entities of its own, no network, bounded, and errors in plain words."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import NoReturn, cast

from lxml import etree

from nepi_core.errors import FormatError
from nepi_core.xml_format.names import MAX_BYTES, NAMESPACE, PREFIX

# A document type can only stand before the first element. The atomic groups keep the search linear.
_DOCTYPE = re.compile(rb"(?>\xef\xbb\xbf)?(?>\s+|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL)
_POSITION = re.compile(r"(?:, line \d+, column \d+)?(?: \(.*\))?$")


def read_bytes(path: str | Path) -> bytes:
    """Return what a file holds.

    Raises:
        FormatError: it cannot be read, is no file, or is longer than MAX_BYTES.
    """
    place = str(path)
    try:
        # A pipe or device could block for ever, or never end.
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise FormatError(place, 0, "is no file. An experiment is read from an XML file.")
        with Path(path).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(place, 0, f"cannot be read: {getattr(error, 'strerror', None) or error}.") from error


def parse(data: bytes, path: str) -> etree._Element:
    """Return the root element of an XML text in UTF-8.

    Raises:
        FormatError: it is no well-formed XML, or it holds what an experiment never needs and an attack does.
    """
    if len(data) > MAX_BYTES:
        raise FormatError(path, 0, f"is longer than {MAX_BYTES} bytes, the most that is read.")
    if not data.strip():
        raise FormatError(path, 0, "is empty. An experiment file holds an 'experiment' element.")
    _check_encoding(data, path)
    doctype = _DOCTYPE.match(data)
    if doctype:
        line = data.count(b"\n", 0, doctype.end()) + 1
        raise FormatError(path, line, "has a DOCTYPE. An experiment needs none, and it is not read for safety.")
    if NAMESPACE.encode() not in data:
        # NEPI's spelling of a NUL character is no XML when it stands unescaped; see `reader`.
        data = data.replace(b"&#0000;", b"&amp;#0000;")
    try:
        return etree.fromstring(data, _parser())
    except etree.XMLSyntaxError as error:
        _refuse(error, path)


def parse_fragment(text: str) -> etree._Element:
    """Return an element that holds the parsed text, for text that is to be put into a file.

    Raises:
        ValueError: it is not well-formed by itself.
    """
    try:
        return etree.fromstring(f'<fragment xmlns:{PREFIX}="{NAMESPACE}">{text}</fragment>'.encode(), _parser())
    except (etree.XMLSyntaxError, UnicodeEncodeError) as error:
        raise ValueError(f"it is no well-formed XML: {_POSITION.sub('', str(error))}") from None


def line_of(element: etree._Element) -> int:
    """Return the line of an element, from 1; 0 when it is not known."""
    return cast("int | None", element.sourceline) or 0


def items_of(element: etree._Element) -> dict[str, str]:
    """Return the XML attributes of an element."""
    return dict(cast("list[tuple[str, str]]", element.items()))


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )


def _check_encoding(data: bytes, path: str) -> None:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FormatError(path, line, "is not in UTF-8. Save the file as UTF-8 text.") from None


def _refuse(error: etree.XMLSyntaxError, path: str) -> NoReturn:
    reason = _POSITION.sub("", error.msg or "it ends too early")
    raise FormatError(path, error.lineno or 0, f"is no well-formed XML: {reason}.") from None
