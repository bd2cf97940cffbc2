"""The one rule of text that people and programs write, in HTTP, files and commands alike."""

import re

UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"  # Control characters but tab and the ends of lines.
    r"|[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"  # Half a surrogate pair; no characters.
    r"|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # Marks of direction.
    r"|[\u00ad\u034f\u180e\u200b\u200c\u2028\u2029\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffc]"  # Without width.
    r"|[\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]"  # Blank letters.
    r"|[\u180b-\u180d\u180f\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a]"  # Marks that nobody sees.
    r"|[\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"  # Tags, and what fonts ignore.
    r"|(?<![\u0023\u002a0-9\u00a9\u00ae\u2000-\u2bff\u3000-\u303f\u3200-\u9fff\uf900-\ufaff\uff00-\uff60"
    r"\U0001f000-\U0003ffff])[\ufe00-\ufe0f]"  # A variant of neither a sign nor an ideograph.
    r"|(?<![\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\U000e0100-\U000e01ef]"  # One of no ideograph.
    r"|(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d"  # A joiner that joins no emoji.
)
"""Characters that are refused: PostgreSQL stores no zero bytes, terminals execute control characters, marks of
direction make a name read as another, and what has no width makes two names that look the same."""

_SUSPECT = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""All characters that `UNSEEN` may begin with, as one set: Chinese text is searched four times as fast."""


def has_unseen(text: str) -> bool:
    """Return whether text holds a character that nobody sees or that changes how the others read."""
    if text.isascii() and text.isprintable():
        return False
    return _SUSPECT.search(text) is not None and UNSEEN.search(text) is not None
