"""What attributes are in the run that goes on, where somebody has set them to something else than in the document."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from nepi_core.errors import NepiError
from nepi_gui.document import attributes
from nepi_gui.document.values import with_unit
from nepi_gui.editor import Editor


class LiveValues(QObject):
    """Tells them for the form.

    Signals:
        changed: they may be others for some resource.
    """

    changed = Signal()

    def __init__(self, editor: Editor, parent: QObject) -> None:
        super().__init__(parent)
        self._editor = editor
        editor.run_changed.connect(self._watch)
        self._watch()

    def _watch(self) -> None:
        if run := self._editor.run:
            run.values_set.connect(self.changed)
            run.driven_changed.connect(self.changed)
            run.ended.connect(self.changed)
        self.changed.emit()

    def remarks(self, guids: Sequence[int]) -> dict[str, str]:
        """Return what is to be said below the fields of a resource, by attribute; nothing when there are several."""
        run, described = self._editor.run, self._editor.document.description
        if run is None or not run.is_live or len(guids) != 1:
            return {}
        only, deployed = described.resources[guids[0]], run.description.resources.get(guids[0])
        if deployed is not None and deployed.rtype != only.rtype:
            return {}
        remarks = {}
        for name in sorted(name for guid, name in run.values if guid == only.guid):
            try:
                attribute = attributes.attribute_of(only.rtype, name)
            except NepiError:  # the run has another version of the type
                continue
            value = run.values[only.guid, name]
            value = attribute.default if value is None else value
            if value != attributes.shown(described, guids, name).value:
                told = with_unit(value, attribute) or self.tr("nothing")
                remarks[name] = self.tr("Now {0} in the run").format(told)
        return remarks
