"""Versions of things that several people change: an action is refused when its caller knows another one."""

from dataclasses import dataclass

from geo.errors import Stale


@dataclass(frozen=True, slots=True)
class Condition:
    """The current version must be one of `any_of`, where given, and none of `none_of`."""

    any_of: frozenset[int] | None = None
    none_of: frozenset[int] = frozenset()

    def admits(self, version: int) -> bool:
        return (self.any_of is None or version in self.any_of) and version not in self.none_of


Expected = int | Condition | None
"""Version that the caller knows: one number, a condition, or none."""


def require_current(version: int, expected: Expected) -> None:
    """Raise `Stale` when the current version is not what the caller expects."""
    admitted = expected.admits(version) if isinstance(expected, Condition) else expected in (None, version)
    if not admitted:
        raise Stale(version=version)
