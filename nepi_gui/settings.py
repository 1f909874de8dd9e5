"""What the program remembers from one start to the next: a file in the user's folder for configuration."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import platformdirs
from PySide6.QtCore import QByteArray, QSettings

from nepi_gui.paths import is_file

_MOST_RECENT = 12


class Settings:
    """Settings of the window, in ``window.ini`` of the user's configuration folder."""

    def __init__(self, path: Path | None = None) -> None:
        path = path or Path(platformdirs.user_config_path("nepi-gui")) / "window.ini"
        self._values = QSettings(str(path), QSettings.Format.IniFormat)

    def text(self, name: str, default: str = "") -> str:
        """Return a text that was kept."""
        return str(self._values.value(name, default))

    def is_on(self, name: str, default: bool = False) -> bool:
        """Return a choice that was kept."""
        return str(self._values.value(name, default)).lower() == "true"

    def data(self, name: str) -> QByteArray:
        """Return bytes that were kept, such as the arrangement of a window; none when there are none."""
        kept = self._values.value(name)
        return kept if isinstance(kept, QByteArray) else QByteArray()

    def texts(self, name: str) -> list[str]:
        """Return a list that was kept."""
        kept = self._values.value(name)
        if isinstance(kept, str):
            return [kept]  # the file has no brackets: a list of one looks like a text
        return [str(each) for each in kept] if isinstance(kept, (list, tuple)) else []

    def keep(self, name: str, value: str | bool | QByteArray | Iterable[str]) -> None:
        """Keep something under a name."""
        self._values.setValue(name, value if isinstance(value, (str, bool, QByteArray)) else list(value))

    def save(self) -> None:
        """Write what was kept to the file now."""
        self._values.sync()

    # -- recent files ------------------------------------------------------------------------------------

    def recent_files(self) -> list[Path]:
        """Return the files that were opened or saved last, the last first, without those that are gone."""
        return [path for path in map(Path, self.texts("recent")) if is_file(path)]

    def note_file(self, path: Path) -> None:
        """Remember a file as the last one."""
        others = [each for each in self.texts("recent") if each != str(path)]
        self.keep("recent", [str(path), *others][:_MOST_RECENT])
