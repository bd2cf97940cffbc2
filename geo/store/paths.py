"""Paths of divisions: codes from the root down, joined by dots."""


def lies_within(path: str, scope: str) -> bool:
    """Whether a division's path is `scope` or under it, as `<@` compares ltrees."""
    return path == scope or path.startswith(scope + ".")
