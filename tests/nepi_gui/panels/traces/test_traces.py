"""The traces of a run: lists, text that grows, files of any size, captures, and what can be done with them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nepi_core.runs.store import RunStore
from nepi_gui import file_window
from nepi_gui.document import resources
from nepi_gui.panels.traces.capture_reader import CaptureReader
from nepi_gui.panels.traces.growth import Growth
from nepi_gui.panels.traces.panel import TracesPanel
from nepi_gui.panels.traces.saving import copy_file
from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window.application import Application
from nepi_gui.window.main_window import MainWindow
from nepi_gui.window.safekeeping import SafekeepingFeature
from tests.nepi_gui.captures.samples import pcapng, udp
from tests.nepi_gui.panels.lone import Lone


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a run that is over, with traces of two resources."""
    folder = tmp_path / "lab" / "run1"
    store = RunStore(folder)
    store.facts(exp_id="lab", run_id="run1", began=1.0, outcome="done")
    store.resource(1, "linux::Ping", "ping one")
    store.resource(2, "netns::Capture", "")
    store.close()
    traces = folder / "traces"
    traces.mkdir()
    (traces / "1.stdout").write_text("".join(f"line {number}\n" for number in range(100)))
    (traces / "1.stderr").write_text("")
    (traces / "2.packets.pcapng").write_bytes(
        pcapng([(float(n), udp("10.0.0.1", 5, "10.0.0.2", 6)) for n in (1, 2, 3)])
    )
    return folder


@pytest.fixture
def window(lone: Lone) -> Lone:
    """Return a window with nothing but the panel."""
    lone.put("traces", TracesPanel(lone.editor))
    return lone


@pytest.fixture
def panel(window: Lone, folder: Path, qtbot: QtBot) -> TracesPanel:
    """Return the panel, which shows that run."""
    return watching(window, folder, qtbot)


def watching(window: Lone | MainWindow, folder: Path, qtbot: QtBot) -> TracesPanel:
    for kind in ("linux::Ping", "netns::Capture"):
        resources.add_resource(window.editor.document, kind, (0, 0))
    window.editor.watch(WatchedRun(folder))
    window.editor.selection.clear()
    window.show_panel("traces")
    panel = window.docks["traces"].widget()
    assert isinstance(panel, TracesPanel)
    qtbot.waitUntil(lambda: panel.isVisible() and len(panel.tree.traces.groups) == 2, timeout=20_000)
    panel.resize(800, 300)
    return panel


def shown(panel: TracesPanel) -> str:
    return panel.text.toPlainText()


def listed(panel: TracesPanel) -> dict[str, list[str]]:
    return {group.name: [file.name for file in group.files] for group in panel.tree.traces.groups}


def select(window: Lone | MainWindow, guid: int, panel: TracesPanel, qtbot: QtBot, name: str) -> None:
    window.editor.selection.set([guid])
    qtbot.waitUntil(lambda: panel.bar.title.text().endswith(name), timeout=20_000)


def test_list_of_all_and_of_what_is_selected(panel: TracesPanel, window: Lone, qtbot: QtBot) -> None:
    assert listed(panel) == {"ping one": ["stderr", "stdout"], "Capture 2": ["packets.pcapng"]}
    select(window, 1, panel, qtbot, "ping one · stdout")
    assert listed(panel) == {"ping one": ["stderr", "stdout"]}
    assert shown(panel).endswith("line 99\n")
    panel.selected.click()
    qtbot.waitUntil(lambda: len(listed(panel)) == 2, timeout=20_000)
    assert panel.bar.title.text() == "ping one · stdout"
    qtbot.keyClicks(panel.words, "PING err")
    qtbot.waitUntil(lambda: listed(panel) == {"ping one": ["stderr"]}, timeout=20_000)
    index = panel.tree.traces.index_of(panel.tree.traces.groups[0].files[0].path)
    assert panel.tree.traces.index(0, 1).data() == "0 B"
    panel.tree.setCurrentIndex(index)
    assert panel.bar.title.text() == "ping one · stderr"
    window.editor.selection.clear()
    panel.tree.activated.emit(index)
    assert window.editor.selection.guids == [1]


