"""The reference is made from the declarations, and is up to date."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_reference_of_resource_types_is_up_to_date():
    made = runpy.run_path(str(ROOT / "docs/make_reference.py"))
    assert made["PAGE"].read_text(encoding="utf-8") == made["reference"](), "run: python docs/make_reference.py"


def test_every_benchmark_has_its_table():
    page = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
    for part in page.split("<!-- begin ")[1:]:
        assert part.count("\n|") > 5, part.split(" ")[0]
