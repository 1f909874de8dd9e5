"""Files that were made to harm, and files that are no files: a clear error, never a hang, never a fetched address."""

from __future__ import annotations

import contextlib
import os
import re
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nepi_core.description import ExperimentDescription
from nepi_core.errors import FormatError
from nepi_core.xml_format import document, read_xml, read_xml_text, to_xml
from tests.nepi_core.strategies import exact
from tests.nepi_core.xml_format.test_samples import ALL

BOMB = """<?xml version="1.0"?>
<!-- a comment -->
<!DOCTYPE experiment [
 <!ENTITY a "ha"> <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"> <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">
]>
<experiment exp_id="&c;"/>"""


def refused(text, match):
    with pytest.raises(FormatError, match=match) as caught:
        read_xml_text(text)
    return caught.value


def test_entity_bomb():
    assert refused(BOMB, "has a DOCTYPE").line == 3


def test_external_entity(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    refused(f'<!DOCTYPE e [<!ENTITY x SYSTEM "{secret}">]><experiment><a>&x;</a></experiment>', "has a DOCTYPE")


def test_external_subset_is_not_even_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")  # whoever opened it would wait for ever
    refused(f'<!DOCTYPE e [<!ENTITY % x SYSTEM "{tmp_path}/pipe"> %x;]><experiment/>', "has a DOCTYPE")
    refused(f'<!DOCTYPE e SYSTEM "{tmp_path}/pipe"><experiment/>', "has a DOCTYPE")


def test_doctype_behind_much_else():
    refused("<?a b?> <!-- c -->" * 10_000 + "<!DOCTYPE e><experiment/>", "has a DOCTYPE")
    refused("<?a?>" * 10_000 + "<experiment", "is no well-formed XML")


def test_entity_without_declaration():
    refused('<experiment exp_id="&x;"/>', "is no well-formed XML in UTF-8: Entity 'x' not defined")


def test_xinclude_is_no_more_than_an_unknown_element(tmp_path):
    (tmp_path / "secret").write_text("<rms/>")
    text = f'<experiment><x:include xmlns:x="http://www.w3.org/2001/XInclude" href="{tmp_path}/secret"/></experiment>'
    assert b"x:include" in to_xml(read_xml_text(text))


@pytest.mark.parametrize("tag", ["rm", "unknown"])
def test_deep_nesting(tag):
    refused("<experiment><rms>" + f"<{tag}>" * 100_000, "is no well-formed XML in UTF-8: Excessive depth")


def test_as_deep_as_allowed_survives():
    inside = "<a>" * 200 + "</a>" * 200
    read = read_xml_text(f"<experiment>{inside}</experiment>")
    assert read_xml_text(to_xml(read)) == read


def test_huge_attribute():
    refused(f'<experiment exp_id="{"x" * 11_000_000}"/>', "is no well-formed XML")
    value = f'<attribute name="a" type="string" value="{"x" * 1_000_001}"/>'
    text = f'<experiment><rms><rm guid="1" rtype="a"><attributes>{value}</attributes></rm></rms></experiment>'
    refused(text, "the value has 1000001 characters; 1000000 are allowed")


def test_huge_number():
    digits = "9" * 100_000
    value = f'<attribute name="a" type="integer" value="{digits}"/>'
    refused(f'<experiment><rms><rm guid="{digits}" rtype="a"/></rms></experiment>', "is no whole number from 1")
    text = f'<experiment><rms><rm guid="1" rtype="a"><attributes>{value}</attributes></rm></rms></experiment>'
    refused(text, "is no integer")


@pytest.mark.parametrize("text", ["[" * 100_000, "set(" * 100_000, "[" * 30 + "]" * 30, "(" * 500_000, "-" * 100_000])
def test_deep_group(text):
    condition = f'<conditions><condition action="1" state="4" group="{text}"/></conditions>'
    refused(f'<experiment><rms><rm guid="1" rtype="a">{condition}</rm></rms></experiment>', "is no list of guids")


def test_many_dangling_guids():
    group = list(range(2, 100_000))
    condition = f'<conditions><condition action="1" state="4" group="{group}"/></conditions>'
    refused(f'<experiment><rms><rm guid="1" rtype="a">{condition}</rm></rms></experiment>', "there is no resource 2")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is no well-formed XML in UTF-8: Document is empty"),
        (b" \n ", "is no well-formed XML"),
        (b"<experiment>", "is no well-formed XML"),
        (b"<experiment/><experiment/>", "is no well-formed XML"),
        (b"plain text", "is no well-formed XML"),
        (
            b"<experiment>\n\xff</experiment>",
            "in UTF-8: Invalid bytes in character encoding|in UTF-8: Input is not proper UTF-8",
        ),
        (
            '<?xml version="1.0" encoding="latin-1"?><experiment exp_id="é"/>'.encode("latin-1"),
            "in UTF-8: Invalid bytes in character encoding|in UTF-8: Input is not proper UTF-8",
        ),
        ("<experiment/>".encode("utf-16"), "is no well-formed XML"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "is no well-formed XML"),
        (b"\x00" * 100, "is no well-formed XML"),
        (
            '<experiment exp_id="\ud800"/>',
            "in UTF-8: Invalid bytes in character encoding|in UTF-8: Input is not proper UTF-8",
        ),
        (b'<experiment exp_id="\x01"/>', "is no well-formed XML"),
    ],
)
def test_no_xml(data, message):
    refused(data, message)


