"""Sums up a capture, and again whenever it is told to; a process of its own, so that no window waits for it.

Argument: the file. Each line on standard input has it read on; the end of standard input ends it. What it has counted
is written as a line of JSON (`Summary`), also while it reads.
"""

from __future__ import annotations

import json
import os
import select
import sys
import threading
import time
from pathlib import Path

from nepi_gui.captures.packet_file import PacketFile
from nepi_gui.captures.tally import Tally
from nepi_gui.captures.tshark import Protocols, ask_tshark, has_tshark
from nepi_gui.file_window import open_regular

MOST_TOLD = 1_000
"""Conversations in a line of output."""

_CHUNK = 256 * 1024
_TELLING = 0.5  # seconds between two lines while it reads
_REST = 2.0  # seconds after which a capture is taken to grow no more, and tshark is asked
_ASKING = 30.0  # seconds between two questions about one that never rests


class Reading:
    """Reads one capture."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._has_tshark = has_tshark()
        self._wake_reader, self._wake_writer = os.pipe()
        self._asking: threading.Thread | None = None
        self._asked_at = 0.0
        self._begin()

    def _begin(self) -> None:
        self._place = 0
        self._asked_place = 0
        self._file = PacketFile()
        self._tally = Tally()
        self._protocols: Protocols | None = None
        self._answered_place = 0  # up to which tshark has counted

    def run(self) -> None:
        """Read and tell until standard input ends."""
        while self._read_on():
            self._tell()
            if not self._wait():
                return

    def _read_on(self) -> bool:
        """Read what there is; tell whether to go on afterwards."""
        told = time.monotonic()
        with open_regular(self._path) as descriptor:
            if os.fstat(descriptor.number).st_size < self._place:
                self._begin()
            while not self._file.problem and (data := os.pread(descriptor.number, _CHUNK, self._place)):
                self._place += len(data)
                for packet in self._file.take(data):
                    self._tally.add(packet)
                if time.monotonic() - told > _TELLING:
                    self._tell()
                    told = time.monotonic()
                    if _has_ended():
                        return False
        return True

    def _wait(self) -> bool:
        """Wait until there is something to do; ask tshark meanwhile. Tell whether to go on."""
        while True:
            may_ask = self._has_tshark and self._asking is None and self._place != self._asked_place
            if may_ask and (not self._asked_place or time.monotonic() - self._asked_at > _ASKING):
                self._ask()
                may_ask = False
            ready, _, _ = select.select([0, self._wake_reader], [], [], _REST if may_ask else None)
            if not ready:
                self._ask()
            elif self._wake_reader in ready:
                self._take_answer()
            else:
                return bool(os.read(0, 4096))

    def _ask(self) -> None:
        self._asked_place, self._asked_at = self._place, time.monotonic()
        size = self._place - self._file.waiting
        self._asking = threading.Thread(target=self._wait_for_tshark, args=(self._place, size), daemon=True)
        self._asking.start()

    def _wait_for_tshark(self, place: int, size: int) -> None:
        if found := ask_tshark(self._path, size):
            self._protocols, self._answered_place = found, place
        os.write(self._wake_writer, b"\n")

    def _take_answer(self) -> None:
        os.read(self._wake_reader, 1)
        self._asking = None
        self._tell()

    def _tell(self) -> None:
        summary = self._tally.summary(MOST_TOLD)
        summary.problem = self._file.problem
        if self._protocols is not None and self._answered_place == self._place:  # or else numbers would not agree
            summary.protocols, summary.by_tshark = self._protocols, True
        print(json.dumps(summary.to_json()), flush=True)


def _has_ended() -> bool:
    """Tell whether nobody wants to know any more; lines that wait only say to read on."""
    while select.select([0], [], [], 0)[0]:
        if not os.read(0, 4096):
            return True
    return False


def main() -> None:
    """Sum up the capture that is the argument."""
    try:
        Reading(Path(sys.argv[1])).run()
    except OSError as error:
        if error.filename is not None:
            print(json.dumps({"unreadable": error.strerror or str(error)}), flush=True)


if __name__ == "__main__":
    main()
