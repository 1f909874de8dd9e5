"""The part of the topology wizard that says which graph: a kind and its parameters, a file, or a list of edges."""

from __future__ import annotations

import secrets
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nepi_core.topology.generators import GENERATORS, TopologyType
from nepi_gui import icons
from nepi_gui.appearance import Appearance
from nepi_gui.dialogs.graph_drawing import blank_picture, kind_picture
from nepi_gui.dialogs.topology_draft import Request
from nepi_gui.dialogs.topology_form import ParameterForm
from nepi_gui.translation import translate

FILE, TEXT = "file", "text"
"""In the place of a kind: the graph comes from a file, or from a list of edges."""

_PICTURE = QSize(60, 38)
_CELL = QSize(104, 64)
_KIND = Qt.ItemDataRole.UserRole
_SEEDS = 100_000


def kind_titles() -> dict[str, str]:
    """Return what the kinds of topologies are called."""
    return {
        TopologyType.LINEAR: translate("Topology", "Row"),
        TopologyType.LADDER: translate("Topology", "Ladder"),
        TopologyType.MESH: translate("Topology", "Mesh"),
        TopologyType.TREE: translate("Topology", "Tree"),
        TopologyType.STAR: translate("Topology", "Star"),
        TopologyType.RING: translate("Topology", "Ring"),
        TopologyType.GRID: translate("Topology", "Grid"),
        TopologyType.TORUS: translate("Topology", "Torus"),
        TopologyType.HYPERCUBE: translate("Topology", "Hypercube"),
        TopologyType.LEAF_SPINE: translate("Topology", "Leaf-spine"),
        TopologyType.FAT_TREE: translate("Topology", "Fat tree"),
        TopologyType.ERDOS_RENYI: translate("Topology", "Erdős-Rényi"),
        TopologyType.BARABASI_ALBERT: translate("Topology", "Barabási-Albert"),
        TopologyType.WATTS_STROGATZ: translate("Topology", "Watts-Strogatz"),
        TopologyType.WAXMAN: translate("Topology", "Waxman"),
        FILE: translate("Topology", "From a file"),
        TEXT: translate("Topology", "List of edges"),
    }


