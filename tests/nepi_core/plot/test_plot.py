"""Pictures are written whole, whatever an experiment holds, and show what it holds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from nepi_core.description import ExperimentDescription, Layout
from nepi_core.errors import NepiError
from nepi_core.plot import plot_experiment
from nepi_core.states import ResourceState
from nepi_core.topology import NetGraph
from tests.nepi_core.plot.drawn_experiments import APPLICATION, HOST, LINK, experiment, start_after

BEGINNINGS = {".png": b"\x89PNG", ".svg": b"<?xml", ".dot": b"digraph"}
HOSTILE = [
    "$x^2",
    "<script>",
    "路由器 αβγ",
    'a"b\\',
    "]]>&amp;",
    "\N{RIGHT-TO-LEFT OVERRIDE}abc",
    "x" * 500,
    " ",
    "\\N\\",
]


def texts(path: Path) -> list[str]:
    return ["".join(map(str, text.itertext())) for text in etree.parse(path).iter("{http://www.w3.org/2000/svg}text")]


def svg_texts(description: ExperimentDescription, folder: Path) -> list[str]:
    plot_experiment(description, folder / "picture.svg")
    return texts(folder / "picture.svg")


@pytest.mark.parametrize("ending", BEGINNINGS)
@pytest.mark.parametrize("number", [0, 1, 2, 10, 300])
def test_writes_what_the_ending_says(tmp_path, ending, number):
    path = tmp_path / f"picture{ending}"
    plot_experiment(experiment([HOST] * number, [(guid, guid + 1) for guid in range(1, number)]), path)
    assert path.read_bytes().startswith(BEGINNINGS[ending])
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_other_ending_is_refused_with_those_that_are_allowed(tmp_path):
    with pytest.raises(NepiError, match=r"'picture\.pdf'.*\.png, \.svg, \.dot"):
        plot_experiment(experiment([HOST]), tmp_path / "picture.pdf")
    assert not list(tmp_path.iterdir())


def test_empty_experiment_says_so(tmp_path):
    assert "This experiment has no resources yet." in svg_texts(experiment([]), tmp_path)


def test_picture_names_everything_in_it(tmp_path):
    description = experiment([HOST, HOST, LINK, APPLICATION, APPLICATION], [(1, 3), (2, 3), (1, 4), (2, 5)])
    description.resources[2].layout = Layout(label="the server")
    description.resources[4].conditions.append(start_after((5,), "2s"))
    description.resources[5].state = ResourceState.FAILED
    shown = svg_texts(description, tmp_path)
    for words in ("drawn", "Host 1", "the server", "Link 3", "Application 4", "✕ Application 5", "✕ failed"):
        assert words in shown
    assert any("START 2s after STARTED" in words for words in shown)


def test_hidden_badges_are_counted(tmp_path):
    description = experiment([HOST] + [APPLICATION] * 9, [(1, guid) for guid in range(2, 11)])
    assert "and 4 more" in svg_texts(description, tmp_path)


def test_what_has_no_room_is_said(tmp_path):
    description = experiment([HOST] * 400 + [APPLICATION], [(1, 401)])
    shown = " ".join(svg_texts(description, tmp_path))
    assert "names of the 400 resources are left out" in shown
    assert "attached to others (1) are not drawn" in shown


def test_topology_is_drawn_where_no_resources_are(tmp_path):
    graph = NetGraph(topo_type="star", node_count=4, assign_ips=True, assign_st=True)
    description = experiment([HOST])
    description.topology = graph.to_description()
    shown = svg_texts(description, tmp_path)
    assert {"Host 1", "source", "target", "10.0.0.0/30"} <= set(shown)


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("ending", BEGINNINGS)
def test_hostile_names(tmp_path, name, ending):
    description = experiment([HOST, APPLICATION, "no such::type"], [(1, 2)])
    description.exp_id = name
    for resource in description.resources.values():
        resource.layout = Layout(label=name, colour=name)
    plot_experiment(description, tmp_path / f"picture{ending}")
    if ending == ".svg":
        etree.parse(tmp_path / "picture.svg")


def python(script: str, *arguments: str, seed: str = "0") -> None:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", script, *arguments], check=True, env=environment)


def test_two_programs_write_the_same_bytes(tmp_path):
    script = (
        "import sys; from pathlib import Path; from nepi_core.plot import plot_experiment;"
        "from tests.nepi_core.plot.drawn_experiments import experiment;"
        "plot_experiment(experiment(['a::b'] * 9, [(1, 2), (2, 3), (3, 1), (4, 5), (5, 6)]), Path(sys.argv[1]))"
    )
    for seed in ("1", "2"):
        python(script, str(tmp_path / f"{seed}.svg"), seed=seed)
    assert (tmp_path / "1.svg").read_bytes() == (tmp_path / "2.svg").read_bytes()


PAIRS = st.lists(st.tuples(st.integers(1, 8), st.integers(1, 8)).filter(lambda pair: pair[0] != pair[1]), max_size=14)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rtypes=st.lists(st.sampled_from([HOST, APPLICATION, LINK, "no::such"]), min_size=8, max_size=8),
    connections=PAIRS,
    conditions=PAIRS,
    layouts=st.lists(st.none() | st.tuples(st.floats(), st.floats()), min_size=8, max_size=8),
)
def test_anything_is_drawn(tmp_path, rtypes, connections, conditions, layouts):
    description = experiment(rtypes, connections)
    for guid, member in conditions:
        description.resources[guid].conditions.append(start_after((member,)))
    for resource, place in zip(description.resources.values(), layouts, strict=True):
        resource.layout = Layout(*place) if place else None
    for ending in (".svg", ".dot"):
        plot_experiment(description, tmp_path / f"picture{ending}")
    assert "nan" not in (tmp_path / "picture.svg").read_text()


def test_nothing_slow_is_imported_before_something_is_drawn():
    python("import sys, nepi_core.plot; sys.exit(bool({'matplotlib', 'scipy', 'networkx'} & set(sys.modules)))")
