"""Paths of divisions: codes from the root down, joined by dots."""


def lies_within(path: str, scope: str) -> bool:
    """Return whether a division's path is `scope` or below it, as `<@` compares ltrees."""
    return path == scope or path.startswith(scope + ".")
