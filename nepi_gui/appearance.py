"""Colours of the window, light and dark: one table for canvas and widgets."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette

CHOICES = ("system", "light", "dark")


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as ``#rrggbb``; texts have a contrast of at least 4.5 on what they stand on (WCAG 2, level AA).

    Attributes:
        canvas, grid: background of the canvas, and the dots on it.
        plate, border: background and outline of a node, of fields and of lists.
        panel: background of the panels.
        text, muted: texts, and those that say less.
        accent, on_accent: what is selected, and texts on it.
        line: links and connections.
        good, warning, danger: what is well, doubtful, wrong.
        states: of each state of a resource, by its number; the hues are those of a run's report.
        loads: of links that carry nothing, little ... as much as they can; each is darker
            than the one before, or lighter in the dark.
    """

    is_dark: bool
    canvas: str
    grid: str
    plate: str
    border: str
    panel: str
    text: str
    muted: str
    accent: str
    on_accent: str
    line: str
    good: str
    warning: str
    danger: str
    states: tuple[str, ...]
    loads: tuple[str, ...]


LIGHT = Theme(
    is_dark=False,
    canvas="#f6f7f9",
    grid="#dde1e6",
    plate="#ffffff",
    border="#c3cad3",
    panel="#eef0f3",
    text="#1f2933",
    muted="#59646f",
    accent="#2563c9",
    on_accent="#ffffff",
    line="#7a8794",
    good="#23784f",
    warning="#9a5b00",
    danger="#c4302b",
    states=("#9aa5b1", "#0e7490", "#6b5bd2", "#2563eb", "#15803d", "#64707f", "#dc2626", "#b3bcc7"),
    loads=("#a9b4c0", "#5b9bd8", "#3f6fd1", "#7b3fb0", "#a11d6b"),
)

DARK = Theme(
    is_dark=True,
    canvas="#191c21",
    grid="#2b3038",
    plate="#272c34",
    border="#49515d",
    panel="#21252b",
    text="#e6e9ed",
    muted="#a3adb9",
    accent="#7aaeff",
    on_accent="#10151c",
    line="#8793a1",
    good="#5fc795",
    warning="#f0ad4e",
    danger="#ff7b74",
    states=("#6b7684", "#34b3cf", "#a598ff", "#6aa1ff", "#4cc38a", "#94a1b0", "#ff6b63", "#505a66"),
    loads=("#56626f", "#4f7fc4", "#a06be0", "#f08bb4", "#ffd24d"),
)


class Appearance(QObject):
    """Which theme the program shows: the system's, or the one that the user prefers.

    Signals:
        changed: another theme is shown.
    """

    changed = Signal()

    def __init__(self, choice: str = "system") -> None:
        super().__init__()
        self._shown: Theme | None = None
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._show)
        self.choose(choice)

    @property
    def theme(self) -> Theme:
        """The theme that is shown."""
        return self._shown or LIGHT

    @property
    def choice(self) -> str:
        """One of `CHOICES`."""
        return self._choice

    def choose(self, choice: str) -> None:
        """Show the system's theme, or always the same one; see `CHOICES`."""
        self._choice = choice if choice in CHOICES else "system"
        self._show()

    def _show(self) -> None:
        wanted = self._wanted()
        if wanted is self._shown:
            return
        self._shown = wanted
        QGuiApplication.setPalette(palette(wanted))
        self.changed.emit()

    def _wanted(self) -> Theme:
        if self._choice != "system":
            return DARK if self._choice == "dark" else LIGHT
        return DARK if QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark else LIGHT


def palette(theme: Theme) -> QPalette:
    """Return a theme as Qt's widgets take it."""
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.panel,
        role.WindowText: theme.text,
        role.Base: theme.plate,
        role.AlternateBase: theme.panel,
        role.Text: theme.text,
        role.Button: theme.panel,
        role.ButtonText: theme.text,
        role.BrightText: theme.danger,
        role.ToolTipBase: theme.plate,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.muted,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Light: theme.plate,
        role.Midlight: theme.border,
        role.Mid: theme.border,
        role.Dark: theme.border,
        role.Shadow: "#000000",
    }
    made = QPalette()
    for each, colour in colours.items():
        made.setColor(each, QColor(colour))
    for each in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, each, QColor(theme.border if theme.is_dark else "#9aa3ad"))
    return made
