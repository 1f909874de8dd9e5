"""Why namespaces are refused, told from trees of files such as /proc has, and what this kernel really does."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from nepi_core.resources.netns import _rights

ORDINARY = "0000000000000000"
ROOT = "000001ffffffffff"
WHOLE = "22 27 0:21 / /proc rw,relatime - proc proc rw\n35 22 0:31 / /proc/sys/fs/binfmt_misc rw - autofs systemd-1 rw"
MASKED = f"{WHOLE}\n90 22 0:40 / /proc/kcore rw - tmpfs tmpfs rw\n91 22 0:41 / /proc/acpi ro - tmpfs tmpfs ro"


class Machine:
    """A tree of files such as /proc has; everything is allowed."""

    def __init__(self, proc: Path) -> None:
        self.proc = proc
        for kind in ("user", "net"):
            self.write(f"self/ns/{kind}", "")
        for kind in ("user", "net", "mnt", "pid"):
            self.limit(kind, 5000)
        self.account(ORDINARY)
        self.write("self/mountinfo", WHOLE)

    def write(self, name: str, text: str) -> None:
        path = self.proc / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")

    def setting(self, name: str, value: int) -> None:
        self.write(f"sys/kernel/{name}", str(value))

    def limit(self, kind: str, value: int) -> None:
        self.write(f"sys/user/max_{kind}_namespaces", str(value))

    def account(self, capabilities: str, uid_map: str = "0 0 4294967295", seccomp: int = 0) -> None:
        self.write("self/status", f"Name:\tpython\nCapEff:\t{capabilities}\nSeccomp:\t{seccomp}")
        self.write("self/uid_map", uid_map)

    def failing(self) -> list[str]:
        return [each.what for each in _rights.namespace_settings(self.proc) if not each.works]

    def explain(self, number: int, filename: str | None = None) -> str:
        return _rights.explain_refusal(OSError(number, os.strerror(number), filename), self.proc)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_machine_that_allows_all(machine: Machine) -> None:
    machine.setting("unprivileged_userns_clone", 1)
    machine.setting("apparmor_restrict_unprivileged_userns", 0)
    assert machine.failing() == []
    told = machine.explain(errno.EPERM)
    assert told.startswith("The kernel refuses it (Operation not permitted), although all settings")


@pytest.mark.parametrize(
    ("name", "forbidding", "command"),
    [
        ("unprivileged_userns_clone", 0, "sysctl -w kernel.unprivileged_userns_clone=1"),
        ("apparmor_restrict_unprivileged_userns", 1, "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"),
    ],
)
def test_switches_of_distributions_concern_all_but_the_true_root(
    machine: Machine, name: str, forbidding: int, command: str
) -> None:
    machine.setting(name, forbidding)
    assert machine.failing() == [f"kernel.{name}"]
    for number in (errno.EPERM, errno.EACCES):
        told = machine.explain(number)
        assert told.startswith(f"kernel.{name} is {forbidding}, which forbids ordinary users")
        assert f"'{command}'" in told
        assert told.endswith(".")
    machine.account(ROOT, uid_map="0 1000 1")  # root of a namespace is an ordinary user outside
    assert machine.failing() == [f"kernel.{name}"]
    machine.account(ROOT)
    assert machine.failing() == []


def test_apparmor_may_be_told_of_this_python(machine: Machine) -> None:
    machine.setting("apparmor_restrict_unprivileged_userns", 1)
    assert "an AppArmor profile with the rule 'userns,'" in machine.explain(errno.EACCES)


@pytest.mark.parametrize("kind", ["user", "net", "mnt", "pid"])
def test_a_limit_of_zero_concerns_everybody(machine: Machine, kind: str) -> None:
    machine.account(ROOT)
    machine.limit(kind, 0)
    name = f"user.max_{kind}_namespaces"
    assert machine.failing() == [name]
    told = machine.explain(errno.ENOSPC)
    assert told == f"{name} is 0, so that there can be none: allow them as root with 'sysctl -w {name}=10000'."


def test_limits_that_are_used_up_are_told_whatever_else_is_set(machine: Machine) -> None:
    machine.setting("unprivileged_userns_clone", 0)
    told = machine.explain(errno.ENOSPC)
    assert "as many namespaces already as the kernel allows (user.max_user_namespaces is 5000, " in told
    assert "unprivileged_userns_clone" not in told


def test_the_filter_of_a_container(machine: Machine) -> None:
    machine.account(ORDINARY, seccomp=2)
    assert machine.failing() == []  # it may allow namespaces: only a refusal shows
    assert "--security-opt seccomp=unconfined" in machine.explain(errno.EPERM)
    assert "seccomp" not in machine.explain(errno.EINVAL)


def test_a_covered_proc(machine: Machine) -> None:
    machine.account(ORDINARY, seccomp=2)
    machine.write("self/mountinfo", MASKED)
    assert machine.failing() == ["/proc"]
    told = machine.explain(errno.EPERM, "/proc")
    assert told.startswith("/proc is covered in parts (/proc/acpi, /proc/kcore)")
    assert "systempaths=unconfined" in told
    assert "seccomp" not in told
    both = machine.explain(errno.EPERM)
    assert both.index("seccomp=unconfined") < both.index("systempaths=unconfined")
    machine.account(ORDINARY)
    assert machine.explain(errno.EPERM) == told


def test_a_kernel_without_namespaces(machine: Machine) -> None:
    for kind in ("user", "net"):
        (machine.proc / "self/ns" / kind).unlink()
    told = machine.explain(errno.EINVAL)
    assert "built with CONFIG_USER_NS=y" in told
    assert "built with CONFIG_NET_NS=y" in told


def test_a_tree_without_anything_raises_nothing(tmp_path: Path) -> None:
    assert all(each.what for each in _rights.namespace_settings(tmp_path))
    for number in (0, errno.EPERM, errno.ENOSPC, errno.ENOMEM):
        assert _rights.explain_refusal(OSError(number, "it is so"), tmp_path).endswith(".")


# -- this machine -----------------------------------------------------------------------------------------------------


def test_this_kernel_is_tried() -> None:
    found = {each.what: each for each in _rights.kernel_features()}
    assert {"user namespaces", "ip", "tc", "slirp4netns", "pasta"} <= found.keys()
    if not found["user namespaces"].works:
        assert found["user namespaces"].remedy
        assert "veth" not in found
        pytest.skip(f"no user namespaces here: {found['user namespaces'].remedy}")
    assert {"veth", "bridge", "AF_PACKET", "htb", "tbf", "netem", "fq_codel"} <= found.keys()
    assert found["AF_PACKET"].works
    optional = {each.what for each in found.values() if each.optional}
    assert optional == {"netem", "fq_codel", "slirp4netns", "pasta", "net.core.rmem_max"}
    assert all(each.remedy for each in found.values() if not each.works)


def test_a_refusal_of_this_kernel_is_explained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    refusing = tmp_path / "unshare"
    refusing.write_text("#!/bin/sh\necho 'unshare: unshare failed: No space left on device' >&2\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    (check,) = [each for each in _rights.kernel_features() if each.what == "user namespaces"]
    assert not check.works
    assert check.found == "unshare: unshare failed: No space left on device"
    assert "namespaces" in check.remedy


def test_a_machine_without_unshare_names_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(_rights, "SYSTEM_FOLDERS", str(tmp_path))
    found = {each.what: each for each in _rights.kernel_features()}
    assert found["unshare"].remedy == "apt-get install util-linux"
