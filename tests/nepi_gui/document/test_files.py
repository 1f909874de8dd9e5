"""Files of experiments: what they may mean, how another state takes the place of one, names."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from PySide6.QtCore import QCoreApplication, QEvent

from nepi_core.errors import FormatError
from nepi_core.xml_format import read_xml
from nepi_gui.document import files, resources
from nepi_gui.document.document import Document
from nepi_gui.document.file_watch import FileWatch, News
from tests.nepi_core.strategies import exact, experiments
from tests.nepi_gui.experiments import ROOT

SAMPLES = ROOT / "tests" / "data" / "samples"


def rewrite(path, text):
    """Write a file as editors do: another one takes its place."""
    fresh = path.with_name("fresh")
    fresh.write_text(text)
    fresh.replace(path)


def waits(description):
    return [each.conditions for each in description.resources.values()]


# -- reading -------------------------------------------------------------------------------------------------


def test_a_file_of_nepi_has_two_meanings():
    reading = files.read(SAMPLES / "nepi3-ping-pair.xml")
    assert set(reading.meanings) == {"nepi3", "nepi6"}
    assert not reading.is_certain
    assert waits(reading.likely) == waits(read_xml(SAMPLES / "nepi3-ping-pair.xml"))
    meanings = reading.conditions()
    assert meanings
    assert all(first != second for first, second in meanings)
    assert "STARTED" in meanings[0][0]


def test_a_file_that_says_who_wrote_it_has_one():
    assert files.read(SAMPLES / "nepi3-ping-pair.xml", "nepi6").is_certain
    assert files.read(ROOT / "examples" / "two-hosts.xml").is_certain


def test_a_state_that_only_nepi6_has_answers_the_question(tmp_path):
    text = (SAMPLES / "nepi3-ping-pair.xml").read_text()
    path = tmp_path / "six.xml"
    path.write_text(text.replace('state="', 'state="8" was="', 1) if "was=" not in text else text)
    reading = files.read(path)
    assert reading.is_certain
    assert waits(reading.likely) == waits(read_xml(path, "nepi6"))


def test_a_broken_file_is_refused(tmp_path):
    path = tmp_path / "broken.xml"
    path.write_text("<experiment>\n<rms>\n")
    with pytest.raises(FormatError, match=r"broken\.xml:3"):
        files.read(path)


# -- writing -------------------------------------------------------------------------------------------------


def test_an_experiment_without_a_name_takes_that_of_its_file(qapp, tmp_path):
    document = Document()
    files.save(document, tmp_path / "my lab (2).xml")
    assert document.description.exp_id == "my-lab-2"
    assert read_xml(tmp_path / "my lab (2).xml") == document.description
    assert not document.is_modified


def test_the_name_that_a_file_gives_is_no_step_of_its_own(qapp, tmp_path):
    document = Document()
    resources.add_resource(document, "netns::Node", (0, 0))
    steps = document.history.texts()
    files.save(document, tmp_path / "lab.xml")
    assert document.history.texts() == steps
    document.history.undo()
    assert not document.description.resources
    assert document.is_modified
    document.history.redo()
    assert not document.is_modified
    assert read_xml(tmp_path / "lab.xml") == document.description


def test_another_file_has_a_name_of_its_own(qapp, tmp_path):
    document = Document()
    files.save(document, tmp_path / "first.xml")
    files.save_copy(document, tmp_path / "copy.xml")
    assert document.description.exp_id == "first"
    assert read_xml(tmp_path / "copy.xml").exp_id == "copy"
    files.save(document, tmp_path / "second.xml")
    assert document.description.exp_id == "second"
    assert not document.is_modified
    assert read_xml(tmp_path / "second.xml") == document.description


def test_a_name_that_was_chosen_stays_in_another_file(qapp, tmp_path):
    document = Document()
    with document.edit("Name it") as edit:
        edit.set_part("exp_id", "bufferbloat")
    for name in ("first.xml", "second.xml"):
        files.save(document, tmp_path / name)
        files.save_copy(document, tmp_path / f"copy-of-{name}")
    assert {read_xml(path).exp_id for path in tmp_path.iterdir()} == {"bufferbloat"}


def test_a_link_stays_one_and_the_mode_stays(qapp, tmp_path):
    document = Document()
    files.save(document, tmp_path / "real.xml")
    (tmp_path / "real.xml").chmod(0o640)
    (tmp_path / "link.xml").symlink_to("real.xml")
    resources.add_resource(document, "netns::Node")
    files.save(document, tmp_path / "link.xml")
    assert (tmp_path / "link.xml").is_symlink()
    assert (tmp_path / "real.xml").stat().st_mode & 0o777 == 0o640
    assert len(read_xml(tmp_path / "real.xml").resources) == 1
    assert files.same_file(tmp_path / "real.xml", document.path)


def test_what_nobody_knows_is_written_as_it_was_read(qapp, tmp_path):
    source = tmp_path / "foreign.xml"
    text = (ROOT / "examples" / "two-hosts.xml").read_text()
    text = text.replace('rtype="linux::Ping"', 'rtype="lost::Thing"').replace(
        "</rms>", '</rms>\n    <x:more xmlns:x="urn:x" a="1">kept <b/></x:more>'
    )
    source.write_text(text)
    document = Document(files.read(source).likely, source)
    files.save(document, source)
    first = source.read_bytes()
    assert b'<x:more xmlns:x="urn:x" a="1">kept <b/></x:more>' in first
    node = next(iter(document.description.resources))
    resources.move(document, {node: (5, 5)})
    document.history.undo()
    files.save(document, source)
    assert source.read_bytes() == first


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(experiments(), experiments())
def test_another_state_takes_the_place_in_one_step(qapp, before, after):
    document = Document(before.copy())
    files.put_in_place(document, after, "Reload")
    assert exact(document.description.resources) == exact(after.resources)
    for part in ("exp_id", "topology", "global_values", "changes", "foreign"):
        assert exact(getattr(document.description, part)) == exact(getattr(after, part))
    assert len(document.history) <= 1
    document.history.undo()
    assert exact(document.description.resources) == exact(before.resources)
    assert document.description.changes == before.changes


# -- other programs ------------------------------------------------------------------------------------------


@pytest.fixture
def watched(qapp, tmp_path):
    path = tmp_path / "lab.xml"
    path.write_text("one")
    watch = FileWatch()
    watch.follow(path)
    yield watch, path
    watch.deleteLater()
    QCoreApplication.sendPostedEvents(watch, QEvent.Type.DeferredDelete)


def test_a_file_that_another_program_replaces_is_told_again_and_again(qtbot, watched):
    watch, path = watched
    for text in ("two", "three"):
        with qtbot.waitSignal(watch.changed):
            rewrite(path, text)
        assert watch.news == "altered"
        watch.accept()
        assert watch.news == "same"


def test_a_file_that_is_removed_and_comes_back(qtbot, watched):
    watch, path = watched
    with qtbot.waitSignal(watch.changed):
        path.unlink()
    assert watch.news == "gone"
    with qtbot.waitSignal(watch.changed):
        rewrite(path, "one")
    assert watch.news == "same"


def test_a_file_that_is_only_touched_is_the_same(watched):
    watch, path = watched
    rewrite(path, "one")
    watch.look()
    assert watch.news is News.SAME


def test_no_file_is_watched_for_an_untitled_document(qapp):
    watch = FileWatch()
    watch.follow(None)
    watch.look()
    assert (watch.news, watch.digest) == (News.SAME, "")


def test_a_first_save_leaves_what_was_undone_to_be_done_again(qapp, tmp_path):
    document = Document()
    resources.add_resource(document, "netns::Node", (0, 0))
    document.history.undo()
    files.save(document, tmp_path / "named.xml")
    assert not document.is_modified
    assert document.description.exp_id == "named"
    document.history.redo()
    assert document.description.resources
    assert document.description.exp_id == "named"
