"""The page holds what the run folder holds, is self-contained, and is not taken over by hostile names."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import urllib.parse
from pathlib import Path

import pytest

from nepi_core.errors import RunStoreError
from nepi_core.report import write_report
from tests.nepi_core.report.recorded_runs import FAILED, READY, RELEASED, STARTED, ordinary_run, report, words

HOSTILE = "</style><script>alert(1)</script><img src=x onerror=alert(2)>'\"&$x^2 \x1b[31m\u202e"


def section(page, name):
    (heading,) = page.xpath(f"//h2[@id='{name}']")
    return words(heading.getparent())


def test_page_holds_what_was_recorded(run):
    ordinary_run(run)
    run.log(30, "a warning", 3)
    run.log(20, "a remark")
    run.end()
    page = report(run.folder)
    assert words(page).startswith("made-up: Done Report of an experiment run made-up Done The run came to its end.")
    assert "rtt Ping 3 stdout 3 1 3 6 6 ms" in section(page, "figures")
    assert "rtt Ping 3 · stdout · 3 samples" in section(page, "plots")
    assert "START of Ping 3: 2s after Application 2 is STARTED" in section(page, "experiment")
    assert "the host READY STARTED STOPPED STOPPED Application 2" in section(page, "timeline")
    assert "hostname = localhost connected to Application 2, Ping 3" in section(page, "resources")
    assert "1 s WARNING Ping 3: a warning All 2 lines" in section(page, "log")
    assert "traces/3.stdout Ping 3 1.23 kB" in section(page, "traces")
    assert "kernel a kernel" in section(page, "environment")
    assert "nepi-gui --run experiment.xml" in section(page, "again")
    assert not page.xpath("//*[@class='notices']")


def test_page_needs_nothing_but_itself(run):
    ordinary_run(run)
    run.end()
    page = report(run.folder)
    links = [str(link) for link in page.xpath("//@href | //@src | //@data | //@action")]
    assert links
    assert all(re.match("#|traces/", link) for link in links)
    assert not page.xpath("//link | //img | //iframe | //object")
    text = (run.folder / "report.html").read_text()
    assert not re.search(r"@import|url\((?!#)", text)
    assert set(re.findall(r"https?://[^\"' ]+", text)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_policy_allows_the_one_script(run):
    run.end()
    page = report(run.folder)
    (script,) = page.xpath("//script")
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode() in policy


def test_hostile_text_stays_text(run):
    run.resource(1, "linux::Node", HOSTILE.replace("\x1b", ""), hostname="<b>")
    run.resource(2, "<i>::x")
    run.lives(1, (READY, 1.0), (FAILED, 2.0), cause=HOSTILE)
    run.samples(1, HOSTILE, [1.0, 2.0], HOSTILE, trace=HOSTILE)
    run.log(40, HOSTILE, 1)
    run.trace("1.<img src=x>")
    run.end("failed", cause=HOSTILE)
    page = report(run.folder)
    assert len(page.xpath("//script")) == 1
    assert not page.xpath("//img | //i[not(@class)] | //b | //@onerror")
    assert "\x1b" not in words(page)
    assert "\u202e" not in words(page)
    assert "<script>alert(1)</script>" in section(page, "log")


def test_links_lead_to_the_files(run):
    names = ["3.std out", "3.100%", "4.#?", os.fsdecode(b"bad\xff"), "a:b"]
    for name in names:
        run.trace(name)
    run.end()
    links = report(run.folder).xpath("//table//a/@href")
    assert len(links) == len(names)
    for link in links:
        assert (run.folder / os.fsdecode(urllib.parse.unquote_to_bytes(link))).is_file()


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        ("done", "Done"),
        ("failed", "Failed"),
        ("interrupted", "Interrupted"),
        ("running", "Cut short"),
        ("?", "Unknown"),
    ],
)
def test_outcome_in_words(run, outcome, word):
    run.end(outcome)
    (shown,) = report(run.folder).xpath("//div[starts-with(@class, 'verdict')]/strong")
    assert shown.text == word


def test_run_that_goes_on(run):
    run.store.facts(outcome="running")
    run.store.flush()
    assert "The run still goes on" in words(report(run.folder))


def test_first_failure_comes_first_with_its_cause(run):
    for guid in range(1, 21):
        run.resource(guid)
        run.lives(guid, (STARTED, 0.0), (FAILED, 10.0 - guid / 4), (RELEASED, 10.0), cause=f"cause {guid}")
    run.end("failed")
    page = report(run.folder)
    (verdict,) = page.xpath("//div[starts-with(@class, 'verdict')]")
    said = ["cause 20", "cause 19", "8 more resources failed", "cause 8", "cause 1"]
    assert re.findall(rf"{'|'.join(f'{each}(?![0-9])' for each in said)}", words(verdict)) == said


def test_done_with_failures(run):
    run.resource(1)
    run.lives(1, (FAILED, 1.0), cause="not critical")
    run.end()
    assert "Done, with failures The run came to its end, although 1 resource failed." in words(report(run.folder))


def test_ids_are_unique_and_references_lead_somewhere(run):
    ordinary_run(run)
    run.samples(2, "other", [1.0, 5.0])
    run.end()
    page = report(run.folder)
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    text = (run.folder / "report.html").read_text()
    assert set(re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', text))
    for found in re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', text):
        assert (found[0] or found[1]) in ids


def test_pictures_follow_light_and_dark(run):
    ordinary_run(run)
    run.end()
    pictures = re.findall("<svg.*?</svg>", write_report(run.folder).read_text(), re.DOTALL)
    assert len(pictures) == 2
    for picture in pictures:
        assert "currentColor" in picture
        assert "font-family" not in picture
        for fixed in ("#1c2026", "#6b7280", "#fefefe"):
            assert fixed not in picture


def test_no_such_folder(tmp_path):
    with pytest.raises(RunStoreError, match="is no folder"):
        write_report(tmp_path / "nothing")


def test_empty_folder(tmp_path):
    page = report(tmp_path)
    assert words(page.xpath("//div[@class='notices']")[0]) == (
        "There is no run.sqlite: states, values and log of this run are missing. "
        "There is no experiment.xml: the description of this run is missing."
    )


def damage_database(folder: Path) -> None:
    data = bytearray((folder / "run.sqlite").read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    (folder / "run.sqlite").write_bytes(data)


def damage_description(folder: Path) -> None:
    (folder / "experiment.xml").write_text("<experiment><rms><rm guid='x'")


@pytest.mark.parametrize("damage", [damage_database, damage_description])
def test_damaged_parts_are_told_and_the_others_shown(run, damage):
    ordinary_run(run)
    run.end()
    damage(run.folder)
    page = report(run.folder)
    (notices,) = page.xpath("//div[@class='notices']")
    assert "run.sqlite" in words(notices) or "experiment.xml cannot be read" in words(notices)
    assert "traces/3.stdout" in section(page, "traces")


def test_damaged_values_are_left_out(run):
    import sqlite3

    ordinary_run(run)
    run.end()
    with sqlite3.connect(run.folder / "run.sqlite") as database:
        database.execute("UPDATE readings SET value = 'no number' WHERE value = 2")
        database.execute("UPDATE readings SET time = NULL WHERE value = 1")
        database.execute("UPDATE state_changes SET time = 'x' WHERE new = 3")
        database.execute("UPDATE run SET value = 'soon' WHERE name = 'began'")
        database.execute("INSERT INTO log VALUES (NULL, 'x', 'y', NULL, NULL, NULL)")
    database.close()
    page = report(run.folder)
    assert "make no sense" in words(page.xpath("//div[@class='notices']")[0])
    assert "the host STARTED" in section(page, "timeline")


def test_an_earlier_report_is_replaced(run):
    run.end()
    (run.folder / "report.html").write_text("old")
    assert words(report(run.folder)).startswith("made-up")
    assert not [path for path in run.folder.iterdir() if path.suffix == ".tmp"]


def test_large_run_is_folded_and_says_so(run):
    for guid in range(1, 301):
        run.resource(guid, "linux::Node" if guid <= 100 else "linux::Ping", hostname=f"host{guid}")
        run.lives(guid, (READY, 1.0), (STARTED, 2.0), (FAILED if guid == 250 else RELEASED, 5.0 + guid / 100))
        run.samples(guid, "rtt", [float(guid)] * 5, "ms")
        run.log(30, f"warning {guid}", guid)
    run.end()
    page = report(run.folder)
    assert "rtt all 100 linux::Node stdout 500 1 50.50 100" in section(page, "figures")
    assert "Each of the 300 series" in section(page, "figures")
    assert "all 200 linux::Ping" in section(page, "plots")
    assert len(page.xpath("//h2[@id='plots']/..//figure")) == 2
    assert "100 of them, failed ones first" in section(page, "timeline")
    assert "These are 300 resources, so each bar is of all of one type" in section(page, "timeline")
    assert "200 more warnings and errors" in section(page, "log")
    assert "The last 200 of 300 lines" in section(page, "log")
    assert (run.folder / "report.html").stat().st_size < 1_500_000
