"""What is wrong with the experiment, told all over the window: a count in the status bar, keys that lead there."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from nepi_gui import icons
from nepi_gui.canvas.tool_tips import ToolTips
from nepi_gui.panels.attributes import AttributesPanel
from nepi_gui.panels.findings import FindingsPanel
from nepi_gui.panels.findings_model import is_error, summary
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature


class ProblemsFeature(Feature):
    """Tells how many findings there are, and leads to them."""

    def commands(self) -> Iterable[Command]:
        """Yield the commands that go to findings."""
        menu = self.tr("&View")
        yield Command(
            "findings.next",
            self.tr("Ne&xt finding"),
            partial(self.go, 1),
            menu,
            ("F8",),
            self.tr("Show the next thing that is wrong."),
            "findings",
            self._has_findings,
            separated=True,
        )
        yield Command(
            "findings.previous",
            self.tr("Pre&vious finding"),
            partial(self.go, -1),
            menu,
            ("Shift+F8",),
            self.tr("Show what is wrong before that."),
            enabled=self._has_findings,
        )

    def opened(self) -> None:
        """Put the count into the status bar, and listen."""
        self._dock = self.window.docks["findings"]
        self._title = self._dock.windowTitle()
        self.count = QToolButton()
        self.count.setAutoRaise(True)
        self.count.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.count.setToolTip(self.tr("Show what is wrong"))
        self.count.clicked.connect(self._show_panel)
        self.window.statusBar().addPermanentWidget(self.count)
        self.tool_tips = ToolTips(self.window.view, self.editor.findings)  # the view owns them
        self.editor.findings.changed.connect(self._show)
        self.editor.findings.current_changed.connect(self._show_when_current)
        self._panel.attribute_wanted.connect(self._want_attribute)
        self._show()

    @property
    def _panel(self) -> FindingsPanel:
        panel = self.window.docks["findings"].widget()
        assert isinstance(panel, FindingsPanel)
        return panel

    def _show_panel(self) -> None:
        self.window.show_panel("findings")

    def _has_findings(self) -> bool:
        return bool(self.editor.findings.all)

    def _show_when_current(self) -> None:
        if self.editor.findings.is_current:
            self._show()

    def _show(self) -> None:
        findings = self.editor.findings.all
        is_current = self.editor.findings.is_current
        text = summary(findings) or (self.tr("No findings") if is_current else self.tr("Checking…"))
        self.count.setText(text)
        self.count.setAccessibleName(text)
        well = "ok" if is_current else "findings"
        self.count.setIcon(icons.icon("error" if any(map(is_error, findings)) else "warning" if findings else well))
        self._dock.setWindowTitle(f"{self._title} ({len(findings)})" if findings else self._title)
        self.window.commands.refresh_soon()

    def go(self, step: int) -> None:
        """Go to the next finding (1) or to the one before (-1), and say what it is."""
        finding = self._panel.go(step)
        if finding is None:
            self.editor.tell(self.tr("Nothing to complain about."))
        else:
            self.editor.tell(finding.message)

    def _want_attribute(self, guid: int, name: str) -> None:
        self.window.show_panel("attributes")
        panel = self.window.docks["attributes"].widget()
        assert isinstance(panel, AttributesPanel)
        panel.focus_attribute(name)
