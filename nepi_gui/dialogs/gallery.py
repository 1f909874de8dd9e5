"""The start page: begin anew, open a file, or begin with a copy of an example."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nepi_gui import icons
from nepi_gui.canvas.items import plain_tool_tip
from nepi_gui.dialogs.cards import (
    CARD_PICTURE,
    LINE,
    PATH,
    ROW_PICTURE,
    SMALLEST_CARD,
    STORY,
    CardDelegate,
    RowDelegate,
    card_height,
)
from nepi_gui.dialogs.pictures import Pictures
from nepi_gui.editor import Editor
from nepi_gui.examples import Example, examples

_SIDE = 268  # width of the column on the left
_MOST_RECENT = 8


class _List(QListWidget):
    """A list of files with pictures; Enter or a double-click asks for one."""

    def __init__(self, pictures: Pictures, parent: QWidget) -> None:
        super().__init__(parent)
        self.pictures = pictures
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        pictures.drawn.connect(self._show_picture)

    def fill(self, entries: Iterable[tuple[Path, str, str, str]]) -> None:
        """Show files: each with its title, the line below, and a story."""
        self.clear()
        for path, title, line, story in entries:
            item = QListWidgetItem(title, self)
            item.setData(PATH, path)
            item.setData(LINE, line)
            item.setData(STORY, story)
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, f"{line}. {story}")
        self.show_pictures()

    def show_pictures(self) -> None:
        """Show all pictures that are there, and have the others drawn."""
        for item in self.entries():
            item.setData(
                Qt.ItemDataRole.DecorationRole, self.pictures.picture(item.data(PATH), self.devicePixelRatioF())
            )

    def entries(self) -> list[QListWidgetItem]:
        """Return all entries, those that are hidden as well."""
        return [self.item(number) for number in range(self.count())]

    def _show_picture(self, path: Path) -> None:
        for item in self.entries():
            if item.data(PATH) == path:
                item.setData(Qt.ItemDataRole.DecorationRole, self.pictures.picture(path, self.devicePixelRatioF()))

    def choose_first(self) -> None:
        """Make the first entry that is shown the current one; select nothing when there is none."""
        self.clearSelection()
        if shown := next((item for item in self.entries() if not item.isHidden()), None):
            self.setCurrentItem(shown)


class _Cards(_List):
    """The examples: as many cards side by side as there is room for."""

    def __init__(self, pictures: Pictures, parent: QWidget) -> None:
        super().__init__(pictures, parent)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)

    def resizeEvent(self, event: QResizeEvent) -> None:
        width = self.viewport().width() - 2
        columns = max(1, width // SMALLEST_CARD)
        self.setGridSize(QSize(width // columns, card_height(self.font())))
        super().resizeEvent(event)


class StartPage(QWidget):
    """What a window shows in the middle before there is an experiment.

    Signals:
        wanted: a command by its name.
        example_wanted: an `Example`, to be opened as a copy.
        file_wanted: a file.
        left: the user wants to go on with the canvas.
    """

    wanted = Signal(str)
    example_wanted = Signal(object)
    file_wanted = Signal(object)
    left = Signal()

    def __init__(self, editor: Editor, commands: Iterable[tuple[str, str, str]], parent: QWidget) -> None:
        super().__init__(parent)
        self._editor = editor
        self._examples = {each.path: each for each in examples()}
        self.setAccessibleName(self.tr("Start page"))
        self.setAutoFillBackground(True)
        # Beside the canvas in a stack, it must not keep that as wide as it is itself.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        row = QHBoxLayout(self)
        row.setContentsMargins(28, 24, 12, 12)
        row.setSpacing(28)
        row.addLayout(self._make_side(commands))
        row.addLayout(self._make_gallery(), 1)
        editor.appearance.changed.connect(self._show_colours)
        self._show_colours()

    # -- left: begin -------------------------------------------------------------------------------------

    def _make_side(self, commands: Iterable[tuple[str, str, str]]) -> QVBoxLayout:
        side = QVBoxLayout()
        side.setSpacing(6)
        side.addLayout(self._make_head())
        side.addSpacing(12)
        for name, text, icon in commands:
            side.addWidget(self._button(name, text, icon))
        side.addSpacing(18)
        side.addWidget(_heading(self.tr("Recent files"), self))
        self.recent = _List(Pictures(self._editor.appearance, ROW_PICTURE, self), self)
        self.recent.setItemDelegate(RowDelegate(self._editor.appearance, self.recent))
        self.recent.setAccessibleName(self.tr("Recent files"))
        self.recent.setFixedWidth(_SIDE)
        self.recent.itemActivated.connect(self._want_file)
        self._nothing = QLabel(self.tr("Files that you open or save are listed here."), self, wordWrap=True)
        self._nothing.setFixedWidth(_SIDE)
        side.addWidget(self._nothing)
        side.addWidget(self.recent, 1)
        side.addStretch(0)
        return side

    def _make_head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(14)
        picture = QLabel(self)
        picture.setPixmap(icons.icon("nepi-gui").pixmap(QSize(48, 48), self.devicePixelRatioF()))
        title = QLabel("NEPI-GUI", self)
        _enlarge(title, 1.7)
        self._motto = QLabel(self.tr("Draw, run and repeat network experiments"), self)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(title)
        words.addWidget(self._motto)
        head.addWidget(picture)
        head.addLayout(words, 1)
        return head

    def _button(self, name: str, text: str, icon: str) -> QToolButton:
        button = QToolButton(self, autoRaise=True)
        button.setText(text)
        button.setIcon(icons.icon(icon))
        button.setIconSize(QSize(24, 24))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setMinimumHeight(36)
        button.setFixedWidth(_SIDE)
        button.setObjectName(name)
        button.clicked.connect(self._want_command)
        return button

    def _want_command(self) -> None:
        self.wanted.emit(self.sender().objectName())

    def _want_file(self, item: QListWidgetItem) -> None:
        self.file_wanted.emit(item.data(PATH))

    # -- right: examples ---------------------------------------------------------------------------------

    def _make_gallery(self) -> QVBoxLayout:
        gallery, head = QVBoxLayout(), QHBoxLayout()
        gallery.setSpacing(10)
        head.setSpacing(10)
        head.addWidget(_heading(self.tr("Examples"), self))
        self._hint = QLabel(self.tr("Enter or a double-click opens a copy, which you can change and run."), self)
        head.addSpacing(8)
        self._hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head.addWidget(self._hint, 1)
        self.search = QLineEdit(self, placeholderText=self.tr("Search the examples"), clearButtonEnabled=True)
        self.search.setAccessibleName(self.tr("Search the examples"))
        self.search.setFixedWidth(220)
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)
        head.addWidget(self.search)
        gallery.addLayout(head)
        self.cards = _Cards(Pictures(self._editor.appearance, CARD_PICTURE, self), self)
        self.cards.setItemDelegate(CardDelegate(self._editor.appearance, self.cards))
        self.cards.setAccessibleName(self.tr("Examples"))
        self.cards.itemActivated.connect(self._want_example)
        self._none = QLabel(self.tr("No example is about that."), self, alignment=Qt.AlignmentFlag.AlignCenter)
        self._none.hide()
        gallery.addWidget(self._none)
        gallery.addWidget(self.cards, 1)
        return gallery

    def _want_example(self, item: QListWidgetItem) -> None:
        self.example_wanted.emit(self._examples[item.data(PATH)])

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        for item in self.cards.entries():
            about = _about(self._examples[item.data(PATH)])
            item.setHidden(not all(word in about for word in words))
        shown = [item for item in self.cards.entries() if not item.isHidden()]
        self._none.setVisible(not shown)
        self.cards.choose_first()

    # -- as a whole ----------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self.cards.count():
            self.cards.fill((each.path, each.question or each.name, _line(each), each.story) for each in examples())
            for item in self.cards.entries():
                item.setToolTip(plain_tool_tip(item.data(STORY)))
            self.cards.choose_first()
        files = self._editor.settings.recent_files()[:_MOST_RECENT]
        self.recent.fill((path, path.stem, _short(path.parent), "") for path in files)
        for item in self.recent.entries():
            item.setToolTip(plain_tool_tip(str(item.data(PATH))))
        self._nothing.setVisible(not files)
        self.recent.setVisible(bool(files))
        self.cards.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down:
                self.cards.setFocus()
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.cards.selectedItems():
                self._want_example(self.cards.currentItem())
                return True
        return super().eventFilter(watched, event)

    def _show_colours(self) -> None:
        theme = self._editor.appearance.theme
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.Window, QColor(theme.canvas))
        self.setPalette(palette)
        muted = QPalette(palette)
        muted.setColor(QPalette.ColorRole.WindowText, QColor(theme.muted))
        for label in (self._motto, self._hint, self._nothing, self._none):
            label.setPalette(muted)
        self.recent.show_pictures()
        self.cards.show_pictures()


def _about(example: Example) -> str:
    """Return all words of an example, to be searched."""
    return f"{example.name} {example.question} {example.shows} {example.story}".casefold()


def _line(example: Example) -> str:
    return " · ".join(each for each in (example.name, example.takes) if each)


def _short(folder: Path) -> str:
    """Return a folder as people write it."""
    home = Path.home()
    return f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder)


def _heading(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    _enlarge(label, 1.15)
    return label


def _enlarge(label: QLabel, factor: float) -> None:
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * factor)
    font.setBold(True)
    label.setFont(font)
