from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nepi_core.controller import ExperimentController
from nepi_core.errors import NepiError
from nepi_gui.overrides import apply_overrides, parse_override
from tests.nepi_gui.experiments import Described


@pytest.fixture
def ec(types: None, tmp_path: Path) -> Iterator[ExperimentController]:
    described = Described()
    described.add("test::Worker", label="client")
    described.add("test::Worker", label="a.b")
    described.add("test::Server", label="twin")
    described.add("test::Server", label="twin")
    described.add("test::Unknown")
    with ExperimentController(local_dir=tmp_path, description=described.description) as controller:
        yield controller


def test_target_by_guid_label_and_type(ec: ExperimentController) -> None:
    apply_overrides(ec, map(parse_override, ["test::Worker.rounds=7", "2.seconds=2.5", "client.mode=slow"]))
    assert [ec.get(guid, "rounds") for guid in (1, 2)] == [7, 7]
    assert [ec.get(guid, "seconds") for guid in (1, 2)] == [0.0, 2.5]
    assert [ec.get(guid, "mode") for guid in (1, 2)] == ["slow", "fast"]


def test_a_label_may_hold_dots_and_a_value_equal_signs(ec: ExperimentController) -> None:
    apply_overrides(ec, [parse_override("a.b.rounds=3")])
    assert ec.get(2, "rounds") == 3
    assert parse_override("1.env=A=b.c").value == "A=b.c"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1.ronds=3", "Did you mean 'rounds'?"),
        ("1.rounds=many", "it takes a whole number"),
        ("1.mode=slwo", "Did you mean 'slow'?"),
        ("1.seconds=1001", "from 0 to 1,000 in s"),
        ("cleint.rounds=3", "Did you mean 'client'?"),
        ("test::Wroker.rounds=3", "Did you mean 'test::Worker'?"),
        ("9.rounds=3", "no resource has the guid, label or type '9'"),
        ("twin.critical=no", "name one by its guid: 3, 4"),
        ("5.rounds=3", "no resource type 'test::Unknown'"),
    ],
)
def test_errors_name_the_option_and_the_nearest(ec: ExperimentController, text: str, said: str) -> None:
    with pytest.raises(NepiError) as raised:
        apply_overrides(ec, [parse_override(text)])
    assert f"--set {text}: " in str(raised.value)
    assert said in str(raised.value)


def test_all_errors_are_told_at_once(ec: ExperimentController) -> None:
    with pytest.raises(NepiError, match=r"(?s)1\.ronds.*8\.rounds"):
        apply_overrides(ec, map(parse_override, ["1.ronds=3", "8.rounds=3"]))
