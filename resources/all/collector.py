"""Collector: brings traces together in the folder of the run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from nepi_core.attribute import Attribute, Flags
from nepi_core.description import Value
from nepi_core.errors import HostError
from nepi_core.resource import ResourceManager
from nepi_core.states import ResourceState


class _FolderInside(Attribute):
    """An attribute for a folder below the run's own, where nothing of the run itself can be overwritten."""

    __slots__ = ()

    def _allows(self, value: Value) -> bool:
        path = PurePosixPath(str(value))
        inside = not path.is_absolute() and ".." not in path.parts and "\0" not in str(value)
        return inside and path.parts[:1] != ("traces",)

    def expectation(self) -> str:
        """Return in words what values are allowed."""
        return "a path below the folder of the run, without '..', and not below 'traces'"


class _FileName(Attribute):
    """An attribute for a name without folders."""

    __slots__ = ()

    def _allows(self, value: Value) -> bool:
        return not {"/", "\0"} & set(str(value)) and len(str(value)) <= 200

    def expectation(self) -> str:
        """Return in words what values are allowed."""
        return "a name of at most 200 characters, without '/'"


class Collector(ResourceManager, rtype="Collector", icon="collector"):
    """Copy a trace of everything connected into the folder of the run, at the end, as ``<guid>.<name of the trace>``.

    It does so when it is released, after what it is connected to has been, so that the traces are whole; also when some
    of that has failed.
    """

    traceName = Attribute(help="Name of the trace to collect", flags=Flags.Design, required=True)
    subDir = _FolderInside(help="Folder below that of the run; not set for that itself", flags=Flags.Design)
    rename = _FileName(help="Name for the copies, instead of that of the trace", flags=Flags.Design)

    def connection_refusal(self, guid: int) -> str:
        """Refuse what has no such trace."""
        other = self.ec.get_resource(guid)
        if isinstance(other, Collector):
            return f"{self.name} cannot be connected to {other.name}: a Collector has no traces."
        if other.get_rtype() != other.data.rtype:
            return ""  # of a type that is not known here; its deployment will be refused
        return self._missing_trace(other)

    def _missing_trace(self, other: ResourceManager) -> str:
        wanted, traces = self.get("traceName"), [trace.name for trace in other.get_traces()]
        if traces and wanted in (None, "", *traces):
            return ""
        has = f"it has only {', '.join(traces)}" if traces else "it has no traces"
        return f"{self.name} cannot collect {repr(wanted) if wanted else 'anything'} from {other.name}: {has}."

    def deployment_refusal(self) -> str:
        """Say so when there is nothing to collect."""
        if not self.connections:
            return "is connected to nothing; connect it to the resources whose traces it is to collect."
        wanted = self.get("traceName")
        for other in self.get_connected():
            if problem := self.connection_refusal(other.guid):
                return problem
            if wanted in (trace.name for trace in other.get_traces()) and not other.trace_enabled(wanted):
                return f"collects the trace '{wanted}' of {other.name}, which is switched off."
        return ""

    def releases_after(self) -> Iterable[int]:
        """Return what it collects from: only then the traces are whole."""
        return self.connections

    def do_release(self) -> None:
        """Copy the traces, as many as there are."""
        problems = [problem for other in self.get_connected() if (problem := self._collect(other))]
        super().do_release()
        if problems:
            raise HostError(" ".join(problems))

    def _collect(self, other: ResourceManager) -> str:
        """Copy the trace of a resource, and return what went wrong."""
        wanted = self.get("traceName")
        if not wanted or other.life.reached(ResourceState.STARTED) is None:
            return ""  # it has not run, so it has written nothing
        source = other.trace_path(wanted)
        if not source.is_file():
            self.warning(f"{other.name} has written nothing to its trace '{wanted}'")
            return ""
        target = Path(self.ec.run_dir, self.get("subDir") or "", f"{other.guid}.{self.get('rename') or wanted}")
        try:
            self.ec.local_host.put(source, str(target))
        except HostError as error:
            return str(error)
        self.info(f"collected {target}")
        return ""
