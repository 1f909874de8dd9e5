from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from nepi_core.states import ResourceState
from tests.resources.conftest import PATIENCE


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """Serve the folder ``web`` on the loopback, and return its address."""
    folder = tmp_path / "web"
    folder.mkdir()
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_files_and_folders(bench, tmp_path):
    (tmp_path / "one.txt").write_text("one")
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    (tmp_path / "folder" / "deep" / "two.txt").write_text("two")
    app = bench.shell('cat "$SRC/one.txt" "$SRC/folder/deep/two.txt"', sources=f"{tmp_path}/one.txt; {tmp_path}/folder")
    assert bench.run(app) == ["STOPPED"]
    assert bench.printed(app) == "onetwo"


def test_each_kind_has_its_folder(bench, tmp_path):
    for name in ("shared", "library", "program"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {name}\n")
    files = {
        kind: str(tmp_path / name) for kind, name in (("files", "shared"), ("libs", "library"), ("bins", "program"))
    }
    app = bench.shell('"$BIN/program"; test -f "$SHARE/shared" && test -f "$LIB/library"', **files)
    assert bench.run(app) == ["STOPPED"]
    assert bench.printed(app) == "program\n"


def test_missing_file_is_named(bench, expect_log):
    expect_log("names '/no/such/file'")
    app = bench.shell("true", sources="/no/such/file")
    state, cause = bench.outcome(app)
    assert (state, cause) == (
        "FAILED",
        f"linux::Application {app}: attribute 'sources' names '/no/such/file', which does not exist here.",
    )


def test_download(bench, web, tmp_path):
    (tmp_path / "web" / "data.csv").write_text("1;2")
    app = bench.shell('cat "$SRC/data.csv"', sources=f"{web}/data.csv?x=1")
    assert bench.run(app) == ["STOPPED"]
    assert bench.printed(app) == "1;2"


def test_download_that_fails_is_told(bench, web, expect_log):
    expect_log("404")
    app = bench.shell("true", sources=f"{web}/nothing")
    state, cause = bench.outcome(app)
    assert state == "FAILED"
    assert f"{web}/nothing" in cause
    assert "404" in cause


def test_code_from_text_is_built_and_installed(bench):
    app = bench.shell(
        '"$BIN/hello"',
        code="#!/bin/sh\necho 'hello; world'\n",
        build='cp "$CODE" hello && chmod +x hello',
        install='mkdir -p "$BIN" && mv hello "$BIN/hello"',
    )
    assert bench.run(app) == ["STOPPED"]
    assert bench.printed(app) == "hello; world\n"


@pytest.mark.parametrize("in_file", [True, False])
def test_code_from_a_file_or_a_long_line(bench, tmp_path, in_file):
    text = "x=" + "1" * 6000
    (tmp_path / "code").write_text(text)
    app = bench.shell('cat "$CODE"', code=str(tmp_path / "code") if in_file else text)
    assert bench.run(app) == ["STOPPED"]
    assert bench.printed(app) == text


@pytest.mark.parametrize("attribute", ["build", "install"])
def test_step_that_fails_is_told(bench, expect_log, attribute):
    expect_log("exit status 2")
    app = bench.shell("touch started", **{attribute: "echo some lines; echo 'missing header' >&2; exit 2"})
    state, cause = bench.outcome(app)
    assert state == "FAILED"
    assert f"'{attribute}: sh -c" in cause
    assert cause.endswith("exit status 2: some lines\nmissing header")
    log = Path(bench.ec.run_dir, "preparation", f"{app}.{attribute}.txt")
    assert log.read_text() == "some lines\nmissing header\n"


def test_release_ends_a_long_step(bench):
    app = bench.shell("true", build="sleep 1000")
    bench.ec.deploy()
    bench.ec.wait(app, ResourceState.DISCOVERED, timeout=PATIENCE)
    bench.ec.release(timeout=PATIENCE)
    states = [change.new.name for change in bench.ec.get_resource(app).life.changes]
    assert states == ["DISCOVERED", "RELEASED"]


def test_steps_come_in_order(bench, tmp_path):
    (tmp_path / "part").write_text("part\n")
    app = bench.shell(
        'cat "$SHARE/part" log', files=str(tmp_path / "part"), build="echo b >> log", install="echo i >> log"
    )
    bench.run(app)
    assert bench.printed(app) == "part\nb\ni\n"
