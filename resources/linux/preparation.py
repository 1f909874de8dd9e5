"""What is brought to the host before an application can run: packages, files, code; and what is built from them."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from nepi_core.errors import CommandError, HostError
from nepi_core.host import Host

from .packages import install_packages

if TYPE_CHECKING:
    from .application import Application

# Folder on the host for each attribute that names files.
_FOLDERS = {"sources": "src", "files": "share", "libs": "lib", "bins": "bin"}

# Downloads, builds and installations may take long, but not for ever.
_LONGEST = 3600.0


def prepare(application: Application) -> None:
    """Bring to the host all that an application needs.

    Raises:
        HostError: something is missing here, or cannot be put there.
        CommandError: a download, a build or an installation failed; it tells the last lines of output.
    """
    host = application.placed.host
    if names := words(application.get("depends")):
        install_packages(host, names)
    for attribute, kind in _FOLDERS.items():
        folder = application.placed.shared_folder(kind)
        for place in words(application.get(attribute)):
            _bring(application, host, attribute, place, folder)
    if application.get("code"):
        _put_text(application, "code", PurePosixPath(application.expand("${CODE}")))
    for attribute in ("build", "install"):
        if application.get(attribute):
            run_shell(application, attribute)


def words(text: str | None) -> list[str]:
    """Return the names in a list separated by blanks or semicolons."""
    return [word for word in re.split(r"[;\s]+", text or "") if word]


def run_shell(application: Application, attribute: str) -> None:
    """Run the shell command that an attribute holds, in the application's folder.

    Raises:
        CommandError: it failed.
    """
    command = application.get(attribute)
    done = application.placed.host.run(
        ["sh", "-c", command],
        env=application.shell_variables(),
        cwd=application.run_home,
        sudo=application.get("sudo"),
        timeout=_LONGEST,
    )
    if done.status:
        raise CommandError(
            application.placed.host.name, f"{attribute}: {command}", done.status, (done.stderr or done.stdout)[-2000:]
        )


def stdin_file(application: Application) -> Path | None:
    """Return the file that an application reads as standard input: the one it names, or one with the text it gives."""
    given = application.get("stdin")
    if not given:
        return None
    if "\n" not in given and (path := Path(given).expanduser()).is_file():
        return path
    path = Path(application.ec.run_dir, "inputs", f"{application.guid}.stdin")
    path.parent.mkdir(exist_ok=True)
    path.write_text(given)
    return path


def _bring(application: Application, host: Host, attribute: str, place: str, folder: PurePosixPath) -> None:
    if urlsplit(place).scheme in ("http", "https"):
        target = folder / (PurePosixPath(urlsplit(place).path).name or "index.html")
        host.make_folder(str(folder))
        download = ["curl", "--fail", "--silent", "--show-error", "--location", "--output", str(target), place]
        host.run(download, timeout=_LONGEST, check=True)
    else:
        source = Path(application.expand(place)).expanduser()
        if not source.exists():
            raise HostError(f"{application.name}: attribute '{attribute}' names {place!r}, which does not exist here.")
        target = folder / source.name
        host.put(source, str(target))
    if attribute == "bins":
        host.run(["chmod", "-R", "a+x", str(target)], check=True)


def _put_text(application: Application, attribute: str, target: PurePosixPath) -> None:
    given = application.get(attribute)
    source = Path(given).expanduser() if "\n" not in given else None
    if source is None or not source.is_file():
        source = Path(application.ec.run_dir, "inputs", f"{application.guid}.{attribute}")
        source.parent.mkdir(exist_ok=True)
        source.write_text(given)
    application.placed.host.put(source, str(target))
