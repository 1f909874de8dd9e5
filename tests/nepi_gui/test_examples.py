"""The examples: found, told of, and read."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from nepi_core.xml_format import read_xml
from nepi_gui.examples import Example, examples, folder, read_stories

README = """\
| file | shows | takes |
| --- | --- | --- |
| `one.xml` | a thing | 2 s |

# Part

## `one.xml`: what is it?

A thing, [see there](https://example.org), with `code`.
And more. It was made so:

```sh
make one
```

Expected: nothing.

# Other part

## `two.xml`: and this?

Short.
"""


def test_stories_are_read_from_the_page_about_them():
    one, two = read_stories(README, Path("folder"))
    assert one == Example(
        Path("folder/one.xml"), "What is it?", "a thing", "2 s", "A thing, see there, with code. And more."
    )
    assert two == Example(Path("folder/two.xml"), "And this?", "", "", "Short.")
    assert one.name == "one"


@given(st.text())
def test_any_text_is_read(text):
    for each in read_stories(text, Path("folder")):
        assert isinstance(each.story, str)


def test_every_example_has_a_story_and_can_be_read():
    found = examples()
    place = folder()
    assert place is not None
    assert {each.path for each in found} == set(place.glob("*.xml"))
    assert all(each.question and each.shows and each.takes and each.story for each in found)
    for each in found:
        assert read_xml(each.path).resources


def test_an_example_has_one_line_about_each_thing():
    for each in examples():
        assert "\n" not in each.story
        assert "`" not in each.story
        assert not each.story.endswith(":")
