"""Messages between a run and those who watch it, as bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from nepi_gui.control.protocol import Message, Messages, ProtocolError, connect, encode, listen

_values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=8,
)
_messages = some.lists(some.dictionaries(some.text(), _values, max_size=4), max_size=5)


@given(_messages, some.lists(some.integers(1, 50), min_size=1))
def test_messages_come_out_as_they_went_in_however_they_are_cut(
    messages: list[dict[str, object]], cuts: list[int]
) -> None:
    sent = b"".join(map(encode, messages))
    taking = Messages()
    received: list[Message] = []
    while sent:
        size = cuts[len(sent) % len(cuts)]
        received += taking.take(sent[:size])
        sent = sent[size:]
    assert received == messages


@given(some.binary(max_size=60))
def test_what_is_no_message_is_refused(garbage: bytes) -> None:
    line = garbage.replace(b"\n", b"") + b"\n"
    try:
        is_message = isinstance(json.loads(line), dict)
    except ValueError:
        is_message = False
    if is_message:
        list(Messages().take(line))
    else:
        with pytest.raises(ProtocolError):
            list(Messages().take(line))


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nepi_gui.control.protocol.LONGEST", 1000)
    messages = Messages()
    assert list(messages.take(b"x" * 999)) == []
    with pytest.raises(ProtocolError, match="1000 bytes"):
        list(messages.take(b"xx"))


def test_a_folder_with_a_long_name_has_a_socket_too(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30) / ("name" * 30)
    folder.mkdir(parents=True)
    listening = listen(folder)
    connection = connect(folder)
    other, _ = listening.accept()
    other.sendall(b"x")
    connection.setblocking(True)
    assert connection.recv(1) == b"x"
    for each in (other, connection, listening):
        each.close()


def test_a_socket_that_was_left_is_replaced(tmp_path: Path) -> None:
    listen(tmp_path).close()
    with pytest.raises(ConnectionRefusedError):
        connect(tmp_path)
    again = listen(tmp_path)
    connect(tmp_path).close()
    again.close()
    assert (tmp_path / "control").stat().st_mode & 0o777 == 0o600