def test_without_a_run_or_a_trace_it_says_so(window: Lone, tmp_path: Path, qtbot: QtBot) -> None:
    window.show_panel("traces")
    panel = window.docks["traces"].widget()
    assert isinstance(panel, TracesPanel)
    qtbot.waitUntil(lambda: panel.nothing.text().startswith("No run is watched"), timeout=20_000)
    (tmp_path / "empty").mkdir()
    window.editor.watch(WatchedRun(tmp_path / "empty"))
    qtbot.waitUntil(lambda: panel.nothing.text() == "No trace has been written so far.", timeout=20_000)


def test_new_lines_appear_until_the_user_looks_back(
    panel: TracesPanel, window: Lone, folder: Path, qtbot: QtBot
) -> None:
    select(window, 1, panel, qtbot, "stdout")
    bar = panel.text.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    with (folder / "traces" / "1.stdout").open("ab", buffering=0) as file:
        file.write(b"\x1b[31mred\x1b[0m \0 \xff\n")
        qtbot.waitUntil(lambda: shown(panel).endswith("red ␀ �\n"), timeout=20_000)
        assert bar.value() == bar.maximum()
        bar.setValue(3)
        assert not panel.bar.follow.isChecked()
        size = len(shown(panel))
        file.write(b"and more\n")
        qtbot.waitUntil(lambda: panel.bar.part.text().startswith("0 B to"), timeout=20_000)
        assert (len(shown(panel)), bar.value()) == (size, 3)
        qtbot.mouseClick(panel.bar.follow, Qt.MouseButton.LeftButton)
        assert shown(panel).endswith("and more\n")
        assert bar.value() == bar.maximum()


