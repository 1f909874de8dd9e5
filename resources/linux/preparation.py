"""What is brought to the host before an application can run: packages, files, code; and what is built from them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from nepi_core.errors import CommandError, HostError

from .packages import installation

if TYPE_CHECKING:
    from .application import Application

# Folder on the host for each attribute that names files.
_FOLDERS = {"sources": "src", "files": "share", "libs": "lib", "bins": "bin"}

# What the command that tears down may take; nothing can end it early.
_LONGEST_TEAR_DOWN = 60.0


def prepare(application: Application) -> None:
    """Bring to the host all that an application needs.

    Raises:
        HostError: something is missing here, or cannot be put there.
        CommandError: a download, a build or an installation failed; it tells the last lines of output.
    """
    for step in _steps(application):
        if application.cancelled:
            return
        step()


def _steps(application: Application) -> Iterator[Callable[[], None]]:
    if names := words(application.get("depends")):
        yield partial(_install, application, names)
    for attribute, kind in _FOLDERS.items():
        folder = application.placed.shared_folder(kind)
        for place in words(application.get(attribute)):
            yield partial(_bring, application, attribute, place, folder)
    if application.get("code"):
        yield partial(_put_code, application)
    for attribute in ("build", "install"):
        if command := application.get(attribute):
            yield partial(application.run_step, attribute, ["sh", "-c", command], sudo=application.get("sudo"))


def words(text: str | None) -> list[str]:
    """Return the names in a list separated by blanks or semicolons."""
    return [word for word in re.split(r"[;\s]+", text or "") if word]


def tear_down(application: Application) -> None:
    """Run the shell command that the application has for its end.

    Raises:
        CommandError: it failed.
        WaitTimeoutError: it took too long.
    """
    command = application.get("tearDown")
    done = application.placed.host.run(
        ["sh", "-c", command],
        env=application.shell_variables(),
        cwd=application.run_home,
        sudo=application.get("sudo"),
        timeout=_LONGEST_TEAR_DOWN,
    )
    if done.status:
        raise CommandError(
            application.placed.host.name, f"tearDown: {command}", done.status, (done.stderr or done.stdout)[-2000:]
        )


def stdin_file(application: Application) -> Path | None:
    """Return the file that an application reads as standard input: the one it names, or one with the text it gives."""
    given = application.get("stdin")
    return _file_with(application, "stdin", given) if given else None


def _install(application: Application, names: list[str]) -> None:
    if command := installation(application.placed.host, names):
        application.run_step("depends", command, sudo=True)


def _bring(application: Application, attribute: str, place: str, folder: PurePosixPath) -> None:
    host = application.placed.host
    if urlsplit(place).scheme in ("http", "https"):
        target = folder / (PurePosixPath(urlsplit(place).path).name or "index.html")
        host.make_folder(str(folder))
        download = ["curl", "--fail", "--silent", "--show-error", "--location", "--output", str(target), "--", place]
        application.run_step(attribute, download)
    else:
        source = Path(application.expand(place)).expanduser()
        if not source.exists():
            raise HostError(f"{application.name}: attribute '{attribute}' names {place!r}, which does not exist here.")
        target = folder / source.name
        host.put(source, str(target))
    if attribute == "bins" and not application.cancelled:
        host.run(["chmod", "-R", "a+x", str(target)], check=True)


def _put_code(application: Application) -> None:
    application.placed.host.put(_file_with(application, "code", application.get("code")), application.expand("${CODE}"))


def _file_with(application: Application, attribute: str, given: str) -> Path:
    """Return the file that a value names, or else a file of the run that holds the value."""
    try:
        named = Path(given).expanduser()
        if named.is_file():
            return named
    except (OSError, RuntimeError):
        pass  # too long for a name, or the home of nobody: it is the text itself
    path = Path(application.ec.run_dir, "inputs", f"{application.guid}.{attribute}")
    path.parent.mkdir(exist_ok=True)
    path.write_text(given, encoding="utf-8")
    return path
