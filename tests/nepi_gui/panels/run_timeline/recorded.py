"""A run that is over, written as a run writes its record."""

from __future__ import annotations

from pathlib import Path

from nepi_core.description import AttributeChange, Condition, ExperimentDescription, Layout, ResourceDescription
from nepi_core.runs.database import Rows, RunDatabase, Table
from nepi_core.states import ResourceAction as Action
from nepi_core.states import ResourceState as State
from nepi_core.xml_format import to_xml

BEGAN = 1.7e9
CAUSE = "ping: connect: Network is unreachable"

NODE1, NODE2, LINK, SERVER, CLIENT = 1, 2, 3, 4, 5

_TYPES = {
    NODE1: ("netns::Node", "h1"),
    NODE2: ("netns::Node", "h2"),
    LINK: ("netns::Link", "cable"),
    SERVER: ("linux::Ping", "server"),
    CLIENT: ("linux::Ping", "client"),
}
_CONNECTED = ((NODE1, LINK), (NODE2, LINK), (SERVER, NODE1), (CLIENT, NODE2))

_CHANGES = (
    (NODE1, State.NEW, State.READY, 0.2, ""),
    (NODE2, State.NEW, State.READY, 0.3, ""),
    (LINK, State.NEW, State.READY, 0.4, ""),
    (NODE1, State.READY, State.STARTED, 0.5, ""),
    (NODE2, State.READY, State.STARTED, 0.6, ""),
    (LINK, State.READY, State.STARTED, 0.7, ""),
    (SERVER, State.NEW, State.READY, 0.8, ""),
    (CLIENT, State.NEW, State.READY, 0.9, ""),
    (SERVER, State.READY, State.STARTED, 1.0, ""),
    (CLIENT, State.READY, State.STARTED, 3.1, ""),
    (CLIENT, State.STARTED, State.FAILED, 5.0, CAUSE),
    (SERVER, State.STARTED, State.STOPPED, 8.0, ""),
    *((guid, State.STARTED, State.RELEASED, 9.0 + guid / 10, "") for guid in (NODE1, NODE2, LINK)),
    (SERVER, State.STOPPED, State.RELEASED, 9.4, ""),
    (CLIENT, State.FAILED, State.RELEASED, 9.5, ""),
)


def described() -> ExperimentDescription:
    """Return two hosts with a link; a server runs on one, and 2 s later a client on the other."""
    resources = {}
    for guid, (rtype, label) in _TYPES.items():
        resources[guid] = ResourceDescription(guid, rtype)
        resources[guid].layout = Layout(x=100.0 * guid, y=0.0, label=label)
    for one, other in _CONNECTED:
        resources[one].connections.add(other)
        resources[other].connections.add(one)
    resources[CLIENT].conditions.append(Condition(Action.START, (SERVER,), State.STARTED, "2s"))
    change = AttributeChange((LINK,), "delay", 20.0, (CLIENT,), State.STARTED, "1s")
    return ExperimentDescription(resources=resources, changes=[change])


def record(folder: Path) -> Path:
    """Write the record of a run of that experiment into a folder, and return it."""
    folder.mkdir(parents=True)
    (folder / "experiment.xml").write_bytes(to_xml(described()))
    said = f"netns::Link {LINK}: attribute 'delay' is now 20.0, as planned"
    facts = {"exp_id": "watched", "run_id": folder.name, "began": BEGAN, "ended": BEGAN + 10.0, "outcome": "failed"}
    database = RunDatabase(folder / "run.sqlite")
    batch: dict[Table, Rows] = {
        Table.FACTS: list(facts.items()),
        Table.RESOURCES: [(guid, *told) for guid, told in _TYPES.items()],
        Table.CHANGES: [(guid, old, new, BEGAN + time, cause) for guid, old, new, time, cause in _CHANGES],
        Table.LOG: [(BEGAN + 4.1, 20, LINK, "netns::Link", "nepi.changes", said)],
    }
    database.write(batch, lambda: False)
    database.close()
    return folder
