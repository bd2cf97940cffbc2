"""Judge whether decoded text reads like Chinese, by how common its characters are. Pure."""

import re
from functools import cache

JUDGED = 50_000
"""Characters that are judged at most; more would not change the outcome."""
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_PUNCTUATION = re.compile(
    r"[\u00b0\u00b7\u00d7\u2010-\u2049\u2103\u2116\u2160-\u216b\u2460-\u2473\u3000-\u301f\uff01-\uff65]"
)
_HANZI = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")


@cache
def _common() -> frozenset[str]:
    """The characters that GB2312 and Big5 list first because they are the common ones: 3,755 and 5,401."""
    simplified = _decoded("gb2312", range(0xB0, 0xD8), [range(0xA1, 0xFF)])
    traditional = _decoded("big5", range(0xA4, 0xC7), [range(0x40, 0x7F), range(0xA1, 0xFF)])
    return frozenset(simplified + traditional)


@cache
def _less_common() -> frozenset[str]:
    """The second list of GB2312: characters of names and places."""
    return frozenset(_decoded("gb2312", range(0xD8, 0xF8), [range(0xA1, 0xFF)]))


def _decoded(codec: str, leads: range, trails: list[range]) -> str:
    return b"".join(bytes((lead, trail)) for lead in leads for some in trails for trail in some).decode(codec, "ignore")


def characters_beyond_ascii(text: str) -> str:
    """Return the characters that encodings disagree about."""
    return "".join(_NOT_ASCII.findall(text))[:JUDGED]


def plausibility(characters: str) -> float:
    """Return the mean commonness of characters beyond ASCII, from 0 (none is Chinese) to 1 (all are common)."""
    if not characters:
        return 1.0
    return sum(map(_weight, characters)) / len(characters)


@cache
def _weight(character: str) -> float:
    if character in _common() or _PUNCTUATION.match(character):
        return 1.0
    if character in _less_common():
        return 0.6
    return 0.15 if _HANZI.match(character) else 0.0
