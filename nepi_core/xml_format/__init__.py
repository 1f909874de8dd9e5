"""The XML format of experiments: reads what NEPI 3, NEPI 6 and this program wrote, and writes what NEPI 3 can read."""

from nepi_core.xml_format.foreign import unknown_parts
from nepi_core.xml_format.names import MAX_BYTES, MAX_TEXT, NAMESPACE, VERSION
from nepi_core.xml_format.reader import DIALECTS, read_xml, read_xml_text
from nepi_core.xml_format.writer import to_xml, write_xml

__all__ = [
    "DIALECTS",
    "MAX_BYTES",
    "MAX_TEXT",
    "NAMESPACE",
    "VERSION",
    "read_xml",
    "read_xml_text",
    "to_xml",
    "unknown_parts",
    "write_xml",
]
