"""The table that a benchmark prints: what was measured, beside what it should reach and what others take."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, field


@dataclass
class Table:
    """Rows of a benchmark; all cells are text."""

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, *cells: str) -> None:
        """Add a row, and show that it is done."""
        self.rows.append(cells)
        print("  " + " | ".join(cells), flush=True)

    def markdown(self) -> str:
        """Return the table as Markdown."""
        lines = [self.columns, tuple("---" for _ in self.columns), *self.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def seconds(value: float) -> str:
    """Return a duration with a unit that suits it and three digits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-6:.3g} µs"


def machine() -> str:
    """Return in a sentence where the numbers come from."""
    return (
        f"Python {platform.python_version()}, {platform.system()} {platform.release().split('-')[0]}, "
        f"{os.cpu_count()} cores; medians."
    )
