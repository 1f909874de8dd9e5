"""What the garbage collection looks through while runs are watched."""

from __future__ import annotations

import gc
from contextlib import closing

from nepi_core.times import now
from nepi_gui.document import resources
from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window.running import RunningFeature, WhenClosing
from tests.nepi_gui.recorded import begin


def test_what_was_there_before_a_run_is_spared_as_long_as_it_goes_on(application, tmp_path, qtbot):
    window, other = application.open_window(), application.open_window()
    resources.add_resource(window.editor.document, "netns::Node", (0, 0))
    with closing(begin(tmp_path / "run", window.editor.document.freeze(), (), now())) as store:
        run = WatchedRun(tmp_path / "run")
        window.editor.watch(run)
        assert gc.get_freeze_count()
        other.close()
        assert gc.get_freeze_count()
        window.editor.watch(None)
        assert not gc.get_freeze_count()
        run = WatchedRun(tmp_path / "run")
        window.editor.watch(run)
        assert gc.get_freeze_count()
        store.facts(outcome="done", ended=now())
    qtbot.waitUntil(lambda: not run.is_live, timeout=20_000)
    assert not gc.get_freeze_count()


def test_a_window_that_is_closed_while_its_run_goes_on_is_given_back(application, tmp_path, monkeypatch):
    window = application.open_window()
    monkeypatch.setattr(RunningFeature.of(window), "ask_what_becomes_of", lambda folder: WhenClosing.KEEP)
    with closing(begin(tmp_path / "run", window.editor.document.freeze(), (), now())):
        window.editor.watch(WatchedRun(tmp_path / "run"))
        assert gc.get_freeze_count()
        window.close()
        assert not gc.get_freeze_count()
