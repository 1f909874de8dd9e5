"""The commands and programs in the documentation do what the text around them says.

In a block ``console`` a line ``$ command`` is run and must succeed; when lines ``! text`` follow, it must fail and
print these texts. A block ``python`` is run as a program. All of one page run in one folder, in their order.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def steps(page):
    for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind == "python":
            yield [sys.executable, "-c", text], []
            continue
        lines = text.splitlines()
        for number, line in enumerate(lines):
            if line.startswith("$ "):
                failing = [each[2:] for each in _until_next_command(lines[number + 1 :]) if each.startswith("! ")]
                yield ["sh", "-c", line[2:]], failing


def _until_next_command(lines):
    for line in lines:
        if line.startswith("$ "):
            return
        yield line


RUNNABLE = [page for page in PAGES if any(True for _ in steps(page))]


@pytest.mark.parametrize("page", RUNNABLE, ids=lambda page: str(page.relative_to(ROOT)))
def test_page(page, tmp_path):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "NEPI_LOCAL_DIR": str(tmp_path / "default"),
        "COLUMNS": "200",
    }
    for command, failing in steps(page):
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
        )
        said = done.stdout + done.stderr
        if failing:
            assert done.returncode, f"{command[-1]} succeeded:\n{said}"
            assert [text for text in failing if text not in said] == [], said
        else:
            assert done.returncode == 0, f"{command[-1]}:\n{said}"


def test_links_lead_somewhere():
    missing = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert missing == []
