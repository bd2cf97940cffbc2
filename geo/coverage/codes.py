"""Codes of new divisions: provisional in a draft, and the next of their parent's when it is published.

A code is an identity for ever: none is used twice, none changes, and a new one comes after all that there ever were,
even where that breaks an order from west to east.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from geo.coverage.divisions import Tree
from geo.coverage.refusals import CodesUsedUp
from geo.coverage.topology import Coverage

PROVISIONAL = "new_"
"""Beginning of a code that is only a draft's: two drafts that add a grid to one village get different codes in the
end."""


class Issuer:
    """Issues provisional codes, counted from what the coverage has issued."""

    def __init__(self, coverage: Coverage) -> None:
        self.coverage, self.issued = coverage, coverage.issued

    def next(self) -> str:
        """Return a code that no division of the draft has had."""
        while True:
            self.issued += 1
            code = f"{PROVISIONAL}{self.issued}"
            if code not in self.coverage.divisions:
                return code


def is_provisional(code: str) -> bool:
    return code.startswith(PROVISIONAL)


def final_codes(coverage: Coverage, used: Collection[str]) -> dict[str, str]:
    """Return the code that each provisional one gets at publishing, parents first.

    `used` are all codes that there ever were, on any day. A code is its parent's code and a number of as many digits as
    its siblings have; where the codes follow no such scheme, a number after the parent's code. Raises `CodesUsedUp`.
    """
    taken, given = {*used, *coverage.divisions}, dict[str, str]()
    digits = _digits(coverage.tree)
    for code in coverage.tree.in_order([code for code in coverage.divisions if is_provisional(code)]):
        division = coverage.divisions[code]
        parent = given.get(division.parent or "", division.parent or "")
        given[code] = _next(parent, taken, digits.get(division.level, 0))
        taken.add(given[code])
    return given


def _next(parent: str, taken: Iterable[str], digits: int) -> str:
    numbers = [int(end) for end in _suffixes(parent, taken) if not digits or len(end) == digits]
    number = max(numbers, default=0) + 1
    if digits and number >= 10**digits:
        raise CodesUsedUp(parent, digits=digits)
    return f"{parent}{number:0{max(digits, 1)}}"


def _suffixes(parent: str, codes: Iterable[str]) -> Iterable[str]:
    ends = (code[len(parent) :] for code in codes if code.startswith(parent))
    return (end for end in ends if end.isascii() and end.isdigit())


def _digits(tree: Tree) -> Mapping[str, int]:
    """Return how many digits most codes of each level add to their parent's."""
    counted: dict[str, Counter[int]] = {}
    for division in tree.divisions.values():
        if division.parent and not is_provisional(division.code) and division.code.startswith(division.parent):
            end = division.code[len(division.parent) :]
            if end.isascii() and end.isdigit():
                counted.setdefault(division.level, Counter())[len(end)] += 1
    return {level: counts.most_common(1)[0][0] for level, counts in counted.items()}
