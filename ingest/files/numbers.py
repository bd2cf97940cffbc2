"""Read numbers as offices write them. Pure."""

import re
import unicodedata
from typing import Any

_UNIT = re.compile(r"\s*(?:度|°|米|m|户|家|个|人)$", re.IGNORECASE)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,(?:\d{1,2}|\d{4,})")


def read_number(value: Any, *, whole: bool = False) -> float:
    """Read a number, full-width or with a unit, too. Raises ValueError.

    A comma is a decimal one, but before three digits, where it may group thousands: it does in a `whole` number, and in
    any other neither is guessed.
    """
    if not isinstance(value, str):
        return float(value)
    text = _UNIT.sub("", unicodedata.normalize("NFKC", value).strip().lstrip("'"))
    if "_" in text:
        raise ValueError(value)
    if whole and _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    elif _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    return float(text)
