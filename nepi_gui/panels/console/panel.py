"""The command box: a command on a host of the live run, its output, and those that were typed before."""

from __future__ import annotations

import signal
from collections import deque
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from nepi_core.errors import NepiError
from nepi_core.states import ResourceState
from nepi_gui import icons
from nepi_gui.editor import Editor
from nepi_gui.panels.console.fields import CommandField, Kind, OutputText
from nepi_gui.panels.console.history import CommandHistory, history_path
from nepi_gui.panels.console.host_command import HostCommand
from nepi_gui.panels.refreshing import Refreshing
from nepi_gui.panels.run_names import RunNames
from nepi_gui.shell import find_host

_PAUSE = 500  # ms between two looks at which hosts there are
_MOST_WAITING = 20  # commands
_LONGEST, _LONGEST_LINE = 40, 160  # letters of a command, and of what is said about those that wait


class Typed(NamedTuple):
    """A command that was typed, and for which host."""

    guid: int
    name: str
    command: str


class ConsolePanel(QWidget):
    """Runs commands on hosts, one after the other."""

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor
        self._history = CommandHistory(history_path(""))
        self._names = RunNames(None)
        self._waiting: deque[Typed] = deque()
        self._running: HostCommand | None = None
        self._command = ""  # that was started last
        self._left: list[HostCommand] = []  # of which something goes on in the background
        self._refreshing = Refreshing(self, self.refresh, _PAUSE)
        self.hosts = QComboBox(self)
        self.hosts.setAccessibleName(self.tr("Host"))
        self.hosts.setToolTip(self.tr("Where the command runs"))
        self.hosts.setMinimumContentsLength(10)
        self.command = CommandField(self)
        self.stop = self._button("stop", self.tr("End the command (Ctrl+C)"))
        self.clear = self._button("delete", self.tr("Forget the output"))
        self.output = OutputText(editor.appearance, self)
        self.waiting = QLabel(self)
        self.waiting.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.waiting.setTextFormat(Qt.TextFormat.PlainText)
        self.waiting.hide()
        self.nothing = QLabel(self)
        self.nothing.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setWordWrap(True)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.nothing)
        self._pages.addWidget(self.output)
        self._lay_out()
        self._listen()
        self.setFocusProxy(self.command)
        self.refresh()

    def _button(self, icon: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icons.icon(icon))
        button.setAutoRaise(True)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        for widget, share in ((self.hosts, 0), (self.command, 1), (self.stop, 0), (self.clear, 0)):
            row.addWidget(widget, share)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(4)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self.waiting)
        layout.addLayout(row)

    def _listen(self) -> None:
        self._editor.run_changed.connect(self._on_run)
        self._editor.selection.changed.connect(self._refreshing.soon)
        self.command.returnPressed.connect(self.enter)
        self.command.stop_wanted.connect(self.interrupt)
        self.command.up.connect(self._go_up)
        self.command.down.connect(self._go_down)
        self.stop.clicked.connect(self.interrupt)
        self.clear.clicked.connect(self._forget)

    # -- which hosts -----------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refreshing.shown()

    def _on_run(self) -> None:
        self._end_all()
        run = self._editor.run
        self._names = RunNames(run)
        self._history = CommandHistory(history_path(run.exp_id if run is not None else ""))
        if run is not None:
            run.states_changed.connect(self._note_news)
            run.grew.connect(self._note_news)
            run.ended.connect(self._on_end)
        self._refreshing.at_once()

    def _note_news(self) -> None:
        self._names.expect_news()
        self._refreshing.soon()

    def _on_end(self) -> None:
        was_busy = self._running is not None or bool(self._left)
        ended = self.tr("The run has ended, and with it what was running here.")
        if not self.output.document().isEmpty():
            self.output.put_line(ended if was_busy else self.tr("The run has ended."), Kind.NOTE)
        self._end_all()
        self._refreshing.at_once()

    def refresh(self) -> None:
        """Offer the hosts that there are now; that which is selected, if it is one, is the chosen one."""
        found = self._present()
        kept = self.hosts.currentData()
        listed = [(self.hosts.itemData(row), self.hosts.itemText(row)) for row in range(self.hosts.count())]
        if found != listed:
            self.hosts.clear()
            for guid, name in found:
                self.hosts.addItem(name, guid)
        wanted = self._near_selection({guid for guid, _ in found}) or kept
        self.hosts.setCurrentIndex(max(0, self.hosts.findData(wanted)))
        self._show_whether_possible(bool(found))

    def _present(self) -> list[tuple[int, str]]:
        run = self._editor.run
        if run is None or not run.is_live:
            return []
        hosts = [each for each in run.reader.hosts() if run.lives.state(each.guid) is not ResourceState.RELEASED]
        return [(each.guid, self._names(each.guid) or each.name) for each in hosts]

    def selected_host(self) -> int | None:
        """Return the host that is selected, or at which what is selected runs; None when there is none."""
        return self._near_selection({guid for guid, _ in self._present()})

    def _near_selection(self, hosts: set[int]) -> int | None:
        chosen = self._editor.selection.guids
        resources = self._editor.document.description.resources
        near = [each for guid in chosen[:20] if guid in resources for each in sorted(resources[guid].connections)]
        return next((guid for guid in [*chosen, *near] if guid in hosts), None)

    def choose_host(self, guid: int) -> None:
        """Choose a host for the next command."""
        self._refreshing.catch_up()
        if (row := self.hosts.findData(guid)) >= 0:
            self.hosts.setCurrentIndex(row)

    def _show_whether_possible(self, is_possible: bool) -> None:
        run = self._editor.run
        for field in (self.hosts, self.command):
            field.setEnabled(is_possible)
        self.stop.setEnabled(self._running is not None)
        if is_possible:
            reason = self.tr("Type a command below: it runs on the host that is chosen there.")
        elif run is None:
            reason = self.tr("Commands run on the hosts of a run that goes on. Press Run to start one.")
        elif not run.is_live:
            reason = self.tr("The run is over: its hosts take no commands any more.")
        else:
            reason = self.tr("No host of the run is READY yet.")
        self.nothing.setText(reason)
        hint = self.tr("Command, such as ping -c 3 h2; each in a shell of its own")
        self.command.setPlaceholderText(hint if is_possible else reason)
        self.hosts.setToolTip(self.tr("Where the command runs") if is_possible else reason)
        self.command.setToolTip("" if is_possible else reason)
        self._pages.setCurrentWidget(self.nothing if self.output.document().isEmpty() else self.output)

    # -- commands --------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Run what stands in the field, after what is running already."""
        command = self.command.text()
        if not command.strip() or self.hosts.currentData() is None:
            return
        if len(self._waiting) >= _MOST_WAITING:
            self._editor.tell(self.tr("{0} commands are waiting already.").format(len(self._waiting)))
            return
        self.command.clear()
        try:
            self._history.add(command)
        except OSError as error:
            self._editor.tell(self.tr("The history of commands cannot be kept: {0}.").format(error.strerror or error))
        self._waiting.append(Typed(self.hosts.currentData(), self.hosts.currentText(), command))
        if self._running is None:
            self._start_next()
        else:
            self._show_waiting()

    def _show_waiting(self) -> None:
        """Say which commands wait, and what for."""
        self.waiting.setVisible(bool(self._waiting) and self._running is not None)
        if self._waiting and self._running is not None:
            one = self.tr("“{0}” goes on, and reads no input; next: {1}  (Ctrl+C ends it, and forgets what waits)")
            next_ones = "; ".join(_short(each.command) for each in self._waiting)
            self.waiting.setText(_short(one.format(_short(self._command), next_ones), _LONGEST_LINE))

    def _forget_waiting(self) -> None:
        """Run none of the commands that wait, and say so."""
        for each in self._waiting:
            self.output.put_line(self.tr("Not run: {0}").format(f"{each.name} $ {each.command}"), Kind.NOTE)
        self._waiting.clear()
        self._show_waiting()

    def _start_next(self) -> None:
        while self._waiting and self._running is None:
            self._start(self._waiting.popleft())
        self._show_waiting()
        self._show_whether_possible(bool(self.hosts.count()))

    def _start(self, typed: Typed) -> None:
        run = self._editor.run
        if run is None:
            return
        self._command = typed.command
        self.output.put_line(f"{typed.name} $ {typed.command}", Kind.COMMAND)
        try:
            host = find_host(run.folder, str(typed.guid))
            arguments = [*host.shell, "sh", "-c", typed.command]
            self._running = HostCommand(arguments, run.folder, self)
        except NepiError as error:
            self.output.put_line(str(error), Kind.FAULT)
        except (OSError, ValueError) as error:  # such as an argument that is too long, or has a zero byte in it
            self.output.put_line(self.tr("It cannot be started: {0}.").format(error), Kind.FAULT)
        else:
            self._running.printed.connect(self._take)
            self._running.ended.connect(self._note_end)

    def _take(self, text: str, is_error: bool) -> None:
        self.output.put(text, Kind.ERROR if is_error else Kind.OUTPUT)

    def _note_end(self, status: int) -> None:
        ended, self._running = self._running, None
        if ended is None:
            return
        known, self._left = [*self._left, ended], []
        for each in known:
            if each.has_left_any():
                self._left.append(each)
            else:
                each.close()
                each.deleteLater()
        if ended in self._left and status == 0:
            self.output.put_line(self.tr("It goes on in the background until the run ends."), Kind.NOTE)
        self._tell_status(status)
        self._start_next()

    def _tell_status(self, status: int) -> None:
        if status < 0:
            self.output.put_line(self.tr("Ended by {0}").format(signal_name(-status)), Kind.FAULT)
        elif status:
            self.output.put_line(self.tr("Exit status {0}").format(status), Kind.FAULT)
        else:
            self.output.put_line(self.tr("Exit status 0"), Kind.NOTE)

    def interrupt(self) -> None:
        """End the command that is running; those that wait are forgotten."""
        self._forget_waiting()
        if self._running is not None:
            self._running.stop()

    def _end_all(self) -> None:
        ending, self._running = [*self._left, *filter(None, [self._running])], None
        self._forget_waiting()
        self._left = []
        for each in ending:
            each.blockSignals(True)
            each.close()
            each.deleteLater()

    def close_console(self) -> None:
        """End all that runs, since the window closes."""
        self._end_all()

    # -- the field -------------------------------------------------------------------------------------

    def _go_up(self) -> None:
        self.command.setText(self._history.up(self.command.text()))

    def _go_down(self) -> None:
        self.command.setText(self._history.down(self.command.text()))

    def _forget(self) -> None:
        self.output.clear()
        self._show_whether_possible(bool(self.hosts.count()))


def _short(text: str, longest: int = _LONGEST) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def signal_name(number: int) -> str:
    """Return what a signal is called, such as "SIGINT"."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
