"""DOT text says the same as the picture, and no name gets out of its quotes."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_core.plot.dot import to_dot
from nepi_core.plot.picture import Line, LineKind, Mark, Picture, showable

QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


def picture(name):
    marks = {"r1": Mark("r1", name, "linux"), "r2": Mark("r2", name, "linux", host="r1", failed=True)}
    return Picture(name, marks, [Line("r1", "r2", LineKind.CONDITION, f"{name}\n{name}")])


def without_quoted(text):
    return QUOTED.sub('""', text)


@given(st.text().map(showable))
def test_names_stay_in_their_quotes(name):
    text = to_dot(picture(name))
    assert without_quoted(text) == without_quoted(to_dot(picture("plain")))
    label = re.search(r'r1 \[label="((?:[^"\\]|\\.)*)"', text)
    assert label
    assert re.sub(r"\\(.)", r"\1", label[1]).replace("&amp;", "&") == name


@pytest.mark.skipif(not shutil.which("dot"), reason="needs Graphviz")
@pytest.mark.parametrize("name", ['a"b', "a\\", "\\N", "<b>", "&lt;", "}", "路由器", "// no remark", "#x"])
def test_graphviz_reads_it(name):
    done = subprocess.run(["dot", "-Tsvg"], input=to_dot(picture(name)), capture_output=True, text=True, check=True)
    assert not done.stderr
    assert done.stdout.count('<g id="node') == 2
