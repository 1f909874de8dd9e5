from __future__ import annotations

import pytest

from nepi_core.description import ExperimentDescription, Lab
from nepi_core.errors import FormatError
from nepi_core.xml_format import read_xml_text, to_xml

FILE = """<experiment xmlns:gui="urn:nepi:gui:1" gui:version="1">
  <rms><rm guid="1" rtype="netns::Node" state="0"/></rms>
  {0}
</experiment>"""


def read(lab):
    return read_xml_text(FILE.format(lab)).lab


def test_a_task_is_text_that_people_can_edit():
    lab = Lab("Title", "# Task\n\n- one & two\n- <three>\n", {1}, structure_locked=True)
    text = to_xml(ExperimentDescription(lab=lab)).decode()
    assert "<gui:task># Task\n\n- one &amp; two\n" in text
    assert read_xml_text(text).lab == lab


def test_comments_in_a_task_do_not_count():
    assert read("<gui:lab><gui:task>a<!-- b -->c</gui:task></gui:lab>") == Lab(task="ac")


def test_locks_on_what_is_not_there_are_kept():
    assert read('<gui:lab><gui:lock guid="7"/><gui:lock guid="8" attribute="x"/></gui:lab>') == Lab(
        locked={7}, locked_attributes={8: {"x"}}
    )


def test_an_empty_lab_is_one():
    assert read("<gui:lab/>") == Lab()
    assert read("") is None


@pytest.mark.parametrize(
    ("lab", "told"),
    [
        ('<gui:lab><gui:lock guid="x"/></gui:lab>', "guid 'x' is no whole number"),
        ('<gui:lab><gui:open guid="1"/></gui:lab>', "'attribute' is missing"),
        ("<gui:lab><gui:allowed/></gui:lab>", "'rtype' is missing"),
        ('<gui:lab structure_locked="yes"/>', "neither 'True' nor 'False'"),
        ("<gui:lab/><gui:lab/>", "stands twice"),
        ("<gui:lab><gui:task>a</gui:task><gui:task>b</gui:task></gui:lab>", "gui:task: it stands twice"),
        (f'<gui:lab title="{"x" * 1_000_001}"/>', "its title has 1000001 characters"),
    ],
)
def test_faults_are_told_with_their_lines(lab, told):
    with pytest.raises(FormatError, match=told) as caught:
        read(lab)
    assert caught.value.line == 3


def test_what_cannot_be_read_again_is_not_written():
    for lab in (Lab(task="x" * 1_000_001), Lab(locked={0}), Lab(title="\0")):
        with pytest.raises(FormatError):
            to_xml(ExperimentDescription(lab=lab))
