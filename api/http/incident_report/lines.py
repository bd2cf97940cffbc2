"""Break Chinese and Latin text into lines. Pure.

The PDF library breaks at spaces alone, or within any word that is too long: a Chinese line would then begin
with a comma.
"""

import re
from collections.abc import Callable, Iterator

NOT_FIRST = "，。、；：？！）》」』】〉”’…—·,.;:?!)%"
NOT_LAST = "（《「『【〈“‘("
_UNITS = re.compile(
    rf"[{re.escape(NOT_LAST)}]*(?:[^\W⺀-鿿豈-﫿]+(?:[-:./,][^\W⺀-鿿豈-﫿]+)*|.)[{re.escape(NOT_FIRST)}]*\s*",
    re.DOTALL,
)
"""Text that is never broken: a Latin word or one Chinese letter, with the punctuation that belongs to it."""


def broken(text: str, *, width: float, measure: Callable[[str], float]) -> str:
    """Return the text with a line feed wherever a line of this width ends."""
    return "\n".join(line for part in text.split("\n") for line in _lines(part, width, measure))


def _lines(text: str, width: float, measure: Callable[[str], float]) -> Iterator[str]:
    line, used = "", 0.0
    for unit in _UNITS.findall(text):
        for piece in _pieces(unit, width, measure):
            wide = measure(piece)
            if line and used + measure(piece.rstrip()) > width:
                yield line.rstrip()
                line, used = "", 0.0
            line, used = line + piece, used + wide
    yield line.rstrip()


def _pieces(unit: str, width: float, measure: Callable[[str], float]) -> Iterator[str]:
    """Yield a unit, or its letters where it is longer than a line."""
    yield from [unit] if measure(unit.rstrip()) <= width else unit
