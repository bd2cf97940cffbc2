"""The language of a terminal."""

import os


def is_chinese() -> bool:
    """Return whether the terminal's language is Chinese, by LC_ALL, LC_MESSAGES or LANG."""
    locales = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((name for name in locales if name), "").lower().startswith("zh")
