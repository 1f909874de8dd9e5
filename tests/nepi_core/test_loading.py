"""From description to resource managers and back: all errors at once, nothing lost, no secrets written."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.controller import ExperimentController
from nepi_core.description import AttributeChange, Condition, ExperimentDescription, ResourceDescription
from nepi_core.errors import DeploymentError, FormatError
from nepi_core.factory import ResourceFactory
from nepi_core.loading import Severity, UnknownResource, validate
from nepi_core.resource import ResourceManager
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.times import stformat
from nepi_core.xml_format import read_xml
from tests.nepi_core.resource_types import ALL, PATIENCE, Place

NEW, DISCOVERED, PROVISIONED, READY, STARTED, STOPPED, FAILED, RELEASED = ResourceState
DEPLOY, START, STOP = ResourceAction


def described(*resources: ResourceDescription, **more) -> ExperimentDescription:
    return ExperimentDescription("exp", resources={each.guid: each for each in resources}, **more)


def scripted(guid: int, **more) -> ResourceDescription:
    return ResourceDescription(guid, "test::Scripted", line=guid * 10, **more)


# -- in ------------------------------------------------------------------------------------------------


def test_everything_is_taken_in(make_ec):
    ec = make_ec(
        description=described(
            scripted(4, attributes={"speed": "2", "critical": "False"}, connections={9}, traces={"output": True}),
            scripted(9, connections={4}, conditions=[Condition(START, (4,), STARTED, "2s")]),
            changes=[AttributeChange((4,), "speed", 3, (9,), STARTED)],
            global_values={("test::Scripted", "shared"): "b"},
        )
    )
    assert ec.exp_id == "exp"
    assert (ec.get(4, "speed"), ec.get(4, "critical"), ec.get(4, "shared")) == (2.0, False, "b")
    assert ec.get_resource(9).connections == {4}
    assert ec.trace_enabled(4, "output")
    assert ec.get_resource(9).conditions == {START: [([4], STARTED, "2s")]}
    assert ec.description.changes == [AttributeChange((4,), "speed", 3, (9,), STARTED)]
    assert ec.register_resource("test::Place") == 10


def test_controller_works_on_a_copy(make_ec):
    description = described(scripted(1, attributes={"speed": "2"}, connections={2}), scripted(2, connections={1}))
    before = repr(description)
    ec = make_ec(description=description)
    ec.set(1, "speed", 5)
    ec.remove_resource(2)
    assert repr(description) == before


def test_all_errors_are_told_at_once_with_their_lines(make_ec):
    description = described(
        scripted(1, attributes={"speed": "fast"}, connections={1, 8}),
        scripted(2, conditions=[Condition(START, (1, 7), STARTED), Condition(START, (1,), STARTED, "2 minutes")]),
        scripted(3, conditions=[Condition(START, (3,), STARTED), Condition(START, (1,), NEW)]),
        ResourceDescription(5, "test::Guest", connections={1}, line=50),
        changes=[
            AttributeChange((1,), "sped", 3, (2,), STARTED),
            AttributeChange((1,), "speed", 3, (2,), STARTED, "x"),
        ],
        path="lab.xml",
    )
    with pytest.raises(FormatError) as caught:
        make_ec(description=description)
    first, *others = str(caught.value).split("\n")
    assert first.startswith("lab.xml:10: test::Scripted 1: attribute 'speed' cannot be 'fast'; it takes a number from")
    for line, words in [
        (10, "test::Scripted 1 cannot be connected to itself"),
        (10, "no resource with guid 8"),
        (20, "waits for 7, which the experiment does not have"),
        (20, "'2 minutes' is no delay"),
        (30, "would wait for itself"),
        (30, "Nothing can wait for the state"),
        (50, "test::Guest 5 goes to places only"),
        (0, "has no attribute 'sped'"),
        (0, "'x' is no delay"),
    ]:
        assert [each for each in others if each.startswith(f"line {line}: ") and words in each], words
    assert len(others) == 9


def test_many_errors_are_counted(make_ec):
    with pytest.raises(FormatError, match=r"\.\.\. and 5 more errors$"):
        make_ec(description=described(*[scripted(guid, attributes={"speed": -1}) for guid in range(1, 26)]))


def test_connection_that_stands_on_one_side_only_is_made_on_both(make_ec):
    ec = make_ec(description=described(scripted(5, connections={3}), scripted(3), scripted(9, connections={5})))
    assert [ec.get_resource(guid).connections for guid in (5, 3, 9)] == [{3, 9}, {5}, {5}]


# -- what can be loaded but not deployed ---------------------------------------------------------------


def test_unknown_type_is_kept_and_refused_when_it_is_deployed(make_ec):
    unknown = ResourceDescription(2, "test::Scriptd", {"speed": "x", "any": "thing"}, {1}, traces={"output": True})
    ec = make_ec(description=described(scripted(1, connections={2}), unknown))
    manager = ec.get_resource(2)
    assert isinstance(manager, UnknownResource)
    assert manager.name == "test::Scriptd 2"
    assert ec.snapshot().resources[2].attributes == {"speed": "x", "any": "thing"}
    said = r"test::Scriptd 2: there is no resource type 'test::Scriptd'\. Did you mean 'test::Scripted'\?"
    with pytest.raises(DeploymentError, match=said):
        ec.deploy()
    assert ec.state(1) is NEW
    ec.deploy(1)
    assert ec.wait_started(1, timeout=PATIENCE)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"attributes": {"sped": 1}}, "test::Scripted has no attribute 'sped'. Did you mean 'speed'?"),
        ({"traces": {"outptu": True}}, "test::Scripted has no trace 'outptu'. Did you mean 'output'?"),
    ],
)
def test_unknown_names_are_kept_and_refused_when_they_are_deployed(make_ec, more, message):
    ec = make_ec(description=described(scripted(1, **more)))
    with pytest.raises(DeploymentError) as caught:
        ec.deploy()
    assert str(caught.value) == f"test::Scripted 1: {message}"
    kept = ec.snapshot().resources[1]
    assert more.get("attributes", {}).items() <= kept.attributes.items()


def test_required_attribute(ec):
    ec.register_resource("test::Needy", address="here", key="")
    with pytest.raises(DeploymentError, match=r"^test::Needy 1: attribute 'key' has no value; Opens it\.$"):
        ec.deploy()


def test_type_says_why_it_cannot_be_deployed(ec, monkeypatch):
    monkeypatch.setattr(Place, "deployment_refusal", lambda self: "stands nowhere.")
    ec.register_resource("test::Place")
    with pytest.raises(DeploymentError, match=r"^test::Place 1: stands nowhere\.$"):
        ec.deploy()


# -- validation ----------------------------------------------------------------------------------------


def test_validation_finds_what_loading_and_deployment_would(types):
    description = described(
        scripted(1, attributes={"speed": "fast", "sped": 1}, conditions=[Condition(START, (9,), STARTED)]),
        ResourceDescription(2, "test::Nothing", line=20),
    )
    before = repr(description)
    found = validate(description)
    assert sorted((each.severity, each.guid, each.line, each.attribute) for each in found) == [
        (Severity.ERROR, 1, 10, ""),
        (Severity.ERROR, 1, 10, "speed"),
        (Severity.UNDEPLOYABLE, 1, 10, "sped"),
        (Severity.UNDEPLOYABLE, 2, 20, ""),
    ]
    assert repr(description) == before
    assert validate(described(scripted(1))) == []


def test_validation_leaves_no_folder(types, monkeypatch, tmp_path):
    monkeypatch.setenv("NEPI_LOCAL_DIR", str(tmp_path / "here"))
    validate(described(scripted(1)))
    assert not (tmp_path / "here").exists()


# -- out -----------------------------------------------------------------------------------------------


def test_snapshot_has_the_present_states_and_times_and_shares_nothing(ec):
    one, two = (ec.register_resource("test::Scripted") for _ in range(2))
    ec.register_connection(one, two)
    ec.deploy(one)
    ec.wait_started(one, timeout=PATIENCE)
    snapshot = ec.snapshot()
    assert [snapshot.resources[guid].state for guid in (one, two)] == [STARTED, NEW]
    times = snapshot.resources[one].times
    assert times is not None
    assert stformat(times[STARTED]) == ec.get_start_time(one)
    assert snapshot.resources[two].times is None
    snapshot.resources[one].connections.clear()
    snapshot.resources[one].attributes["speed"] = 9
    assert ec.get_resource(one).connections == {two}
    assert ec.get(one, "speed") == 1.0


class Account(ResourceManager, rtype="test::Account"):
    """Has secrets of its own, and one for all."""

    password = Attribute(type=Types.String, flags=Flags.Credential)
    token = Attribute(type=Types.String, flags=Flags.Credential | Flags.Global)


def test_secrets_are_written_as_references_only(make_ec, caplog, tmp_path):
    ResourceFactory.register_type(Account)
    try:
        ec = make_ec("secret")
        by_reference = ec.register_resource("test::Account", password="env:PASSWORD")
        by_file = ec.register_resource("test::Account", password="file:/etc/key")
        itself = ec.register_resource("test::Account", password="hunter2")
        empty = ec.register_resource("test::Account", password="")
        ec.set_global("test::Account", "token", "hunter2")
        ec.set_with_conditions("password", "hunter2", itself, empty, STARTED)
        ec.set_with_conditions("password", "env:LATER", itself, empty, STARTED)
        text = ec.serialize()
        assert "hunter2" not in text
        assert [each.value for each in ec.description.changes] == ["hunter2", "env:LATER"]
        kept = read_xml(Path(ec.save(tmp_path)))
        assert [kept.resources[guid].attributes.get("password") for guid in (by_reference, by_file, itself, empty)] == [
            "env:PASSWORD",
            "file:/etc/key",
            None,
            "",
        ]
        assert [each.value for each in kept.changes] == ["env:LATER"]
        assert kept.global_values == {}
        assert "test::Account 3: attribute 'password' is a secret and is not written" in caplog.text
        ec.set_global("test::Account", "token", "env:TOKEN")
        assert "env:TOKEN" in ec.serialize()
        ec.deploy()
        ec.shutdown()
        assert "hunter2" not in Path(ec.run_dir, "experiment.xml").read_text()
    finally:
        ResourceFactory.unregister_type("test::Account")


def test_saved_and_loaded_it_is_the_same(make_ec, tmp_path):
    ec = make_ec("exp", nthreads=3)
    place = ec.register_resource("test::Place")
    guest = ec.register_resource("test::Guest", 7, place, speed=2.5, critical=False)
    ec.register_condition(guest, START, place, STARTED, "2s")
    ec.set_with_conditions("speed", 3, guest, place, STARTED)
    ec.set_global("test::Guest", "shared", "b")
    ec.enable_trace(guest, "output")
    path = ec.save(tmp_path / "folder")
    assert path == str(tmp_path / "folder/exp.xml")
    assert ec.save(tmp_path / "named.xml") == str(tmp_path / "named.xml")
    assert Path(ec.save()) == Path(ec.run_dir, "exp.xml")
    loaded = ExperimentController.load(path)
    with loaded:
        assert loaded.description.resources == ec.snapshot().resources
        assert loaded.description.changes == ec.description.changes
        assert (loaded.exp_id, loaded.nthreads) == ("exp", 3)
        assert loaded.get(guest, "speed") == 2.5
        assert loaded.get(guest, "shared") == "b"
        assert loaded.trace_enabled(guest, "output")
        assert loaded.serialize() == ec.serialize()


def test_formats(ec, tmp_path):
    from nepi_core.errors import NepiError

    for call in (lambda: ec.save(tmp_path, "json"), lambda: ec.serialize("json"), lambda: ec.load("x", "json")):
        with pytest.raises(NepiError, match="cannot be kept as 'json'; the only format is 'xml'"):
            call()


values = st.text(max_size=5) | st.integers(-5, 15) | st.booleans()
guids = st.integers(1, 4)
conditions = st.builds(
    Condition,
    st.sampled_from(ResourceAction),
    st.sets(guids, max_size=2).map(lambda group: tuple(sorted(group))),
    st.sampled_from(ResourceState),
    st.sampled_from([None, "1s", "soon", ""]),
)
resources = st.builds(
    ResourceDescription,
    guids,
    st.sampled_from([each.get_rtype() for each in ALL] + ["test::Nothing"]),
    st.dictionaries(st.sampled_from(["speed", "size", "shared", "critical", "port", "nothing"]), values, max_size=3),
    st.sets(guids, max_size=2),
    st.lists(conditions, max_size=2),
    st.dictionaries(st.sampled_from(["output", "log", "nothing"]), st.booleans(), max_size=1),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(resources, max_size=4, unique_by=lambda each: each.guid))
def test_any_description_is_loaded_or_refused_and_validation_agrees(types, tmp_path, drawn):
    description = described(*drawn)
    found = validate(description)
    errors = [each for each in found if each.severity is Severity.ERROR]
    if errors:
        with pytest.raises(FormatError) as caught:
            ExperimentController(description=description, local_dir=tmp_path)
        assert errors[0].message in str(caught.value)
        return
    with ExperimentController(description=description, local_dir=tmp_path) as ec:
        for guid in ec.resources:
            connections = ec.get_resource(guid).connections
            assert all(guid in ec.get_resource(other).connections for other in connections)
