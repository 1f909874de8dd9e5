"""What the panel says about a trace that grows agrees, in whichever place it says so."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from nepi_gui.captures.__main__ import Reading
from nepi_gui.captures.tally import Count, Summary
from nepi_gui.panels.traces.panel import TracesPanel
from nepi_gui.watching.watched_run import WatchedRun
from tests.nepi_gui.captures.samples import pcapng, udp
from tests.nepi_gui.panels.lone import Lone
from tests.nepi_gui.runs.recorded import record


def test_list_and_header_tell_the_same_size(lone: Lone, tmp_path: Path, qtbot: QtBot) -> None:
    folder = record(tmp_path / "tried" / "one")
    panel = TracesPanel(lone.editor)
    lone.put("traces", panel)
    lone.editor.watch(WatchedRun(folder))
    lone.show_panel("traces")
    qtbot.waitUntil(lambda: panel.bar.part.text() == "24 B", timeout=20_000)
    with (
        qtbot.waitSignal(panel.tree.traces.dataChanged, timeout=20_000),
        (folder / "traces" / "2.stdout").open("a") as file,
    ):
        file.write("more\n")
    assert panel.bar.part.text() == panel.tree.traces.index(0, 1).data() == "29 B"


def test_protocols_count_as_many_packets_as_the_capture_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    packets = [(float(number), udp("10.0.0.1", 5, "10.0.0.2", 6)) for number in range(3)]
    path = tmp_path / "capture.pcapng"
    path.write_bytes(pcapng(packets[:2]))
    found = [(("eth",), Count(2, 84))]
    monkeypatch.setattr("nepi_gui.captures.__main__.ask_tshark", lambda path, size: found)
    reading = Reading(path)
    reading._read_on()
    reading._wait_for_tshark(reading._place, reading._place)
    reading._tell()
    path.write_bytes(pcapng(packets))
    reading._read_on()
    reading._tell()
    os.close(reading._wake_reader)
    os.close(reading._wake_writer)
    early, late = (Summary.from_json(json.loads(line)) for line in capsys.readouterr().out.splitlines())
    assert (early.by_tshark, early.protocols) == (True, found)
    assert not late.by_tshark
    assert late.protocols[0][1].packets == late.packets == 3
