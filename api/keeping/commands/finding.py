"""Result of one check of `doctor`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: whether it passed, what was found, and how to fix it."""

    name: str
    good: bool
    detail: str
    remedy: str = ""
