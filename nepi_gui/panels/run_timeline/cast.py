"""Who takes part in a run: what everybody is called, and who runs on whom."""

from __future__ import annotations

from collections.abc import Iterable

from nepi_core.factory import ResourceFactory
from nepi_core.structure import Structure, short_type, shown_name
from nepi_gui.watching.watched_run import WatchedRun


class Cast:
    """The resources of a run, as far as they are known at the moment when this is made.

    Attributes:
        names: what each is called, in the order of the guids.
        rtypes: their types; "" where that is not known.
        hosts: for what runs on, or hangs at, another one: that one.
        lines: what is drawn as a line between others.
    """

    def __init__(self, run: WatchedRun) -> None:
        described = run.description.resources
        names = {guid: shown_name(each) for guid, each in described.items()}
        rtypes = {guid: each.rtype for guid, each in described.items()}
        for recorded in run.reader.resources():
            if recorded.guid not in names:  # added while the run went on, or the description is missing
                names[recorded.guid] = recorded.label or f"{short_type(recorded.rtype)} {recorded.guid}"
                rtypes[recorded.guid] = recorded.rtype
        for guid in run.lives.guids():
            names.setdefault(guid, f"#{guid}")
        self.names = dict(sorted(names.items()))
        self.rtypes = {guid: rtypes.get(guid, "") for guid in self.names}
        structure = Structure(described)
        self.lines = frozenset(structure.joined)
        self.hosts = {guid: host for guid, host in structure.hosts.items() if guid != host}
        self._known = frozenset(rtypes if run.is_live else names)
        self._is_told = bool(described) or not run.is_live

    def knows(self, guids: Iterable[int]) -> bool:
        """Tell whether type and name of all of these are known, and how they hang together, or never will be."""
        return self._is_told and self._known.issuperset(guids)

    def backend(self, guid: int) -> str:
        """Return the name of the backend of a resource: the first part of its type when no plug-in provides it."""
        rtype = self.rtypes[guid]
        found = ResourceFactory.find(rtype)
        return found.get_backend() if found else rtype.partition("::")[0]
