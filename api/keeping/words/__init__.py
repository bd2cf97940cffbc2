"""The command line's words, in the language of the terminal."""

from api.keeping.words.help import HELP
from api.keeping.words.language import is_chinese
from api.keeping.words.map_messages import MAP_MESSAGES
from api.keeping.words.messages import MESSAGES
from api.keeping.words.refused_values import REFUSED_VALUES

CHINESE = {**MESSAGES, **MAP_MESSAGES, **REFUSED_VALUES}
"""Every message in Chinese, by the English text."""

__all__ = ["CHINESE", "is_chinese", "said", "translated_help"]


def said(english: str, /, **values: object) -> str:
    """Return a message in the terminal's language, with its values filled in."""
    text = CHINESE[english] if is_chinese() else english
    return text.format(**values) if values else text


def translated_help(english: str) -> str:
    """Return a command's or option's help in the terminal's language."""
    return HELP[" ".join(english.split())] if is_chinese() else english
