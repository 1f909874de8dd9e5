"""What this program is: version, licence, and what it stands on."""

from __future__ import annotations

import platform

import PySide6
from PySide6.QtCore import QSize, Qt, qVersion
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from nepi_gui import icons

_QT_LICENCE = "https://www.gnu.org/licenses/lgpl-3.0.html"


class AboutDialog(QDialog):
    """Says which version this is, and under which licences."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("About NEPI-GUI"))
        picture = QLabel(self)
        picture.setPixmap(icons.icon("nepi-gui").pixmap(QSize(64, 64), self.devicePixelRatioF()))
        self.text = QLabel(self._words(), self, wordWrap=True, textFormat=Qt.TextFormat.RichText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.text.setOpenExternalLinks(True)
        self.text.setMinimumWidth(420)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.close)
        row, column = QHBoxLayout(), QVBoxLayout(self)
        row.setSpacing(18)
        row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)
        column.setContentsMargins(20, 20, 20, 14)
        column.addLayout(row)
        column.addSpacing(8)
        column.addWidget(buttons)

    def _words(self) -> str:
        what = self.tr("Draw, run and repeat network experiments: on this machine, on real hosts, in simulators.")
        own = self.tr("Free software under the MIT licence.")
        qt = self.tr(
            "The window is made with Qt {0} and PySide {1}, which are free software under the "
            "<a href='{2}'>GNU Lesser General Public License, version 3</a>. They are installed beside this program, "
            "as packages of their own, and can be replaced by other versions."
        ).format(qVersion(), PySide6.__version__, _QT_LICENCE)
        machine = self.tr("Python {0} on {1}").format(platform.python_version(), platform.platform(terse=True))
        return f"<h2>NEPI-GUI {own_version()}</h2><p>{what}</p><p>{own}</p><p>{qt}</p><p>{machine}</p>"


def own_version() -> str:
    """Return the version of this program; "" when it is not installed."""
    from importlib.metadata import PackageNotFoundError, version  # 16 ms, which every start would pay

    try:
        return version("nepi-gui")
    except PackageNotFoundError:
        return ""
