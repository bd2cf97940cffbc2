"""One line of what `doctor` says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is good, what it is like, and how to mend it."""

    name: str
    good: bool
    detail: str
    remedy: str = ""
