"""The part of the topology wizard that says what nodes and edges become, their addresses, and who sends to whom."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLabel, QLineEdit, QWidget

from nepi_core.errors import TopologyError
from nepi_core.topology import NetGraph
from nepi_core.topology.addressing import FAMILIES, link_addresses, parse_block
from nepi_gui import icons
from nepi_gui.appearance import Appearance
from nepi_gui.dialogs.topology_draft import Draft
from nepi_gui.document.topologies import CONNECTION, Recipe, builder_of, edge_types, may_ping, node_types


class Ends(StrEnum):
    """How sources and targets are found."""

    NONE = "none"
    AUTOMATIC = "automatic"
    CHOSEN = "chosen"


class RecipePanel(QWidget):
    """Chooses what a topology becomes.

    Signals:
        changed: something else was chosen.
    """

    changed = Signal()

    def __init__(
        self, appearance: Appearance, has_topology: bool, preferred: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._draft: Draft | None = None
        self.node_type, self.edge_type = QComboBox(), QComboBox()
        self.by_distance = QCheckBox(self.tr("&Delays by distance"))
        self.by_distance.setToolTip(self.tr("Links take as long as light needs in glass between their ends"))
        self.family, self.block, self._fault = QComboBox(), QLineEdit(), QLabel(textFormat=Qt.TextFormat.PlainText)
        self.ends = QComboBox()
        self.pings = QCheckBox(self.tr("&Ping from each source to each target"))
        self._rows = QFormLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._add_types(preferred)
        self._add_addresses(has_topology)
        self._add_ends()
        self._listen()
        appearance.changed.connect(self._colour)
        self._colour()
        self._show_edge_types()

    def _row(self, text: str, editor: QComboBox | QLineEdit) -> None:
        label = QLabel(text)
        label.setBuddy(editor)
        editor.setAccessibleName(text.replace("&", ""))
        self._rows.addRow(label, editor)

    def _add_types(self, preferred: str) -> None:
        for rtype in node_types():
            self.node_type.addItem(icons.icon(icons.icon_of_type(rtype)), rtype, rtype)
        self.node_type.setCurrentIndex(max(0, self.node_type.findData(preferred)))
        self._row(self.tr("Each &node becomes"), self.node_type)
        self._row(self.tr("Each &edge becomes"), self.edge_type)
        self._rows.addRow("", self.by_distance)

    def _add_addresses(self, has_topology: bool) -> None:
        self.family.addItem(self.tr("As the backend assigns them"), 0)
        for version, family in FAMILIES.items():
            self.family.addItem(self.tr("IPv{0} from a block").format(version), version)
            self.family.setItemData(self.family.count() - 1, f"{family.network}/{family.prefix}", 0x101)
        if has_topology:
            self.family.setEnabled(False)
            self.family.setToolTip(
                self.tr("The experiment has a topology, whose addresses hold; those of another one have no effect")
            )
        self.block.setAccessibleName(self.tr("Block of addresses"))
        self._fault.setWordWrap(True)
        self._fault.hide()
        self._row(self.tr("&Addresses"), self.family)
        self._row(self.tr("&Block"), self.block)
        self._rows.addRow("", self._fault)
        self._rows.setRowVisible(self.block, False)
        self._rows.setRowVisible(self._fault, False)

    def _add_ends(self) -> None:
        self.ends.addItem(self.tr("None"), Ends.NONE)
        self.ends.addItem(self.tr("Two that are far apart"), Ends.AUTOMATIC)
        self.ends.addItem(self.tr("Chosen in the preview"), Ends.CHOSEN)
        self._row(self.tr("S&ource and target"), self.ends)
        self._rows.addRow("", self.pings)

    def _listen(self) -> None:
        self.node_type.currentIndexChanged.connect(self._show_edge_types)
        self.edge_type.currentIndexChanged.connect(self._on_change)
        self.family.currentIndexChanged.connect(self._on_family)
        self.block.textChanged.connect(self._on_change)
        self.ends.currentIndexChanged.connect(self._on_change)
        self.by_distance.toggled.connect(self._on_change)
        self.pings.toggled.connect(self._on_change)

    # -- what belongs together ---------------------------------------------------------------------------

    def show_draft(self, draft: Draft | None) -> None:
        """Offer what makes sense for another graph."""
        self._draft = draft
        self._on_change()

    def _show_edge_types(self) -> None:
        self.edge_type.blockSignals(True)
        self.edge_type.clear()
        for rtype in edge_types(self.node_type.currentData()):
            icon = icons.icon(icons.icon_of_type(rtype)) if rtype else icons.icon("link")
            self.edge_type.addItem(icon, rtype or self.tr("A connection, nothing else"), rtype)
        self.edge_type.blockSignals(False)
        self._on_change()

    def _on_family(self) -> None:
        version = self.family.currentData()
        self._rows.setRowVisible(self.block, bool(version))
        if version:
            self.block.setText(str(self.family.currentData(0x101)))
        self._on_change()

    def _on_change(self) -> None:
        recipe = Recipe(self.node_type.currentData(), self.edge_type.currentData() or CONNECTION)
        has_places = self._draft is not None and self._draft.has_coordinates()
        self._offer(self.by_distance, has_places and builder_of(recipe) is not None)
        self._offer(self.pings, self.ends_kind is not Ends.NONE and may_ping(recipe.node_type))
        fault = self.fault()
        self._fault.setText(fault)
        self._rows.setRowVisible(self._fault, bool(fault))
        self.changed.emit()

    def _offer(self, box: QCheckBox, makes_sense: bool) -> None:
        box.setVisible(makes_sense or box is self.pings)
        box.setEnabled(makes_sense)

    def _colour(self) -> None:
        self._fault.setStyleSheet(f"color: {self._appearance.theme.danger}")

    # -- what was chosen ---------------------------------------------------------------------------------

    @property
    def ends_kind(self) -> Ends:
        """How sources and targets are found."""
        return Ends(self.ends.currentData())

    def fault(self) -> str:
        """Return what is wrong with the addresses in a sentence, "" for nothing."""
        version = self.family.currentData()
        if not version or self._draft is None:
            return ""
        try:
            link_addresses(parse_block(self.block.text(), None, version), self._draft.netgraph.size())
        except TopologyError as error:
            return str(error)
        return ""

    def recipe(self) -> Recipe:
        """Return what nodes and edges become."""
        return Recipe(
            self.node_type.currentData(),
            self.edge_type.currentData() or CONNECTION,
            self.by_distance.isEnabled() and self.by_distance.isChecked(),
            self.pings.isEnabled() and self.pings.isChecked(),
        )

    def assign(self, netgraph: NetGraph) -> None:
        """Give a graph the addresses that were chosen.

        Raises:
            TopologyError: the block is wrong or too small.
        """
        if version := self.family.currentData():
            netgraph.assign_p2p_ips(self.block.text(), None, version)