def test_error_of_the_parser_has_its_line():
    error = refused("<experiment>\n<rms>\n</experiment>", "tag mismatch: rms line 2 and experiment")
    assert error.line == 3
    assert "string" not in error.message


def test_what_is_no_file(tmp_path):
    for path, message in (
        ("gone.xml", "cannot be read: No such file"),
        (".", "is no file"),
        ("a\0b", "cannot be read"),
    ):
        with pytest.raises(FormatError, match=message):
            read_xml(f"{tmp_path}/{path}")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FormatError, match="is no file"):
        read_xml(tmp_path / "pipe")
    with pytest.raises(FormatError, match="is no file"):
        read_xml("/dev/zero")


def test_size_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(document, "MAX_BYTES", 1000)
    path = tmp_path / "long.xml"
    path.write_text(f"<experiment>{' ' * 2_000_000}</experiment>")
    tracemalloc.start()
    with pytest.raises(FormatError, match="is longer than 1000 bytes"):
        read_xml(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


@st.composite
def mutated(draw):
    """Draw a sample in which pieces were changed, removed, doubled or swapped."""
    data = bytearray(draw(st.sampled_from(ALL)).read_bytes())
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data) - 1))
        stop = min(len(data), start + draw(st.integers(1, 200)))
        change = draw(st.sampled_from(["flip", "set", "cut", "double", "move", "digits"]))
        piece = data[start:stop]
        if change == "flip":
            data[start] ^= 1 << draw(st.integers(0, 7))
        elif change == "set":
            data[start : start + 1] = draw(
                st.sampled_from([b"<", b">", b'"', b"'", b"[", b"&", b"\0", b"gui:", b"\xff"])
            )
        elif change == "cut" and len(data) > 400:
            del data[start:stop]
        elif change == "double":
            data[start:start] = piece
        elif change == "move":
            at = draw(st.integers(0, len(data)))
            data[at:at] = piece
        else:
            data[start:stop] = bytes(piece).translate(bytes.maketrans(b"0123456789", b"3847562910"))
    return bytes(data)


@st.composite
def shuffled(draw):
    """Draw a sample in which whole lines were removed, doubled or swapped, and values exchanged."""
    rows = draw(st.sampled_from(ALL)).read_bytes().splitlines(keepends=True)
    leaves = [index for index, row in enumerate(rows) if row.rstrip().endswith(b"/>")]
    for _ in range(draw(st.integers(1, 8))):
        one, other = draw(st.sampled_from(leaves)), draw(st.sampled_from(leaves))
        change = draw(st.sampled_from(["swap", "double", "empty", "text", "values"]))
        if change == "swap":
            rows[one], rows[other] = rows[other], rows[one]
        elif change == "double":
            rows[one] = rows[one] + rows[other]
        elif change == "empty":
            rows[one] = b"\n"
        elif change == "text":
            tag = re.match(rb"\s*<([\w-]+)", rows[one])
            rows[one] = rows[one].replace(b"/>", b">text<b/></" + tag[1] + b">", 1) if tag else rows[one]
        else:
            rows[one] = rows[one].replace(b'="', b'="' + draw(st.sampled_from([b"-", b"9", b"x", b"[", b" ", b"None"])))
    return b"".join(rows)


@settings(max_examples=300)
@given(mutated() | shuffled(), st.sampled_from([None, "nepi3", "nepi6"]))
def test_damaged_files(data, dialect):
    try:
        read = read_xml_text(data, "damaged.xml", dialect)
    except FormatError:
        return
    assert isinstance(read, ExperimentDescription)
    assert exact(read_xml_text(to_xml(read))) == exact(read)


@settings(max_examples=100)
@given(st.binary() | st.text(), st.booleans())
def test_random_files(data, framed):
    if framed:
        data = f"<experiment>{data}</experiment>"
    with contextlib.suppress(FormatError):
        read_xml_text(data)
