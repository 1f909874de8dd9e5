from __future__ import annotations

import sys

import pytest

from nepi_core.factory import ResourceFactory


@pytest.mark.parametrize("installed", ["3.44", ""])
def test_ns3_is_looked_for_without_importing_it(installed, tmp_path, monkeypatch):
    if installed:
        folder = tmp_path / f"ns3-{installed}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: ns3\nVersion: {installed}\n")
        monkeypatch.syspath_prepend(tmp_path)
    else:
        monkeypatch.setattr(sys, "path", [str(tmp_path)])
    backend = ResourceFactory.backend("ns3")
    assert backend is not None
    (check,) = backend.examine()
    assert (check.works, check.found) == (bool(installed), installed or "not installed")
    assert check.optional
    assert "ns3" not in sys.modules
