"""Where resource types are looked for: the installed ones, the checkout's, and those of the user's own folders.

`NEPI_SEARCH_PATH` names the user's folders, separated by colons as in PATH.
"""

import os
from pathlib import Path

_installed = Path(__file__).resolve().parent
_checkout = _installed.parents[1]
_folders = [_installed]
if (_checkout / "pyproject.toml").is_file():  # else it is site-packages, where a folder `resources` is not ours
    _folders.append(_checkout / "resources")
_folders += [Path(name).expanduser() for name in os.environ.get("NEPI_SEARCH_PATH", "").split(os.pathsep) if name]

__path__ = [str(folder) for folder in _folders]
