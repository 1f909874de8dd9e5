"""Labs in the window: the task beside the canvas, the tally of the checks, and making labs."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtWidgets import QDialog, QToolButton

from nepi_core.states import ResourceState
from nepi_gui.dialogs.lab_dialog import LabDialog
from nepi_gui.document import labs
from nepi_gui.document.change import Change
from nepi_gui.panels.attributes import AttributesPanel
from nepi_gui.panels.task import TaskPanel
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature


class LabsFeature(Feature):
    """Shows labs to students, and lets teachers make them.

    Attributes:
        tally: in the status bar: how many checks have passed.
    """

    def commands(self) -> Iterable[Command]:
        """Yield the commands about labs."""
        menu = self.tr("&Edit") + "/" + self.tr("La&b")
        yield Command(
            "lab.edit",
            self.tr("&Task and locks…"),
            self.edit,
            menu,
            (),
            self.tr("Make the experiment a lab: what students are to do, and what they may not change."),
            enabled=self._may_make,
        )
        yield Command(
            "lab.lock",
            self.tr("&Lock the selection"),
            partial(self.lock, True),
            menu,
            (),
            self.tr("Students may not change what is selected."),
            "lock",
            lambda: self._may_make() and bool(self.selection.guids),
        )
        yield Command(
            "lab.unlock",
            self.tr("&Unlock the selection"),
            partial(self.lock, False),
            menu,
            (),
            self.tr("Students may change what is selected."),
            enabled=lambda: self._may_make() and bool(self.selection.guids),
        )
        yield Command(
            "lab.teach",
            self.tr("Teacher's &view"),
            self.toggle_teaching,
            menu,
            (),
            self.tr("Change the lab itself: nothing is locked."),
            enabled=lambda: self.document.description.lab is not None,
            checked=lambda: not self.document.heeds_lab,
            separated=True,
        )
        yield Command(
            "lab.remove",
            self.tr("Make it &no lab"),
            partial(labs.set_lab, self.document, None),
            menu,
            (),
            self.tr("Take the task and all locks away."),
            enabled=lambda: self._may_make() and self.document.description.lab is not None,
        )

    def opened(self) -> None:
        """Put the tally into the status bar, and listen."""
        self.tally = QToolButton(self.window)
        self.tally.setAutoRaise(True)
        self.tally.setToolTip(self.tr("Show the task and the checks"))
        self.tally.clicked.connect(partial(self.window.show_panel, "task"))
        self.window.statusBar().addPermanentWidget(self.tally)
        self.tally.hide()
        self._panel.edit_wanted.connect(self.edit)
        self.document.refused.connect(self.editor.tell)
        self.document.changed.connect(self._on_change)
        self.editor.run_changed.connect(self._listen)
        self._show_task()

    @property
    def _panel(self) -> TaskPanel:
        panel = self.window.docks["task"].widget()
        assert isinstance(panel, TaskPanel)
        return panel

    # -- for students ------------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        if change.anew:
            self.document.heeds_lab = True
            self._show_task()
        if change.anew or change.added or change.removed:
            self._show_tally()
        if "lab" in change.parts:
            self._refresh_form()
            self.window.commands.refresh_soon()

    def _show_task(self) -> None:
        """Have the task seen, when there is one."""
        lab = self.document.description.lab
        if lab is not None and lab.task:
            dock = self.window.docks["task"]
            dock.show()
            dock.raise_()

    def _listen(self) -> None:
        run = self.editor.run
        self._show_tally()
        if run is not None:
            run.states_changed.connect(self._show_tally)
            run.ended.connect(self._show_tally)

    def _show_tally(self) -> None:
        run, checks = self.editor.run, self._panel.check_guids()
        self.tally.setVisible(run is not None and bool(checks))
        if run is None or not checks:
            return
        states = [run.state(guid) for guid in checks]
        passed, failed = states.count(ResourceState.STOPPED), states.count(ResourceState.FAILED)
        text = self.tr("Checks: {0} of {1} passed").format(passed, len(checks))
        self.tally.setText(text + (self.tr(", {0} failed").format(failed) if failed else ""))

    # -- for teachers ------------------------------------------------------------------------------

    def _may_make(self) -> bool:
        return self.document.description.lab is None or not self.document.heeds_lab

    def toggle_teaching(self) -> None:
        """Change the lab itself, or see it as students do."""
        self.document.heeds_lab = not self.document.heeds_lab
        self._refresh_form()

    def edit(self) -> None:
        """Ask for task and locks."""
        dialog = LabDialog(self.document.description, self.window)
        dialog.finished.connect(partial(self._take, dialog))
        dialog.open()

    def _take(self, dialog: LabDialog, answer: int) -> None:
        if answer == QDialog.DialogCode.Accepted:
            self.document.heeds_lab = False  # who makes a lab goes on with it
            labs.set_lab(self.document, dialog.lab())
        dialog.deleteLater()

    def lock(self, is_locked: bool) -> None:
        """Lock what is selected for students, or give it free."""
        self.document.heeds_lab = False
        labs.lock(self.document, self.selection.guids, is_locked)

    def _refresh_form(self) -> None:
        panel = self.window.docks["attributes"].widget()
        assert isinstance(panel, AttributesPanel)
        panel.refresh()
