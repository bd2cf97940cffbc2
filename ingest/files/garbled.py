"""Recognise text that was decoded wrongly before it came into the file: 鐩涙辰 for 盛泽. Pure."""

import re
from typing import NamedTuple

_LEADS = "".join(
    bytes((lead, trail)).decode("gbk", "ignore") for lead in range(0xE3, 0xEA) for trail in range(0x80, 0xC0)
)
"""What the first two bytes of a Chinese character in UTF-8 make in GBK."""
_AS_GBK = re.compile(f"[{_LEADS}]")
_AS_LATIN = re.compile("[\u00e3-\u00e9][^\x00-\x7f]{2}")
_LOST = re.compile("\ufffd|锟斤拷|锟斤|烫烫烫|屯屯屯")


class Garbled(NamedTuple):
    """The code of the problem, and the likely text where it can be restored."""

    code: str
    likely: str = ""


def garbled(text: str) -> Garbled | None:
    """Return what is wrong with a text that was decoded in another encoding than it was written in, else None.

    A text counts only if all of it, encoded the other way, is valid Chinese UTF-8: no written text is that by chance.
    """
    if text.isascii():
        return None
    if _LOST.search(text):
        return Garbled("text.characters_lost")
    if _AS_GBK.search(text) and (likely := _restored(text, "gb18030")):
        return Garbled("text.garbled", likely)
    if _AS_LATIN.search(text) and (likely := _restored(text, "cp1252") or _restored(text, "latin-1")):
        return Garbled("text.garbled", likely)
    return None


def _restored(text: str, wrongly_read_as: str) -> str:
    try:
        likely = text.encode(wrongly_read_as).decode("utf-8")
    except UnicodeError:
        return ""
    return likely if re.search("[\u4e00-\u9fff]", likely) else ""
