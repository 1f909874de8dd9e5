"""Autosaves: where they are, when they are written and removed, and what of them is found again."""

from __future__ import annotations

import dataclasses
import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nepi_core.errors import FormatError
from nepi_core.xml_format import to_xml
from nepi_gui.document import autosave as module
from nepi_gui.document import files, recovery, resources
from nepi_gui.document.autosave import Autosave
from nepi_gui.document.document import Document
from nepi_gui.document.recovery import Head, Writer

GONE = dataclasses.replace(Writer.present(), started="1")


@pytest.fixture(autouse=True)
def _own_state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(module, "PAUSE", 10)
    monkeypatch.setattr(module, "LONGEST", 20)


@pytest.fixture
def document(qapp, tmp_path):
    made = Document()
    (tmp_path / "work").mkdir()
    files.save(made, tmp_path / "work" / "lab.xml")
    return made


@pytest.fixture
def autosave(document):
    made = Autosave(document, document)
    yield made
    made.close()


@pytest.fixture
def beside(document):
    return document.path.with_name(".lab.xml.nepi-autosave")


def leave(file, description, writer=GONE, digest="", path=None):
    """Leave an autosave as a process does that is killed."""
    head = Head(str(file) if file else "", digest, "2026-01-02T12:31:00", 7, writer)
    path = path or next(recovery.places(file))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(recovery.with_head(to_xml(description), head))
    return path


def kept(autosave):
    """Return what an autosave holds."""
    assert autosave.path is not None
    return recovery.Autosaved(autosave.path, recovery.head_of(autosave.path)).read()


def test_a_step_is_written_beside_the_file_and_removed_when_it_is_saved(qtbot, document, autosave, beside):
    with qtbot.waitSignal(autosave.written):
        resources.add_resource(document, "netns::Node", (1, 2))
    assert autosave.path == beside
    assert beside.stat().st_mode & 0o777 == 0o600
    head = recovery.head_of(beside)
    assert (head.file, head.steps, head.writer) == (str(document.path), 1, Writer.present())
    assert recovery.Autosaved(beside, head).read() == document.description
    files.save(document, document.path)
    assert not beside.exists()


def test_undoing_everything_removes_it(qtbot, document, autosave, beside):
    with qtbot.waitSignal(autosave.written):
        resources.add_resource(document, "netns::Node")
    document.history.undo()
    assert not beside.exists()


def test_it_is_not_put_off_for_ever_by_steps_that_follow_each_other(qtbot, document, monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 1_000_000)
    autosave = Autosave(document, document)
    with qtbot.waitSignal(autosave.written):
        for _ in range(3):
            resources.add_resource(document, "netns::Node")
    assert len(kept(autosave).resources) == 3
    autosave.close()


def test_closing_removes_it_unless_it_is_to_be_kept(document, autosave, beside):
    resources.add_resource(document, "netns::Node")
    assert autosave.flush()
    other = Autosave(document, document)
    autosave.close(keep=True)
    assert beside.exists()
    assert other.flush()  # another window's is not overwritten
    assert other.path == document.path.with_name(".lab.xml.2.nepi-autosave")
    other.close()
    assert beside.exists()
    autosave = Autosave(document, document)
    autosave.close()


def test_without_a_file_or_its_folder_it_goes_to_the_users_state(qapp, document, autosave, tmp_path):
    untitled = Document()
    theirs = Autosave(untitled, untitled)
    resources.add_resource(untitled, "netns::Node")
    assert theirs.flush()
    assert theirs.path == tmp_path / "state" / "nepi-gui" / "autosave" / "untitled.nepi-autosave"
    theirs.close()
    resources.add_resource(document, "netns::Node")
    shutil.rmtree(document.path.parent)
    assert autosave.flush()
    assert autosave.path.parent == tmp_path / "state" / "nepi-gui" / "autosave"
    assert not recovery.find(document.path).orphans  # its window is open


def test_a_name_too_long_for_an_ending(qapp, tmp_path):
    document = Document()
    files.save(document, tmp_path / ("n" * 250 + ".xml"))
    resources.add_resource(document, "netns::Node")
    autosave = Autosave(document, document)
    assert autosave.flush()
    assert kept(autosave) == document.description
    assert list(recovery.state_folder().iterdir()) == [autosave.path]
    autosave.close()


