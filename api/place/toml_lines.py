"""Find the line of each key in a TOML text. The standard library parses TOML without positions.

The text has been parsed by `tomllib` before, so it is valid, and only its structure is followed here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from api.place.problems import Key

TOKEN = re.compile(
    r'(?P<space>[ \t\r]+|\#[^\n]*)|(?P<text>"""(?:\\.|[^\\])*?"{3,5}|'
    r"'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"|'
    r"'[^'\n]*')"
    r"|(?P<sign>[\[\]{},=.\n])|(?P<bare>[^\s\"'#\[\]{},=.]+)",
    re.DOTALL,
)
ESCAPES = str.maketrans({"'": None, '"': None})


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    line: int


def lines_by_key(text: str) -> Mapping[Key, int]:
    """Map each key and each item of a list to the line, from 1, on which it begins."""
    reader = _Reader([*_tokens(text)])
    reader.read()
    return reader.lines


def line_of_key(key: Key, lines: Mapping[Key, int]) -> int | None:
    """Return the line of a key, or of its nearest parent that exists."""
    return next((lines[key[:n]] for n in range(len(key), 0, -1) if key[:n] in lines), None)


def _tokens(text: str) -> Iterator[Token]:
    line = 1
    for found in TOKEN.finditer(text):
        if found.lastgroup != "space":
            yield Token(found.lastgroup or "", found.group(), line)
        line += found.group().count("\n")


@dataclass(slots=True)
class _Reader:
    """Follows tables, keys and values through the tokens and records where each begins."""

    tokens: list[Token]
    at: int = 0
    lines: dict[Key, int] = field(default_factory=dict)
    counts: dict[Key, int] = field(default_factory=dict)

    def read(self) -> None:
        table: Key = ()
        while self.at < len(self.tokens):
            if self._accept("\n"):
                continue
            table = self._header() if self._is_at("[") else self._pair(table)

    def _header(self) -> Key:
        """Read `[a.b]` or `[[a.b]]`; return the key of the table, or of the list's new item."""
        line = self.tokens[self.at].line
        self.at += 1
        is_item = self._accept("[")
        key = self._table_key(self._names("]"), is_item=is_item, line=line)
        self.at += is_item
        return key

    def _table_key(self, names: list[str], *, is_item: bool, line: int) -> Key:
        """Return the key of a table; a list on the way stands for its last item."""
        key: Key = ()
        for i, name in enumerate(names):
            key = (*key, name)
            self.lines.setdefault(key, line)
            if is_item and i == len(names) - 1:
                self.counts[key] = self.counts.get(key, 0) + 1
            if key in self.counts:
                key = (*key, self.counts[key] - 1)
                self.lines.setdefault(key, line)
        return key

    def _pair(self, table: Key) -> Key:
        """Read `a.b = value`; return the key of the table that it is in."""
        line = self.tokens[self.at].line
        key = table
        for name in self._names("="):
            key = (*key, name)
            self.lines.setdefault(key, line)
        self._value(key)
        return table

    def _value(self, key: Key) -> None:
        if self._accept("["):
            self._list(key)
        elif self._accept("{"):
            self._skip_newlines()
            while not self._accept("}"):
                self._pair(key)
                self._skip_newlines(",")
        else:
            while self.at < len(self.tokens) and self.tokens[self.at].text not in ("\n", ",", "]", "}"):
                self.at += 1

    def _list(self, key: Key) -> None:
        self._skip_newlines()
        number = 0
        while not self._accept("]"):
            item: Key = (*key, number)
            self.lines[item] = self.tokens[self.at].line
            self._value(item)
            self._skip_newlines(",")
            number += 1

    def _names(self, end: str) -> list[str]:
        """Read the names of a dotted key, up to and with the sign that ends it."""
        names = []
        while not self._accept(end):
            if not self._accept("."):
                names.append(self.tokens[self.at].text.translate(ESCAPES))
                self.at += 1
        return names

    def _is_at(self, sign: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at].text == sign

    def _accept(self, sign: str) -> bool:
        found = self._is_at(sign)
        self.at += found
        return found

    def _skip_newlines(self, *signs: str) -> None:
        while self.at < len(self.tokens) and self.tokens[self.at].text in ("\n", *signs):
            self.at += 1
