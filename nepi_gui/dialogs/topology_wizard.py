"""The topology wizard: chooses a graph, shows it, and makes resources of it in one step."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPointF, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from nepi_core.description import ExperimentDescription
from nepi_core.errors import NepiError
from nepi_core.resource_type import Drawn
from nepi_core.structure import drawn_as
from nepi_gui.background import Background
from nepi_gui.dialogs.topology_draft import Draft, draft
from nepi_gui.dialogs.topology_preview import TopologyPreview
from nepi_gui.dialogs.topology_recipe import Ends, RecipePanel
from nepi_gui.dialogs.topology_source import FILE, SourcePanel, kind_titles
from nepi_gui.document.topologies import beside, insert_topology
from nepi_gui.editor import Editor

_PAUSE = 150  # ms without a change, after which the graph is made
_PATIENCE = 500  # ms until it is said that this goes on


class TopologyWizard(QDialog):
    """Inserts a topology.

    Signals:
        inserted: with the guids of the new resources.

    Args:
        background: where graphs are made; it goes on after the dialog, since nothing can stop what networkx does.
        middle: where the topology comes to stand when there is nothing yet.
    """

    inserted = Signal(list)

    def __init__(self, editor: Editor, background: Background, middle: QPointF, parent: QWidget) -> None:
        super().__init__(parent)
        self._editor = editor
        self._background = background
        self._middle = middle
        self._draft: Draft | None = None
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE)
        description = editor.document.description
        self.source = SourcePanel(editor.appearance)
        self.recipe = RecipePanel(editor.appearance, description.topology is not None, _usual_node(description))
        self.preview = TopologyPreview(editor.appearance)
        self._build()
        self._listen()
        self._ask()

    # -- what it consists of -----------------------------------------------------------------------------

    def _build(self) -> None:
        self.setWindowTitle(self.tr("Insert topology"))
        self.resize(1040, 780)
        row = QHBoxLayout()
        row.addWidget(self._choices())
        row.addLayout(self._result(), 1)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.insert_button = self.buttons.addButton(self.tr("&Insert"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.insert_button.setDefault(True)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setAutoDefault(False)
        column = QVBoxLayout(self)
        column.addLayout(row, 1)
        column.addWidget(self.buttons)

    def _choices(self) -> QWidget:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 6, 0)
        column.addWidget(self.source, 1)
        line = QFrame()
        line.setFrameShape(QFrame.Shape.HLine)
        line.setForegroundRole(self.palette().ColorRole.Mid)
        column.addWidget(line)
        column.addWidget(self.recipe)
        area = QScrollArea()
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFixedWidth(440)
        return area

    def _result(self) -> QVBoxLayout:
        self.counts, self.notice = QLabel(), QLabel()
        self.counts.setAccessibleName(self.tr("Size of the topology"))
        self.notice.setWordWrap(True)
        self.notice.setTextFormat(Qt.TextFormat.PlainText)
        self.hint = QLabel(
            self.tr("Click on a node to make it a source (S), again for a target (T), again for neither.")
        )
        self.hint.setWordWrap(True)
        self.hint.hide()
        column = QVBoxLayout()
        column.addWidget(self.preview, 1)
        column.addWidget(self.hint)
        column.addWidget(self.counts)
        column.addWidget(self.notice)
        return column

    def _listen(self) -> None:
        self._pause.timeout.connect(self._make)
        self._patience.timeout.connect(self._say_busy)
        self._background.finished.connect(self._take)
        self._background.failed.connect(self._refuse)
        self.source.changed.connect(self._ask)
        self.recipe.changed.connect(self._show_state)
        self.preview.chosen.connect(self._show_state)
        self.buttons.accepted.connect(self.insert)
        self.buttons.rejected.connect(self.reject)

    def choose_file(self, path: Path) -> None:
        """Take the graph from a file."""
        self.source.choose_file(path)

    def choose_text(self, text: str) -> None:
        """Take the graph from a list of edges."""
        self.source.choose_text(text)

    # -- from the wish to the graph ------------------------------------------------------------------------

    def _ask(self) -> None:
        """Make the graph anew, when nothing has changed for a moment."""
        self._draft = None
        self._background.cancel()
        self._pause.start()
        self._patience.start()
        self._show_state()

    def _make(self) -> None:
        request = self.source.request()
        if request is None:
            self._refuse("")
        else:
            self._background.run(partial(draft, request))

    def _say_busy(self) -> None:
        self.counts.setText(self.tr("The topology is being made…"))

    def _take(self, found: Draft) -> None:
        self._patience.stop()
        self._draft = found
        self.source.form.tell("")
        self.preview.show_draft(found)
        self.recipe.show_draft(found)
        nodes, links = found.netgraph.order, found.netgraph.size()
        told = self.tr("1 node") if nodes == 1 else self.tr("{0} nodes").format(f"{nodes:,}")
        told += ", " + (self.tr("1 link") if links == 1 else self.tr("{0} links").format(f"{links:,}"))
        self.counts.setText(told)
        self._say(" ".join(found.netgraph.notices))

    def _refuse(self, fault: str) -> None:
        self._patience.stop()
        self.preview.show_draft(None, self._wish() if not fault else self.tr("There is no such topology."))
        self.recipe.show_draft(None)
        self.counts.setText("")
        self._say("" if self.source.form.tell(fault) else fault, is_fault=True)

    def _wish(self) -> str:
        """Return what the user is to do first."""
        if self.source.kind == FILE:
            return self.tr("Choose a file with a graph.")
        return self.tr("Write or paste a list of edges: two nodes in each line, such as “a b”.")

    def _say(self, sentence: str, is_fault: bool = False) -> None:
        theme = self._editor.appearance.theme
        self.notice.setStyleSheet(f"color: {theme.danger if is_fault else theme.muted}")
        self.notice.setText(sentence)

    def _show_state(self) -> None:
        """Show sources and targets, and whether it can be inserted."""
        kind = self.recipe.ends_kind
        self.hint.setVisible(kind is Ends.CHOSEN)
        if kind is Ends.CHOSEN:
            self.preview.choose(True, self.preview.sources, self.preview.targets)
        else:
            ends = self._draft.ends if self._draft is not None and kind is Ends.AUTOMATIC else None
            self.preview.choose(False, {ends[0]} if ends else set(), {ends[1]} if ends else set())
        self.insert_button.setEnabled(self._draft is not None and not self.recipe.fault())

    # -- the end -----------------------------------------------------------------------------------------

    def insert(self) -> None:
        """Insert what is shown, and close; say why when that is not possible."""
        found = self._draft
        if found is None:
            return
        netgraph = found.copy_graph()
        description = self._editor.document.description
        places = beside(description, found.places, (self._middle.x(), self._middle.y()))
        try:
            self.recipe.assign(netgraph)
            for nid in self.preview.sources:
                netgraph.set_source(nid)
            for nid in self.preview.targets:
                netgraph.set_target(nid)
            name = kind_titles().get(found.name, found.name)
            guids = insert_topology(self._editor.document, netgraph, self.recipe.recipe(), places, name)
        except NepiError as error:
            self._say(str(error), is_fault=True)
            return
        self.inserted.emit(guids)
        self.accept()

    def done(self, result: int) -> None:
        """Close; nobody needs any more what goes on in the background."""
        self._pause.stop()
        self._patience.stop()
        self._background.cancel()
        super().done(result)


def _usual_node(description: ExperimentDescription) -> str:
    """Return the type of node that an experiment has most of, "" when it has none."""
    types = Counter(each.rtype for each in description.resources.values() if drawn_as(each.rtype) is Drawn.NODE)
    return types.most_common(1)[0][0] if types else ""
