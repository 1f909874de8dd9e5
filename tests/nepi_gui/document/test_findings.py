"""Findings while a document is edited: those of ``--validate``, in a thread or in a process."""

from __future__ import annotations

import pytest

from nepi_core.description import ExperimentDescription, ResourceDescription
from nepi_core.loading import Severity, validate
from nepi_gui.document import checker, resources
from nepi_gui.document.checker import Checker
from nepi_gui.document.document import Document
from nepi_gui.document.findings import Findings


@pytest.fixture
def document(qapp):
    return Document()


@pytest.fixture
def findings(document):
    made = Findings(document)
    yield made
    made.close()


@pytest.fixture(params=[0, 10_000], ids=["process", "thread"])
def _where(request, monkeypatch):
    """Check everything in a process, or nothing."""
    monkeypatch.setattr(checker, "NEAR", request.param)


@pytest.mark.usefixtures("_where")
def test_what_is_wrong_is_found_and_what_was_mended_is_not(document, findings, qtbot):
    with qtbot.waitSignal(findings.changed, timeout=20_000):
        guid = resources.add_resource(document, "linux::Ping")
    assert set(findings.all) == set(validate(document.description))
    assert findings.worst() == {guid: Severity.UNDEPLOYABLE}
    assert findings.about(guid)
    with qtbot.waitSignal(findings.changed, timeout=20_000):
        document.history.undo()
    assert not findings.all


def test_what_is_changed_meanwhile_is_checked_again(document, findings, qtbot):
    guids = [resources.add_resource(document, "linux::Ping") for _ in range(3)]
    findings._check()
    guids.append(resources.add_resource(document, "linux::Ping"))
    qtbot.waitUntil(lambda: set(findings.worst()) == set(guids), timeout=20_000)
    assert findings.is_current


def test_a_move_is_not_checked(document, findings, qtbot):
    guid = resources.add_resource(document, "netns::Node", (0, 0))
    qtbot.waitUntil(lambda: findings.is_current, timeout=20_000)
    resources.move(document, {guid: (1, 1)})
    assert findings.is_current


def test_a_checker_that_dies_is_told_and_the_next_check_works(monkeypatch):
    monkeypatch.setattr(checker, "NEAR", 0)
    made = Checker()
    description = ExperimentDescription(resources={1: ResourceDescription(1, "no::Such")})
    try:
        assert len(made.check(description)) == 1
        assert made._process is not None
        made._process.kill()
        assert "could not be checked" in made.check(description)[0].message
        assert "no::Such" in made.check(description)[0].message
    finally:
        made.close()
    assert made.check(description) == ()


def test_a_users_script_does_not_get_into_the_checker(monkeypatch, tmp_path):
    (tmp_path / "pickle.py").write_text("raise SystemExit('this is no pickle')")
    monkeypatch.setattr(checker, "NEAR", 0)
    monkeypatch.chdir(tmp_path)
    made = Checker()
    try:
        assert made.check(ExperimentDescription(resources={1: ResourceDescription(1, "netns::Node")})) == ()
    finally:
        made.close()
