"""The palette's entries as Qt's views take them: headings with resource types below, or what fits a search."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from html import escape

from PySide6.QtCore import QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

from nepi_core.factory import ResourceFactory
from nepi_core.resource_type import Drawn
from nepi_core.structure import short_type
from nepi_gui import icons
from nepi_gui.panels.type_groups import BROKEN, TypeGroup, fitting_types, type_groups
from nepi_gui.translation import translate

MIME = "application/x-nepi-rtype"
"""What is dragged from the palette: the name of a resource type, in UTF-8."""


class Role(IntEnum):
    """What an entry tells beside its text, icon and tool tip."""

    DETAIL = Qt.ItemDataRole.UserRole + 1
    """Its second line."""
    RTYPE = Qt.ItemDataRole.UserRole + 2
    """The resource type; "" for headings and plug-ins."""
    GROUP = Qt.ItemDataRole.UserRole + 3
    """The group's name, for headings; "" for others."""


class TypeModel(QStandardItemModel):
    """Headings and resource types, which can be dragged."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.show_groups()

    def show_groups(self) -> None:
        """List all types below the headings of their groups."""
        self.clear()
        for group in type_groups():
            heading = _heading(group)
            heading.appendRows([_broken(each) if group.name == BROKEN else _type(each) for each in group.rtypes])
            self.appendRow(heading)

    def show_fitting(self, typed: str) -> None:
        """List the types that fit what was typed, the best first, without headings."""
        self.clear()
        for rtype in fitting_types(typed):
            self.appendRow(_type(rtype, with_backend=True))

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex | QPersistentModelIndex]) -> QMimeData:
        data = QMimeData()
        rtypes = [str(index.data(Role.RTYPE)) for index in indexes if index.data(Role.RTYPE)]
        if rtypes:
            data.setData(MIME, rtypes[0].encode())
        return data


def _heading(group: TypeGroup) -> QStandardItem:
    item = QStandardItem(group.title)
    item.setData(group.provides, Role.DETAIL)
    item.setData(group.name, Role.GROUP)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
    item.setAccessibleDescription(group.provides)
    return item


def _type(rtype: str, with_backend: bool = False) -> QStandardItem:
    rclass = ResourceFactory.get_resource_type(rtype)
    item = QStandardItem(icons.icon(icons.icon_of_type(rtype)), short_type(rtype))
    help_text = rclass.get_help()
    item.setData(f"{rclass.get_backend()} · {help_text}" if with_backend else help_text, Role.DETAIL)
    item.setData(rtype, Role.RTYPE)
    item.setToolTip(type_tip(rtype))
    item.setAccessibleText(rtype)
    item.setAccessibleDescription(help_text)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled)
    return item


def _broken(plugin: str) -> QStandardItem:
    error = ResourceFactory.broken()[plugin]
    item = QStandardItem(icons.icon(icons.UNKNOWN), plugin.removeprefix("nepi_core.resources."))
    item.setData(error, Role.DETAIL)
    item.setToolTip(f"<p><b>{escape(plugin)}</b></p><p>{escape(error)}</p>")
    item.setAccessibleDescription(error)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
    return item


def type_tip(rtype: str) -> str:
    """Return what a resource type is for, how it is drawn, and how much can be set and collected, as rich text."""
    rclass = ResourceFactory.get_resource_type(rtype)
    drawn = {
        Drawn.NODE: translate("TypeModel", "Stands by itself"),
        Drawn.EDGE: translate("TypeModel", "A line between two others"),
        Drawn.BADGE: translate("TypeModel", "Hangs at another"),
    }[rclass.drawn]
    counts = translate("TypeModel", "{0} attributes, {1} traces").format(
        len(rclass.get_attributes()), len(rclass.get_traces())
    )
    return f"<p><b>{escape(rtype)}</b></p><p>{escape(rclass.get_help())}</p><p>{drawn} · {counts}</p>"
