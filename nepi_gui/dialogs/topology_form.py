"""The parameters of a kind of topology as fields, made from their declarations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QFormLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from nepi_core.attribute import Attribute, Types
from nepi_gui.appearance import Appearance

_MOST = 2**31 - 1  # of a whole number in Qt's fields

_FIRST_VALUES = {
    "node_count": 8,
    "rows": 3,
    "columns": 4,
    "dimension": 3,
    "spines": 2,
    "leaves": 4,
    "hosts": 2,
    "k": 4,
    "probability": 0.25,
    "edges_per_node": 2,
    "neighbours": 4,
}
"""What the fields show at first, where a kind has no default of its own."""


class Field(QWidget):
    """A field for one parameter, with room for what is wrong with it."""

    changed = Signal()

    def __init__(self, attribute: Attribute, value: Any, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.attribute = attribute
        self._appearance = appearance
        self.editor = self._make_editor(value)
        self.editor.setAccessibleName(_title(attribute))
        self.editor.setToolTip(f"{attribute.help}: {attribute.expectation()}")
        self._fault = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._fault.setWordWrap(True)
        self._fault.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.editor, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._fault)
        appearance.changed.connect(self._colour)
        self._colour()

    def _make_editor(self, value: Any) -> QCheckBox | QSpinBox | QDoubleSpinBox:
        attribute = self.attribute
        if attribute.type is Types.Bool:
            box = QCheckBox(attribute.help)
            box.setChecked(bool(value))
            box.toggled.connect(self.changed)
            return box
        low, high = attribute.range or (0, _MOST)
        if attribute.type is Types.Integer:
            whole = QSpinBox()
            whole.setRange(round(low), round(min(high, _MOST)))
            whole.setGroupSeparatorShown(True)
            whole.setValue(round(value))
            whole.valueChanged.connect(self.changed)
            whole.setMinimumWidth(110)
            return whole
        number = QDoubleSpinBox()
        number.setDecimals(3)
        number.setRange(low, high)
        number.setSingleStep(0.05)
        number.setValue(float(value))
        number.valueChanged.connect(self.changed)
        number.setMinimumWidth(110)
        return number

    @property
    def value(self) -> Any:
        """What stands in the field."""
        return self.editor.isChecked() if isinstance(self.editor, QCheckBox) else self.editor.value()

    def tell(self, fault: str) -> None:
        """Say what is wrong; "" for nothing."""
        self._fault.setText(fault)
        self._fault.setVisible(bool(fault))

    def _colour(self) -> None:
        self._fault.setStyleSheet(f"color: {self._appearance.theme.danger}")


class ParameterForm(QWidget):
    """Fields for parameters; the values stay when another kind has parameters of the same names.

    Signals:
        changed: another value stands in a field.
    """

    changed = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._values: dict[str, Any] = dict(_FIRST_VALUES)
        self.fields: dict[str, Field] = {}
        self._rows = QFormLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)

    def show_parameters(self, parameters: Iterable[Attribute]) -> None:
        """Show fields for these parameters only."""
        self._values.update(self.values())
        while self._rows.rowCount():
            self._rows.removeRow(0)
        self.fields = {}
        for attribute in parameters:
            default = attribute.default if attribute.default is not None else 1
            field = Field(attribute, self._values.get(attribute.name, default), self._appearance, self)
            field.changed.connect(self.changed)
            self.fields[attribute.name] = field
            if attribute.type is Types.Bool:
                self._rows.addRow(field)
                continue
            label = QLabel(_title(attribute))
            label.setBuddy(field.editor)
            self._rows.addRow(label, field)

    def values(self) -> dict[str, Any]:
        """Return what stands in the fields, by parameter."""
        return {name: field.value for name, field in self.fields.items()}

    def tell(self, fault: str) -> bool:
        """Say what is wrong at the field that it is about; tell whether there is one. "" takes it away."""
        word = fault.partition(" ")[0]
        for name, field in self.fields.items():
            field.tell(self._sentence(fault) if name == word else "")
        return word in self.fields

    def _sentence(self, fault: str) -> str:
        """Return a fault that begins with the name of a parameter as a sentence about its field."""
        rest = fault.partition(" ")[2]
        for name, field in self.fields.items():
            rest = rest.replace(name, f"“{_title(field.attribute)}”")
        return self.tr("It {0}").format(rest)


def _title(attribute: Attribute) -> str:
    """Return what a parameter is called: what its help begins with."""
    return attribute.help.partition(",")[0].partition(";")[0].partition(" that ")[0]