def test_file_of_ten_gigabytes(panel: TracesPanel, window: Lone, folder: Path, qtbot: QtBot) -> None:
    with (folder / "traces" / "1.stdout").open("wb") as file:
        file.write(b"the first line\n")
        file.seek(10 * 1024**3)
        file.write(b"\n" + b"".join(b"late line %d\n" % number for number in range(30_000)))
    select(window, 1, panel, qtbot, "stdout")
    assert shown(panel).endswith("late line 29999\n")
    bar = panel.text.verticalScrollBar()
    for _ in range(30):
        top = panel.text.firstVisibleBlock().text()
        bar.setValue(0)
        if panel.text.window_on is not None and panel.text.window_on.pieces[-1].end < panel.text.window_on.size:
            break
        assert panel.text.firstVisibleBlock().text() != top
    assert len(shown(panel)) < 2 * file_window.MOST_BYTES
    number = int(panel.text.firstVisibleBlock().text().split()[-1])
    assert number < 12_000
    panel.text.verticalScrollBar().setValue(bar.maximum())
    later = int(panel.text.firstVisibleBlock().text().split()[-1])
    assert later > number
    qtbot.keyClick(panel.text, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    assert shown(panel).startswith("the first line\n")
    qtbot.keyClick(panel.text, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert shown(panel).endswith("late line 29999\n")
    assert panel.text.is_following


def test_reading_back_loses_and_repeats_nothing(panel: TracesPanel, window: Lone, folder: Path, qtbot: QtBot) -> None:
    (folder / "traces" / "1.stdout").write_bytes(b"".join(b"%d\n" % number for number in range(50_000)))
    select(window, 1, panel, qtbot, "stdout")
    bar = panel.text.verticalScrollBar()
    for place in [0] * 15 + [10**9] * 8 + [0] * 3:
        bar.setValue(min(place, bar.maximum()))
        numbers = [int(line) for line in shown(panel).split()]
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert len(numbers) <= file_window.MOST_LINES + 2_000


def test_program_that_prints_without_end_is_shown_at_its_end(
    panel: TracesPanel, window: Lone, folder: Path, qtbot: QtBot
) -> None:
    select(window, 1, panel, qtbot, "stdout")
    with (folder / "traces" / "1.stdout").open("ab", buffering=0) as file:
        for _ in range(8):
            file.write(b"too much\n" * 200_000)
        qtbot.waitUntil(lambda: "left out" in panel.bar.part.text(), timeout=20_000)
        assert panel.text.blockCount() < 30_000
        file.write(b"the end\n")
        qtbot.waitUntil(lambda: shown(panel).endswith("the end\n"), timeout=20_000)
        panel.text.verticalScrollBar().setValue(0)
        assert "left out" not in panel.bar.part.text()


def test_file_that_goes_and_comes_again(panel: TracesPanel, window: Lone, folder: Path, qtbot: QtBot) -> None:
    select(window, 1, panel, qtbot, "stdout")
    path = folder / "traces" / "1.stdout"
    path.unlink()
    qtbot.waitUntil(lambda: "cannot be read" in panel.bar.part.text(), timeout=20_000)
    path.write_text("anew\n")
    qtbot.waitUntil(lambda: shown(panel) == "anew\n", timeout=20_000)
    path.write_text("cut")
    qtbot.waitUntil(lambda: shown(panel) == "cut", timeout=20_000)


def test_hidden_it_rests(panel: TracesPanel, window: Lone, folder: Path, qtbot: QtBot) -> None:
    select(window, 1, panel, qtbot, "stdout")
    window.docks["traces"].hide()
    (folder / "traces" / "1.stdout").write_text("meanwhile\n")
    QApplication.sendPostedEvents()
    assert "meanwhile" not in shown(panel)
    window.show_panel("traces")
    assert shown(panel) == "meanwhile\n"


# -- finding -----------------------------------------------------------------------------------------------------


def is_found(panel: TracesPanel, line: str) -> bool:
    return not panel.find_bar.is_searching and panel.text.textCursor().block().text() == line


def test_finding_in_all_of_a_long_file(panel: TracesPanel, window: Lone, folder: Path, qtbot: QtBot) -> None:
    lines = [b"nothing of interest"] * 60_000
    for number in (10, 30_000, 59_990):
        lines[number] = b"Needle %d" % number
    (folder / "traces" / "1.stdout").write_bytes(b"\n".join(lines))
    select(window, 1, panel, qtbot, "stdout")
    qtbot.keyClick(panel.text, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    bar = panel.find_bar
    assert bar.isVisible()
    qtbot.keyClicks(bar.words, "needle")
    for key, number in (
        (Qt.KeyboardModifier.NoModifier, 59_990),
        (Qt.KeyboardModifier.NoModifier, 10),
        (Qt.KeyboardModifier.NoModifier, 30_000),
        (Qt.KeyboardModifier.ShiftModifier, 10),
        (Qt.KeyboardModifier.ShiftModifier, 59_990),
    ):
        qtbot.keyClick(bar.words, Qt.Key.Key_Return, key)
        qtbot.waitUntil(partial(is_found, panel, f"Needle {number}"), timeout=20_000)
        assert panel.text.textCursor().selectedText() == "Needle"
    assert not panel.text.is_following
    bar.words.setText("no such words")
    bar.next.click()
    qtbot.waitUntil(lambda: bar.told.text() == "Nothing found.", timeout=20_000)
    bar.next.click()
    qtbot.keyClick(bar.words, Qt.Key.Key_Escape)
    assert not bar.is_searching
    assert not bar.isVisible()


# -- captures ----------------------------------------------------------------------------------------------------


def test_capture_is_summed_up_and_again_while_it_grows(
    panel: TracesPanel, window: Lone, folder: Path, qtbot: QtBot
) -> None:
    select(window, 2, panel, qtbot, "packets.pcapng")
    qtbot.waitUntil(lambda: panel.capture.told.text().startswith("3 packets, 150 B in 2 s"), timeout=20_000)
    table = panel.capture.conversations.model()
    row = [table.index(0, column).data() for column in range(table.columnCount())]
    assert row == ["UDP", "10.0.0.1:5", "10.0.0.2:6", "3", "150 B", "0", "0 B", "0.000 s", "2.000 s"]
    protocols = panel.capture.protocols.model()
    assert [protocols.index(each, 0).data().strip() for each in range(3)] == ["Ethernet", "IPv4", "UDP"]
    more = pcapng([(9.0, udp("10.0.0.3", 5, "10.0.0.2", 6, 500))])[-(12 + 20 + 542 + 2) :]
    with (folder / "traces" / "2.packets.pcapng").open("ab") as file:
        file.write(more)
    qtbot.waitUntil(lambda: panel.capture.told.text().startswith("4 packets"), timeout=20_000)
    assert table.index(0, 1).data() == "10.0.0.3:5"
    panel.capture.conversations.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert table.index(0, 1).data() == "10.0.0.1:5"


def test_capture_that_cannot_be_read_is_read_when_it_can_be(lone: Lone, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "1.packets.pcapng"
    reader = CaptureReader(lone)
    with qtbot.waitSignal(reader.failed, timeout=20_000) as failed:
        reader.read(path)
    assert failed.args == ["The capture cannot be read: No such file or directory."]
    with qtbot.waitSignal(reader.counted, timeout=20_000) as counted:
        path.write_bytes(pcapng([(1.0, b"one")]))
    assert counted.args[0].packets == 1
    reader.close()


def test_damaged_capture_is_told(panel: TracesPanel, window: Lone, folder: Path, qtbot: QtBot) -> None:
    with (folder / "traces" / "2.packets.pcapng").open("ab") as file:
        file.write(b"nonsense" * 10)
    select(window, 2, panel, qtbot, "packets.pcapng")
    qtbot.waitUntil(lambda: "damaged" in panel.capture.notice.text(), timeout=20_000)
    assert panel.capture.told.text().startswith("3 packets")


def test_wireshark(
    application: Application, folder: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = application.open_window()
    panel = watching(window, folder, qtbot)
    select(window, 2, panel, qtbot, "packets.pcapng")
    monkeypatch.setenv("PATH", str(tmp_path))
    panel.bar.wireshark.click()
    notices = SafekeepingFeature.of(window).notices
    assert "install the package 'wireshark'" in notices["traces"].text
    program = tmp_path / "wireshark"
    program.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/told.part\nexec /bin/mv {tmp_path}/told.part {tmp_path}/told\n'
    )
    program.chmod(0o755)
    panel.bar.wireshark.click()
    qtbot.waitUntil((tmp_path / "told").exists, timeout=20_000)
    assert (tmp_path / "told").read_text().startswith("-r ")


def is_last(told: list[str], said: str) -> bool:
    return said in told[-1]


# -- the file ----------------------------------------------------------------------------------------------------


def test_what_can_be_done_with_the_file(
    panel: TracesPanel, window: Lone, folder: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url.toLocalFile())
        return len(opened) < 2

    told: list[str] = []
    window.editor.told.connect(told.append)
    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    select(window, 1, panel, qtbot, "stdout")
    path = folder / "traces" / "1.stdout"
    panel.bar.open_outside.trigger()
    panel.bar.show_folder.trigger()
    assert opened == [str(path), str(path.parent)]
    assert "No program is known" in told[-1]
    panel.bar.copy_path.trigger()
    assert QGuiApplication.clipboard().text() == str(path)
    for target, said in (
        (tmp_path / "copy", "Saved as"),
        (path, "the trace itself"),
        (tmp_path / "no" / "x", "No such"),
    ):
        monkeypatch.setattr(panel, "ask_where", lambda file, target=target: target)
        panel.bar.save_as.trigger()
        qtbot.waitUntil(partial(is_last, told, said), timeout=20_000)
    assert (tmp_path / "copy").read_bytes() == path.read_bytes()
    assert sorted(each.name for each in tmp_path.iterdir() if each.name.startswith(".")) == []


def test_copying_can_be_given_up(tmp_path: Path) -> None:
    (tmp_path / "trace").write_bytes(b"x" * 100)
    leaving = threading.Event()
    leaving.set()
    with pytest.raises(OSError, match="closed"):
        copy_file(tmp_path / "trace", tmp_path / "copy", leaving)
    assert [each.name for each in tmp_path.iterdir()] == ["trace"]


def test_pipe_among_the_traces_holds_nobody_up(panel: TracesPanel, window: Lone, folder: Path, qtbot: QtBot) -> None:
    os.mkfifo(folder / "traces" / "1.pipe")
    (folder / "traces" / "1.stdout").unlink()
    (folder / "traces" / "1.stderr").unlink()
    select(window, 1, panel, qtbot, "pipe")
    assert "no ordinary file" in panel.nothing.text()


def test_shown_by_key(application: Application, folder: Path, qtbot: QtBot) -> None:
    window = application.open_window()
    panel = watching(window, folder, qtbot)
    window.docks["traces"].hide()
    window.editor.selection.set([1])
    window.commands["traces.show"].trigger()
    assert panel.bar.title.text() == "ping one · stdout"
    assert window.docks["traces"].isVisible()


def test_growth_of_a_file_that_never_rests(qtbot: QtBot, tmp_path: Path, qapp: QApplication) -> None:
    growth = Growth(qapp)
    path = tmp_path / "file"
    growth.watch(path)

    def write(text: str) -> Callable[[], None]:
        def work() -> None:
            with path.open("a") as file:
                file.write(text)

        return work

    for text in ("it comes", "into being", "and grows"):
        with qtbot.waitSignal(growth.grew, timeout=20_000):
            write(text)()
    growth.watch(None)
    growth.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
