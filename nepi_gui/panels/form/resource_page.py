"""The form for resources: head, findings, attributes, traces, connections, and what is kept of unknown attributes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from nepi_core.attribute import Attribute
from nepi_core.errors import NepiError
from nepi_core.factory import ResourceFactory
from nepi_core.loading import Finding
from nepi_core.structure import shown_name
from nepi_gui import icons
from nepi_gui.document import attributes, notes, resources, traces
from nepi_gui.document.attributes import Shown
from nepi_gui.document.host_names import hosts_for
from nepi_gui.editor import Editor
from nepi_gui.panels.findings_model import is_error
from nepi_gui.panels.form.attribute_form import AttributeForm
from nepi_gui.panels.form.fold import Fold
from nepi_gui.panels.form.head import Head
from nepi_gui.panels.form.host_field import HostField
from nepi_gui.panels.form.listed import Entry, EntryList
from nepi_gui.panels.form.live_values import LiveValues
from nepi_gui.panels.form.state_line import StateLine
from nepi_gui.panels.form.trace_list import TraceList
from nepi_gui.panels.form.words import value_text
from nepi_gui.panels.names import without_name

_MOST_FORMS = 16
_MORE, _TRACES, _LINKS = "attributes/more", "attributes/traces", "attributes/links"

_Types = tuple[str, ...]


class ResourcePage(QWidget):
    """Edits one resource, or several at once.

    Signals:
        help_wanted: the user asks what the type is for.

    Attributes:
        guids: the resources.
        form: the rows of their attributes.
        traces: their traces.
        findings: what is wrong with them; whoever has the page shows it where it moves nothing that is being edited.
    """

    help_wanted = Signal()

    def __init__(self, editor: Editor, parent: QWidget) -> None:
        super().__init__(parent)
        self._editor = editor
        self._document = editor.document
        self.guids: list[int] = []
        self._types: _Types = ()
        self._forms: dict[_Types, tuple[AttributeForm, TraceList]] = {}
        self._known: dict[str, tuple[Shown, str]] = {}
        self.form: AttributeForm | None = None
        self.traces: TraceList | None = None
        self.head = Head(editor.appearance, self)
        self.state = StateLine(editor, self)
        self.live = LiveValues(editor, self)
        self.findings = EntryList(self.tr("Findings"), self)
        self._placeholder = QLabel(self, wordWrap=True, textFormat=Qt.TextFormat.PlainText, margin=6)
        self.trace_fold = self._make_fold(self.tr("Traces"), _TRACES)
        self.link_fold = self._make_fold(self.tr("Connected to"), _LINKS)
        self.links = EntryList(self.tr("Connected to"), self.link_fold.body)
        self.link_fold.column.addWidget(self.links)
        self.kept_fold = Fold(self.tr("Not known to this type"), True, self)
        self.kept = EntryList(self.tr("Not known to this type"), self.kept_fold.body)
        self.kept_fold.column.addWidget(self.kept)
        self._lay_out()
        self._listen()

    def _make_fold(self, title: str, setting: str) -> Fold:
        fold = Fold(title, self._editor.settings.is_on(setting, True), self)
        fold.setObjectName(setting)
        fold.toggled.connect(self._keep_fold)
        return fold

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        self._place = QVBoxLayout()
        for widget in (self.head, self.state, self._placeholder):
            whole.addWidget(widget)
        whole.addLayout(self._place)
        for fold in (self.trace_fold, self.link_fold, self.kept_fold):
            whole.addWidget(fold)

    def _listen(self) -> None:
        self.live.changed.connect(self._show_live)
        self.head.named.connect(self._name)
        self.head.coloured.connect(self._colour)
        self.head.noted.connect(self._note)
        self.head.help_wanted.connect(self.help_wanted)
        self.findings.chosen.connect(self._go_to_finding)
        self.links.chosen.connect(self._editor.reveal)
        self.links.removed.connect(self._disconnect)
        self.kept.removed.connect(self._remove_kept)

    # -- what is shown -------------------------------------------------------------------------------

    def show_resources(self, guids: Sequence[int]) -> None:
        """Show resources, which all exist."""
        description, anew = self._document.description, list(guids) != self.guids
        self._known.clear()
        types = tuple(attributes.types_of(description, guids))
        if types != self._types or self.form is None:
            self._choose_form(types)  # a field that is hidden tells once more what was typed: for the former ones
        self.guids = list(guids)
        self.head.show_resources(description, self.guids, anew)
        self.state.show_resources(self.guids)
        self._show_placeholder()
        if self.form is not None:
            self.form.open_more(self._editor.settings.is_on(_MORE))
            self.form.show_values(self._look, anew)
            self.form.show_remarks(self.live.remarks(self.guids))
        if self.traces is not None:
            self.traces.show_states(self._look_at_trace)
        self.trace_fold.setVisible(bool(self.traces and self.traces.boxes))
        self.show_findings()
        self._show_links(anew)
        self._show_kept(anew)

    def _choose_form(self, types: _Types) -> None:
        """Show the rows for some types; they are made once and kept, those that were used last."""
        for part in (self.form, self.traces):
            if part is not None:
                part.hide()
        self._types = types
        made = self._forms.pop(types, None) or self._make_form(types)
        self._forms[types] = made
        if len(self._forms) > _MOST_FORMS:
            for part in self._forms.pop(next(iter(self._forms))):
                part.deleteLater()
        self.form, self.traces = made
        self.form.show()
        self.traces.show()

    def _make_form(self, types: _Types) -> tuple[AttributeForm, TraceList]:
        common = attributes.common_attributes(types)
        special = [each for each in common if all(attributes.is_special(rtype, each) for rtype in types)]
        general = [each for each in common if each not in special]
        is_open = self._editor.settings.is_on(_MORE)
        form = AttributeForm(special, general, self._editor.appearance, self, is_open)
        form.committed.connect(self._set)
        form.hosts_wanted.connect(self._offer_hosts)
        form.more_toggled.connect(self._keep_more)
        self._place.addWidget(form)
        listed = TraceList(traces.common_traces(types), self.trace_fold.body)
        listed.wanted.connect(self._set_trace)
        self.trace_fold.column.addWidget(listed)
        return form, listed

    def _look(self, attribute: Attribute) -> tuple[Shown, str]:
        """Return what an attribute is, and why it cannot be set."""
        known = self._known.get(attribute.name)
        if known is None:
            shown = attributes.shown(self._document.description, self.guids, attribute.name)
            known = shown, attributes.lock_reason(self._document, self.guids, attribute)
            self._known[attribute.name] = known
        return known

    def _show_live(self) -> None:
        if self.form is not None and self._present() == self.guids:
            self.form.show_remarks(self.live.remarks(self.guids))

    def _look_at_trace(self, name: str) -> bool | None:
        return traces.is_collected(self._document.description, self.guids, name)

    def _show_placeholder(self) -> None:
        text = ""
        if any(ResourceFactory.find(rtype) is None for rtype in self._types):
            text = self.tr("No plug-in provides this type. Its data are kept as they are, and written back.")
        elif self.form is not None and not self.form.attributes:
            text = self.tr("These types have no attribute in common.")
        self._placeholder.setText(text)
        self._placeholder.setVisible(bool(text))

    def show_findings(self) -> None:
        """Show what is wrong with the resources."""
        chosen = set(self.guids)
        found = [each for each in self._editor.findings.all if each.guid in chosen]
        entries = []
        for each in found:
            text = without_name(each.message, each.guid) if len(chosen) == 1 else each.message
            entries.append(Entry(each, text[:1].upper() + text[1:], "error" if is_error(each) else "warning"))
        self.findings.show_entries(entries)

    def _show_links(self, anew: bool) -> None:
        described = self._document.description.resources
        only = described[self.guids[0]] if len(self.guids) == 1 else None
        others = sorted(guid for guid in only.connections if guid in described) if only else []
        entries = [
            Entry(
                guid,
                shown_name(described[guid]),
                icons.icon_of_type(described[guid].rtype),
                f"{described[guid].rtype} #{guid}",
                self.tr("Disconnect from {0}").format(shown_name(described[guid])),
            )
            for guid in others
        ]
        self.links.show_entries(entries, anew)
        self.link_fold.setVisible(bool(entries))

    def _show_kept(self, anew: bool) -> None:
        only = self._document.description.resources[self.guids[0]] if len(self.guids) == 1 else None
        values = attributes.unknown_values(only) if only else {}
        entries = [
            Entry(name, f"{name} = {value_text(value)}", "lock", remove=self.tr("Remove {0}").format(name))
            for name, value in values.items()
        ]
        is_known = only is not None and ResourceFactory.find(only.rtype) is not None
        self.kept_fold.set_title(self.tr("Not known to this type") if is_known else self.tr("Kept values"))
        self.kept.show_entries(entries, anew)
        self.kept_fold.setVisible(bool(entries))

    def settle(self) -> None:
        """Take in what was typed."""
        self.head.settle()
        if self.form is not None:
            self.form.settle()

    # -- what the user does --------------------------------------------------------------------------

    def _present(self) -> list[int]:
        """Return the resources that still exist."""
        return [guid for guid in self.guids if guid in self._document.description.resources]

    def _set(self, name: str, value: object) -> None:
        row = self.form.rows[name] if self.form is not None else None
        if row is None or self.form is None or not self._present():
            return
        try:
            attributes.set_values(self._document, self._present(), name, value)
        except NepiError as error:
            told = without_name(str(error), self.guids[0])
            row.refuse(told[:1].upper() + told[1:])
            return
        row.accept_value()
        if self._present() == self.guids:
            self._known.pop(name, None)
            self.form.show_one(name)

    def _offer_hosts(self, field: HostField) -> None:
        field.offer(hosts_for(self._document.description, self._present()))

    def _set_trace(self, name: str, on: bool) -> None:
        try:
            traces.set_trace(self._document, self._present(), name, on)
        except NepiError as error:
            self._editor.tell(str(error))

    def _name(self, name: str) -> None:
        for guid in self._present()[:1]:
            resources.rename(self._document, guid, name)

    def _colour(self, colour: str) -> None:
        notes.set_colours(self._document, self._present(), colour)

    def _note(self, note: str) -> None:
        for guid in self._present()[:1]:
            resources.set_note(self._document, guid, note)

    def _disconnect(self, other: int) -> None:
        for guid in self._present()[:1]:
            resources.disconnect(self._document, guid, other)

    def _remove_kept(self, name: str) -> None:
        for guid in self._present()[:1]:
            attributes.remove_unknown(self._document, guid, name)

    def _go_to_finding(self, finding: Finding) -> None:
        if len(self.guids) > 1:
            self._editor.reveal(finding.guid)
        row = self.form.row(finding.attribute) if self.form is not None else None
        if row is not None:
            row.field.setFocus()

    def _keep_fold(self, is_open: bool) -> None:
        fold = self.sender()
        if isinstance(fold, Fold):
            self._editor.settings.keep(fold.objectName(), is_open)

    def _keep_more(self, is_open: bool) -> None:
        self._editor.settings.keep(_MORE, is_open)
