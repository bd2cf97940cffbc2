"""Turn the words of dates into digits and marks: 下午, 星期日, 二〇二六年三月一日. Pure."""

import re
import unicodedata

MONTHS = {
    name: number
    for number, name in enumerate(
        ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), start=1
    )
}
_DIGITS = {
    character: digit for digit, characters in enumerate(("〇零○", *"一二三四五六七八九")) for character in characters
}
_NUMBER = re.compile("[〇零○一二三四五六七八九十]+")
_WEEKDAY = re.compile(
    r"\(?(?:星期|周|礼拜)[一二三四五六日天]\)?|\b(?:MON|TUE|WED|THU|FRI|SAT|SUN)[A-Z]*\b,?", re.IGNORECASE
)
_WORDS = (
    (re.compile("凌晨|清晨|早晨|早上|上午|A\\.?M\\.?", re.IGNORECASE), "AM"),
    (re.compile("下午|傍晚|晚上|晚间|夜间|P\\.?M\\.?", re.IGNORECASE), "PM"),
    (re.compile("中午"), "NOON"),
    (re.compile("点钟|點鐘|點|時"), "时"),
    (re.compile("(?<=[时点])整"), ""),
    (re.compile("(?<=[时点])半"), "30分"),
    (re.compile("號"), "号"),
)
_BEIJING = re.compile("\\(?(?:北京时间|中国标准时间)\\)?")
_REMARK = re.compile(r"\s*\([^()]*\)$")


def simplified(text: str) -> str:
    """Return a date's text with half-width ASCII digits, upper-case letters and single spaces, and without weekdays."""
    plain = unicodedata.normalize("NFKC", text)
    plain, is_beijing = _BEIJING.subn(" ", plain)
    plain = _WEEKDAY.sub(" ", plain)
    plain = _NUMBER.sub(lambda found: _as_digits(found[0]), plain)
    for pattern, word in _WORDS:
        plain = pattern.sub(word, plain)
    plain = _REMARK.sub("", plain.translate({0x2013: "-", 0x2014: "-", 0x2212: "-"}))
    plain = " ".join(plain.upper().split())
    zoned = re.search(r"(?:GMT|UTC|Z|[+-]\d\d:?\d\d)$", plain)
    return f"{plain} BEIJING" if is_beijing and not zoned else plain


def _as_digits(number: str) -> str:
    """Return 三十一 as 31, and 二〇二六, which has no tens, digit by digit."""
    tens, ten, ones = number.partition("十")
    if not ten:
        return "".join(str(_DIGITS[character]) for character in number)
    return str(10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0))
