"""Lines of printed Chinese and Latin text."""

import pytest

from api.http.incident_report.lines import NOT_FIRST, NOT_LAST, broken


def measure(text: str) -> float:
    """A Chinese letter is as wide as two Latin ones."""
    return sum(2.0 if ord(letter) > 0x2E00 else 1.0 for letter in text)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("请求到场调解，避免升级", ["请求到场调", "解，避免升", "级"]),
        ("发生争执（再次来电）", ["发生争执", "（再次来", "电）"]),
        ("The caller rang again", ["The caller", "rang again"]),
        ("东门12号stall", ["东门12号", "stall"]),
        ("abcdefghijklmnop", ["abcdefghij", "klmnop"]),
        ("11-26 05:50", ["11-26", "05:50"]),
        ("一\n二", ["一", "二"]),
        ("", [""]),
    ],
)
def test_a_line_breaks_between_words_and_never_begins_with_a_comma(text: str, lines: list[str]) -> None:
    assert broken(text, width=10, measure=measure).split("\n") == lines
    assert all(line[:1] not in NOT_FIRST or not line for line in lines)
    assert all(line[-1:] not in NOT_LAST or not line for line in lines)
