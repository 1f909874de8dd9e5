from __future__ import annotations

from nepi_core.resources.linux.ping import Ping

from nepi_core.backend import Check
from nepi_core.factory import ResourceFactory


def checks() -> dict[str, Check]:
    backend = ResourceFactory.backend("linux")
    assert backend is not None
    return {each.what: each for each in backend.examine()}


def test_programs_of_types_are_examined_once_and_named_with_their_types():
    found = checks()
    assert {"ping", "traceroute", "tcpdump", "iperf3", "ssh", "sshd", "sudo"} <= found.keys()
    assert found["iperf3"].purpose == "linux::Iperf3Client, linux::Iperf3Server"


def test_ping_is_here_and_tells_its_version():
    ping = checks()["ping"]
    assert ping.works
    assert ping.found[:1].isdigit()


def test_what_is_not_installed_names_its_package(monkeypatch):
    monkeypatch.setattr(Ping, "program", "no-such-ping")
    found = checks()["no-such-ping"]
    expected = ("not installed", "apt-get install iputils-ping", "linux::Ping")
    assert (found.found, found.remedy, found.purpose) == expected
    assert found.optional
