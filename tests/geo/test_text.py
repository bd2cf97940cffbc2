"""Text that nobody sees, or that reads as another, is refused in HTTP, files and commands."""

import pytest

from geo.text import has_unseen

UNSEEN = (
    "a\0b", "a\x1b[2Jb", "a\x85b", "a\ud800b", "a\uffffb", "Wang\u202egnaW", "a\u2066b\u2069", "a\u200eb", "a\u061cb",
    "Zhang\u200bSan", "Zhang\u200cSan", "a\u2060b", "\ufeffa", "a\u00adb", "a\u034fb", "\u3164", "\u2800", "a\u2028b",
    "张\u200d三", "a\U000e0041b", "\ufe0f", "Zhang\ufe00San", "Zhang\U000e0100San", "张\U000e0100\U000e0101",
    "❤\ufe0f\ufe0f", "a\u180bb", "a\u17b5b", "a\ufff0b", "a\U0001d173b", "a\U000e0fffb",
)  # fmt: skip
SEEN = (
    "", "盛泽镇 3 号楼，漏水！", "line\r\nline\ttab", "𠮷野家", "葛\U000e0100",
    "👨\u200d👩\u200d👧 走失", "❤\ufe0f\u200d🔥", "1\ufe0f\u20e3 号楼", "Ünïcodé",
    "全角\u3000空格", "no\u00a0break",
)  # fmt: skip


@pytest.mark.parametrize("text", UNSEEN, ids=ascii)
def test_text_with_an_unseen_character_is_refused(text: str) -> None:
    assert has_unseen(text)


@pytest.mark.parametrize("text", SEEN, ids=ascii)
def test_text_that_people_write_is_not(text: str) -> None:
    assert not has_unseen(text)