def test_what_cannot_be_kept_is_told_once(qtbot, document, autosave, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "_write_first", full)
    with qtbot.waitSignal(autosave.failed) as told:
        resources.add_resource(document, "netns::Node")
    assert told.args == ["No space left on device"]
    with qtbot.assertNotEmitted(autosave.failed), qtbot.waitSignal(autosave._ended):
        resources.add_resource(document, "netns::Node")
    monkeypatch.undo()
    assert not autosave.path


def test_where_the_folder_takes_no_more_it_goes_to_the_users_state(document, autosave, beside, tmp_path, monkeypatch):
    resources.add_resource(document, "netns::Node")
    assert autosave.flush()
    resources.add_resource(document, "netns::Node")
    with monkeypatch.context() as patched:
        make_read_only(patched, beside.parent)
        assert autosave.flush()
        assert autosave.path.parent == tmp_path / "state" / "nepi-gui" / "autosave"
        assert kept(autosave) == document.description
        assert beside.exists()  # it could not be removed
    autosave.close()
    assert not beside.exists()
    assert not list(recovery.state_folder().iterdir())


def make_read_only(patched, folder):
    """Have no file made or removed in a folder, as on a disk that has become read-only; root may anything else."""

    def refuse(function):
        def called(path, *args, **options):
            if Path(path).parent == folder:
                raise OSError(errno.EROFS, "Read-only file system", str(path))
            return function(path, *args, **options)

        return called

    for name in ("open", "unlink"):
        patched.setattr(os, name, refuse(getattr(os, name)))


def test_what_a_dead_process_left_is_found(document):
    path = leave(document.path, document.description)
    other = leave(document.path, document.description, path=list(recovery.places(document.path))[3])
    found = recovery.find(document.path)
    assert {each.path for each in found.orphans} == {path, other}
    assert found.orphans[0].head.time == "2026-01-02 12:31"
    assert not found.orphans[0].is_based_on(document.path)
    found.orphans[0].discard()
    assert len(recovery.find(document.path).orphans) == 1


def test_what_a_living_process_or_another_machine_keeps_is_theirs(document):
    parent = dataclasses.replace(Writer.present(), pid=os.getppid(), started=recovery._started(os.getppid()))
    elsewhere = dataclasses.replace(GONE, machine="another one")
    for writer in (parent, elsewhere):
        path = leave(document.path, document.description, writer)
        found = recovery.find(document.path)
        assert not found.orphans
        assert [each.head.writer for each in found.open_elsewhere] == [writer]
        path.unlink()


def test_a_process_of_before_the_last_boot_is_gone():
    assert dataclasses.replace(Writer.present(), boot="another").is_gone
    assert not Writer.present().is_gone


def test_damaged_ones_are_told(document, beside):
    for damaged in (b"", b"<?xml?>\n", b"<?xml?>\n<!-- nepi-gui autosave [1] -->", b"\0" * 5000):
        beside.write_bytes(damaged)
        found = recovery.find(document.path)
        assert not found.orphans
        assert [error.path for error in found.damaged] == [str(beside)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.data())
def test_no_part_of_an_autosave_breaks_anything(document, beside, data):
    whole = leave(document.path, document.description).read_bytes()
    beside.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    with suppress(FormatError):
        recovery.Autosaved(beside, recovery.head_of(beside)).read()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.text() | st.sampled_from(["-->", "--", "a\n<b>-", "\udcff"]), st.text(), st.integers(0))
def test_a_head_is_read_as_it_was_written(document, beside, file, digest, steps):
    head = Head(file, digest, "2026-01-02T12:31:00", steps, GONE)
    beside.write_bytes(recovery.with_head(to_xml(document.description), head))
    assert recovery.head_of(beside) == head
    assert recovery.Autosaved(beside, head).read() == document.description


def test_a_head_of_other_types_is_damaged(document, beside):
    head = recovery.with_head(to_xml(document.description), Head("x.xml", "", "2026-01-02T12:31:00", 1, GONE))
    for right, wrong in ((b'"x.xml"', b"5"), (b'"steps": 1', b'"steps": "1"'), (b'"pid": ', b'"pid": 0.')):
        assert right in head
        beside.write_bytes(head.replace(right, wrong))
        with pytest.raises(FormatError):
            recovery.head_of(beside)
