"""Paths of divisions: codes from the root down, joined by dots."""

from collections.abc import Sequence


def lies_within(path: str, scope: str) -> bool:
    """Return whether a division's path is `scope` or below it, as `<@` compares ltrees."""
    return path == scope or path.startswith(scope + ".")


def common_path(paths: Sequence[str]) -> str:
    """Return the path of the smallest division that holds all of these; empty if none does."""
    labels = [path.split(".") for path in paths]
    shared = 0
    for level in zip(*labels, strict=False):
        if len({*level}) > 1:
            break
        shared += 1
    return ".".join(labels[0][:shared]) if labels else ""
