"""What is said of attributes and their values: in fields, tool tips and the help line."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path

from nepi_core.attribute import Attribute, Flags
from nepi_core.description import Value
from nepi_core.trace import Trace
from nepi_gui.document.attributes import Shown
from nepi_gui.document.values import with_unit
from nepi_gui.translation import translate


def value_text(value: Value | None) -> str:
    """Return a value as it is typed: nothing of it is rounded."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return "" if value is None else str(value)


def ghost_text(attribute: Attribute, shown: Shown) -> str:
    """Return what an empty field says in grey: the default, or why there is nothing."""
    if shown.is_mixed:
        return translate("Attributes", "(different)")
    if shown.value == "" and shown.default != "":
        return translate("Attributes", "(empty text)")
    if shown.default not in (None, ""):
        return value_text(shown.default)
    if attribute.required:
        return translate("Attributes", "required")
    return translate("Attributes", "env:NAME or file:PATH") if attribute.has_flag(Flags.Credential) else ""


def help_of(attribute: Attribute) -> str:
    """Return in one paragraph what an attribute is for and what it takes."""
    return ". ".join(part.strip(".") for part in (attribute.help, *facts(attribute)) if part) + "."


def facts(attribute: Attribute) -> list[str]:
    """Return what is to be known about an attribute's values, beside its help."""
    told = [_sentence(translate("Attributes", "takes {0}").format(attribute.expectation()))]
    if attribute.default not in (None, ""):
        told.append(translate("Attributes", "Default: {0}").format(with_unit(attribute.default, attribute)))
    if attribute.required:
        told.append(translate("Attributes", "Required"))
    return told + [words for flag, words in _flag_words().items() if attribute.has_flag(flag)]


def _flag_words() -> dict[Flags, str]:
    return {
        Flags.Global: translate("Attributes", "One value for all resources of the type"),
        Flags.Credential: translate("Attributes", "Says where a secret is: env:NAME or file:PATH"),
        Flags.Design | Flags.Construct: translate("Attributes", "Set before the deployment only"),
        Flags.NoWrite | Flags.Reserved: translate("Attributes", "Set by the resource itself"),
        Flags.Filter: translate("Attributes", "Narrows the choice among what a testbed offers"),
    }


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def tool_tip(attribute: Attribute, reason: str = "") -> str:
    """Return what is said of an attribute when the mouse rests on it, as HTML.

    Args:
        reason: why it cannot be set.
    """
    lines = [f"<b>{escape(attribute.name)}</b>", escape(attribute.help), *map(escape, facts(attribute))]
    if reason:
        lines.append(f"<i>{escape(reason)}</i>")
    return "<qt>" + "<br>".join(line for line in lines if line) + "</qt>"


def reference_state(value: str) -> str:
    """Return in a few words whether what a credential refers to is there on this machine; never what it is."""
    kind, _, place = value.partition(":")
    if kind == "env" and place:
        found = place in os.environ
        there = translate("Attributes", "Environment variable {0} is set here.")
        absent = translate("Attributes", "Environment variable {0} is not set here.")
    elif kind == "file" and place:
        found = Path(place).expanduser().is_file()
        there = translate("Attributes", "File {0} is there.")
        absent = translate("Attributes", "There is no file {0} here.")
    else:
        return ""
    return (there if found else absent).format(place)


def series_text(trace: Trace) -> str:
    """Return the numbers that can be plotted from a trace, such as "rtt (ms), loss (%)"."""
    return ", ".join(f"{each.name} ({each.unit})" if each.unit else each.name for each in trace.series)
