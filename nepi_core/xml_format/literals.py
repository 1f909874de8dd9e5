"""Python literals as NEPI writes them into attributes, read by a small parser and never evaluated."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NoReturn

# ast.literal_eval would not do: it reads neither `set([3, 4])` nor `nan`, and it builds a whole syntax tree, whose
# depth can end the interpreter's stack, before anything can be bounded.

MAX_DEPTH = 20
"""Deepest nesting of lists and dicts."""

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>[uU]?(?:'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+"))
  | (?P<float>[-+]?(?:(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+|inf\b|nan\b))
  | (?P<integer>[-+]?\d+)L?
  | (?P<word>True\b|False\b|None\b|(?:frozen)?set\b)
  | (?P<mark>[\[\](){},:])
)\s*""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "0": "\0"}
_WORDS = {"True": True, "False": False, "None": None}
_CLOSING = {"[": "]", "(": ")", "{": "}"}


def parse_literal(text: str) -> object:
    """Return the value of a literal of texts, numbers, True, False, None, lists, tuples, sets and dicts.

    Raises:
        ValueError: the text is something else, or nested too deeply.
    """
    return _Parser(text).whole()


def format_literal(value: object, depth: int = 0) -> str:
    """Return the literal that `parse_literal` reads as ``value``.

    Raises:
        ValueError: it holds something that has no literal, or it is nested too deeply.
    """
    if value is None or type(value) in (str, bool, int, float):
        return repr(value)
    if depth >= MAX_DEPTH:
        raise ValueError(f"it is nested more than {MAX_DEPTH} deep")
    if isinstance(value, dict):
        pairs = (f"{format_literal(k, depth + 1)}: {format_literal(v, depth + 1)}" for k, v in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(format_literal(each, depth + 1) for each in value)}]"
    if isinstance(value, tuple):
        return f"({''.join(format_literal(each, depth + 1) + ', ' for each in value)})"
    if isinstance(value, (set, frozenset)):
        return f"set([{', '.join(sorted(format_literal(each, depth + 1) for each in value))}])"
    raise ValueError(f"a {type(value).__name__} cannot be written, only texts, numbers, lists and dicts of them")


class _Parser:
    """Recursive descent over the tokens of one literal."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._kind = self._token = ""
        self._advance()

    def whole(self) -> object:
        value = self._value(0)
        if self._kind:
            self._fail()
        return value

    def _fail(self) -> NoReturn:
        found = f"'{self._token[:20]}'" if self._kind else "nothing"
        raise ValueError(f"found {found} after '{self._text[: self._position][-40:]}' where a value or bracket belongs")

    def _advance(self) -> None:
        match = _TOKEN.match(self._text, self._position)
        if match is None:
            rest = self._text[self._position :]
            self._kind, self._token = ("unknown" if rest.strip() else ""), rest
        else:
            self._kind = match.lastgroup or ""
            self._token = match[self._kind]
            self._position = match.end()

    def _skip(self, mark: str) -> None:
        if self._kind != "mark" or self._token != mark:
            self._fail()
        self._advance()

    def _value(self, depth: int) -> object:
        kind, token = self._kind, self._token
        if kind == "mark" and token in _CLOSING:
            return self._group(token, depth)
        if kind in ("", "mark", "unknown"):
            self._fail()
        self._advance()
        if kind == "text":
            return _unescape(token)
        if kind == "word":
            return self._set(depth) if token.endswith("set") else _WORDS[token]
        return int(token) if kind == "integer" else float(token)

    def _set(self, depth: int) -> object:
        """Read what follows the word ``set``: nothing, a list, a tuple or a set, in round brackets."""
        self._skip("(")
        if self._kind == "mark" and self._token == ")":
            self._advance()
            return set()
        if self._kind != "mark" or self._token not in _CLOSING:
            self._fail()
        members = self._group(self._token, depth)
        self._skip(")")
        if not isinstance(members, (list, tuple, set)):
            raise ValueError("a set is made from a list")
        return _as_set(members)

    def _group(self, opening: str, depth: int) -> object:
        if depth >= MAX_DEPTH:
            raise ValueError(f"it is nested more than {MAX_DEPTH} deep")
        self._advance()
        closing = _CLOSING[opening]
        items: list[object] = []
        pairs: list[tuple[object, object]] = []
        commas = 0
        while not (self._kind == "mark" and self._token == closing):
            if commas < len(items) + len(pairs):
                self._skip(",")
                commas += 1
                continue
            item = self._value(depth + 1)
            if opening == "{" and self._kind == "mark" and self._token == ":":
                self._advance()
                pairs.append((item, self._value(depth + 1)))
            else:
                items.append(item)
        self._advance()
        if opening == "[":
            return items
        if opening == "(":
            return tuple(items) if commas or not items else items[0]
        return _as_set(items) if items and not pairs else _as_dict(items, pairs)


def _as_set(items: Iterable[object]) -> set[object]:
    try:
        return set(items)
    except TypeError:
        raise ValueError("a list or dict can be no member of a set") from None


def _as_dict(items: list[object], pairs: list[tuple[object, object]]) -> dict[object, object]:
    if items:
        raise ValueError(f"the dict has no ':' after {items[0]!r}"[:100])
    try:
        return dict(pairs)
    except TypeError:
        raise ValueError("a list or dict can be no key of a dict") from None


def _unescape(token: str) -> str:
    text = token.lstrip("uU")[1:-1]
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        return chr(int(code, 16))
    if match[4] not in _LETTERS:
        raise ValueError(f"'\\{match[4]}' is no escape sequence")
    return _LETTERS[match[4]]
