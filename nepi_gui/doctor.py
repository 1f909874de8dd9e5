"""What works on this machine, and what to install or set for the rest: ``--doctor``."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from nepi_core.backend import Backend, Check
from nepi_core.factory import ResourceFactory
from nepi_gui.exit_status import ExitStatus
from nepi_gui.terminal import printable, show

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a backend found on this machine.

    Attributes:
        backend: its name.
        provides: what it is for, such as "emulated networks".
    """

    backend: str
    provides: str
    checks: tuple[Check, ...]

    @property
    def lacking(self) -> list[Check]:
        """What is there not and is needed."""
        return [each for each in self.checks if not each.works and not each.optional]

    @property
    def idle(self) -> list[Check]:
        """What could be installed, when all of the backend is optional and nothing of it is there."""
        nothing = not any(each.works for each in self.checks)
        return list(self.checks) if nothing else []

    def sentence(self) -> str:
        """Return whether the backend works here."""
        missing = self.lacking or self.idle
        if not missing:
            return f"{self.backend}: {self.provides} work here."
        causes = "; ".join(f"{each.what}: {each.found}" if each.found else each.what for each in missing)
        return f"{self.backend}: {self.provides} do not work here: {causes.rstrip('.')}."

    def as_document(self) -> dict[str, object]:
        """Return it as plain data."""
        checks = [asdict(each) for each in self.checks]
        return {"backend": self.backend, "provides": self.provides, "works": not self.lacking, "checks": checks}


def examine_machine(as_json: bool = False) -> ExitStatus:
    """Print what all backends need and what of that is there; FAILED when one lacks what it cannot do without."""
    found = [diagnose(backend) for backend in ResourceFactory.backends()]
    works = not any(each.lacking for each in found)
    if as_json:
        document = {"works": works, "backends": [each.as_document() for each in found]}
        sys.stdout.write(f"{json.dumps(document, indent=2)}\n")
    else:
        _print(found)
    return ExitStatus.DONE if works else ExitStatus.FAILED


def diagnose(backend: Backend) -> Diagnosis:
    """Have a backend examine this machine; what raises counts as not working."""
    checks: list[Check] = []
    try:
        checks.extend(backend.examine())
    except Exception as error:  # of a plug-in, which must not keep the others from being examined
        cause = str(error) or type(error).__name__
        checks.append(Check("examination", False, f"it ended with an error: {cause}"))
    return Diagnosis(backend.name, getattr(backend, "provides", "its resources"), tuple(checks))


def _print(found: list[Diagnosis]) -> None:
    from rich.text import Text

    width = max((len(each.what) for diagnosis in found for each in diagnosis.checks), default=0)
    for each in found:
        if each.checks:
            show(Text(each.backend, style="bold"), sys.stdout)
            show(_table(each, width), sys.stdout)
            sys.stdout.write("\n")
    for each in found:
        style = "red" if each.lacking else "yellow" if each.idle else "green"
        show(Text(printable(each.sentence()), style=style), sys.stdout)


def _table(diagnosis: Diagnosis, width: int) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True, min_width=9)
    table.add_column(no_wrap=True, min_width=width, overflow="ellipsis")
    table.add_column(overflow="fold")
    for each in diagnosis.checks:
        word, style = ("ok", "green") if each.works else ("optional", "yellow") if each.optional else ("MISSING", "red")
        table.add_row(Text(f"  {word}", style=style), printable(each.what), printable(_words(each)))
    return table


def _words(check: Check) -> str:
    """Return what is there; of what is not, why, what to do, and what it is for."""
    if check.works:
        return check.found
    purpose = f"for {check.purpose}" if check.purpose else ""
    return "; ".join(part.rstrip(".") for part in (check.found, check.remedy, purpose) if part)
