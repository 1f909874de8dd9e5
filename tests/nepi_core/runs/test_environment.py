"""What is recorded about the machine, and what is not."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from pathlib import Path

import pytest

from nepi_core.runs import environment


def test_it_names_what_results_depend_on() -> None:
    collected = environment.collect(seeds={"topology": 7}, description=b"<experiment/>")
    assert collected["python"].endswith(platform.python_version())
    assert collected["kernel"].startswith("Linux ")
    assert collected["library networkx"]
    assert collected["memory"].endswith(" GiB")
    assert collected["seed topology"] == "7"
    assert collected["description sha256"] == hashlib.sha256(b"<experiment/>").hexdigest()
    assert all(isinstance(value, str) and value for value in collected.values())


def test_without_seeds_and_description_it_names_none() -> None:
    assert not [name for name in environment.collect() if name.startswith(("seed", "description"))]


def test_secrets_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_SETTING", "hunter2")
    monkeypatch.setattr(sys, "orig_argv", ["nepi-gui", "--run", "a b.xml", "--set", "3.userPassword=hunter2\nhunter2"])
    collected = environment.collect()
    assert collected["command"] == "nepi-gui --run 'a b.xml' --set '3.userPassword=***'"
    assert not [name for name, value in collected.items() if "hunter2" in value]


def test_a_user_without_a_name_has_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 3_999_999_999)
    assert environment.collect()["user"] == "3999999999"


def test_a_folder_that_is_gone_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    tmp_path.rmdir()
    assert environment.collect()["folder"] == "(removed)"