class SourcePanel(QWidget):
    """Chooses a graph.

    Signals:
        changed: another graph is wanted.
    """

    changed = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.kinds = self._make_kinds()
        self._help = QLabel()
        self._help.setWordWrap(True)
        self.form = ParameterForm(appearance)
        self.form.changed.connect(self.changed)
        self.seed = QSpinBox()
        self.path = QLineEdit()
        self.text = QPlainTextEdit()
        self.pages = QStackedWidget()
        self._listed = (self._kind_page(), self._file_page(), self._text_page())
        for page in self._listed:
            self.pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.kinds, self._help, self.pages):
            column.addWidget(widget)
        appearance.changed.connect(self._draw_pictures)
        self._draw_pictures()
        self.choose(TopologyType.RING)
        self.kinds.currentItemChanged.connect(self._on_kind)

    # -- pages -------------------------------------------------------------------------------------------

    def _make_kinds(self) -> QListWidget:
        kinds = QListWidget()
        kinds.setAccessibleName(self.tr("Kind of topology"))
        kinds.setViewMode(QListWidget.ViewMode.IconMode)
        kinds.setMovement(QListWidget.Movement.Static)
        kinds.setResizeMode(QListWidget.ResizeMode.Adjust)
        kinds.setIconSize(_PICTURE)
        kinds.setGridSize(_CELL)
        kinds.setUniformItemSizes(True)
        kinds.setFixedHeight(5 * _CELL.height() + 8)
        kinds.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for kind, title in kind_titles().items():
            item = QListWidgetItem(title)
            item.setData(_KIND, str(kind))
            item.setToolTip(_help_of(kind))
            item.setSizeHint(_CELL)
            kinds.addItem(item)
        return kinds

    def _kind_page(self) -> QWidget:
        page = QWidget()
        self.seed.setRange(0, 2**31 - 1)
        self.seed.setValue(secrets.randbelow(_SEEDS))
        self.seed.setMinimumWidth(110)
        self.seed.setAccessibleName(self.tr("Seed"))
        self.seed.setToolTip(self.tr("The same seed gives the same topology again"))
        self.seed.valueChanged.connect(self.changed)
        self._dice = QToolButton()
        self._dice.setIcon(icons.icon("dice"))
        self._dice.setText(self.tr("Another one"))
        self._dice.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._dice.setToolTip(self.tr("Draw another topology of this kind"))
        self._dice.clicked.connect(self._throw_dice)
        self._chance = QWidget()
        row = QHBoxLayout(self._chance)
        row.setContentsMargins(0, 0, 0, 0)
        label = QLabel(self.tr("&Seed"))
        label.setBuddy(self.seed)
        for widget in (label, self.seed, self._dice):
            row.addWidget(widget)
        row.addStretch()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.form)
        column.addWidget(self._chance)
        column.addStretch()
        return page

    def _file_page(self) -> QWidget:
        page = QWidget()
        self.path.setAccessibleName(self.tr("File with a graph"))
        self.path.setPlaceholderText(self.tr("GraphML, GML or a list of edges"))
        self.path.textChanged.connect(self.changed)
        button = QPushButton(self.tr("&Choose…"))
        button.setAutoDefault(False)
        button.clicked.connect(self.ask_for_file)
        label = QLabel(self.tr("&File"))
        label.setBuddy(self.path)
        row = QHBoxLayout()
        row.addWidget(self.path)
        row.addWidget(button)
        rows = QFormLayout(page)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addRow(label, row)
        return page

    def _text_page(self) -> QWidget:
        page = QWidget()
        self.text.setAccessibleName(self.tr("List of edges"))
        self.text.setPlaceholderText("a b\nb c\nc a")
        self.text.setTabChangesFocus(True)
        self.text.setMinimumHeight(90)
        self.text.textChanged.connect(self.changed)
        label = QLabel(self.tr("&Edges, two nodes in each line"))
        label.setBuddy(self.text)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label)
        column.addWidget(self.text)
        return page

    def _draw_pictures(self) -> None:
        theme, ratio = self._appearance.theme, self.devicePixelRatioF()
        for number in range(self.kinds.count()):
            item = self.kinds.item(number)
            kind = item.data(_KIND)
            if kind in (FILE, TEXT):
                picture = blank_picture(_PICTURE, ratio)
                painter = QPainter(picture)
                icons.paint(
                    painter, "open" if kind == FILE else "paste", picture.rect().toRectF().adjusted(16, 6, -16, -6)
                )
                painter.end()
            else:
                picture = kind_picture(TopologyType(kind), theme, _PICTURE, ratio)
            item.setIcon(QIcon(picture))

    # -- what is chosen ----------------------------------------------------------------------------------

    @property
    def kind(self) -> str:
        """A kind of topology, `FILE` or `TEXT`."""
        return str(self.kinds.currentItem().data(_KIND))

    def choose(self, kind: str) -> None:
        """Choose a kind of topology, `FILE` or `TEXT`."""
        numbers = (number for number in range(self.kinds.count()) if self.kinds.item(number).data(_KIND) == kind)
        self.kinds.setCurrentRow(next(numbers))
        self._show_kind()

    def choose_file(self, path: Path) -> None:
        """Take the graph from a file."""
        self.choose(FILE)
        self.path.setText(str(path))

    def choose_text(self, text: str) -> None:
        """Take the graph from a list of edges."""
        self.choose(TEXT)
        self.text.setPlainText(text)

    def request(self) -> Request | None:
        """Return what is asked for; None as long as a file or text is still to be given."""
        if self.kind == FILE:
            path = self.path.text().strip()
            return Request(path=Path(path).expanduser()) if path else None
        if self.kind == TEXT:
            text = self.text.toPlainText()
            return Request(text=text) if text.strip() else None
        kind = TopologyType(self.kind)
        seed = self.seed.value() if GENERATORS[kind].random else None
        return Request(kind, self.form.values(), seed)

    def ask_for_file(self) -> None:
        """Have the user choose a file."""
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Graph"), self.path.text(), graph_filter())
        if path:
            self.path.setText(path)

    def _throw_dice(self) -> None:
        self.seed.setValue(secrets.randbelow(_SEEDS))

    def _on_kind(self) -> None:
        self._show_kind()
        self.changed.emit()

    def _turn_to(self, number: int) -> None:
        """Show a page; those that are hidden take no room."""
        for each, page in enumerate(self._listed):
            policy = QSizePolicy.Policy.Preferred if each == number else QSizePolicy.Policy.Ignored
            page.setSizePolicy(QSizePolicy.Policy.Preferred, policy)
        self.pages.setCurrentIndex(number)

    def _show_kind(self) -> None:
        kind = self.kind
        self._help.setText(_help_of(kind))
        self._turn_to({FILE: 1, TEXT: 2}.get(kind, 0))
        if kind not in (FILE, TEXT):
            generator = GENERATORS[TopologyType(kind)]
            self.form.show_parameters(generator.parameters)
            self._chance.setVisible(generator.random)


def _help_of(kind: str) -> str:
    if kind == FILE:
        return translate("Topology", "The graph in a file of GraphML or GML, such as those of the Topology Zoo")
    if kind == TEXT:
        return translate("Topology", "A graph that is written or pasted as a list: two nodes in each line")
    return GENERATORS[TopologyType(kind)].help


def graph_filter() -> str:
    """Return what a file dialog shows when a graph is wanted."""
    graphs = translate("Topology", "Graphs") + " (*.graphml *.gml *.edgelist *.edges *.txt)"
    return graphs + ";;" + translate("Topology", "All files") + " (*)"
