from __future__ import annotations

import shutil

import pytest

needs_dpkg = pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="no Debian package manager")

IMPOSSIBLE = "nepi-no-such-package-at-all"


@needs_dpkg
def test_packages_that_are_installed_need_nothing(bench):
    app = bench.shell("echo fine", depends="dpkg; base-files")
    assert bench.run(app) == ["STOPPED"]
    assert bench.printed(app) == "fine\n"


@needs_dpkg
def test_package_that_cannot_be_had_is_named(bench, expect_log):
    expect_log("FAILED")
    app = bench.shell("true", depends=f"dpkg {IMPOSSIBLE}")
    state, cause = bench.outcome(app)
    assert state == "FAILED"
    assert IMPOSSIBLE in cause or "must run as root" in cause  # as an ordinary user there is not even an attempt


@pytest.mark.parametrize("name", ["--force-yes", "-o", "$(touch", "a'b", "../x"])
def test_what_is_no_package_is_refused(bench, expect_log, name):
    expect_log("is no name of a package")
    app = bench.shell("true", depends=name)
    state, cause = bench.outcome(app)
    assert (state, cause) == ("FAILED", f"{name!r} is no name of a package.")
