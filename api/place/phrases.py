"""Texts of refused values in English, with the values apart, so that the command line can translate them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

NO_VALUES: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text in English, in which braces name its `values`."""

    words: str
    values: Mapping[str, object] = field(default_factory=lambda: NO_VALUES)

    def __str__(self) -> str:
        return self.words.format_map(self.values)


NOTHING = Phrase("")

BY_TYPE: Mapping[str, str] = MappingProxyType(
    {
        "bool_parsing": "should be true or false",
        "bool_type": "should be true or false",
        "date_from_datetime_parsing": "should be a date, such as 2026-01-31",
        "date_type": "should be a date, such as 2026-01-31",
        "dict_type": "should be a table",
        "finite_number": "should be a finite number",
        "float_parsing": "should be a number",
        "float_type": "should be a number",
        "greater_than": "should be greater than {gt}",
        "greater_than_equal": "should be {ge} or more",
        "int_from_float": "should be a whole number",
        "int_parsing": "should be a whole number",
        "int_type": "should be a whole number",
        "less_than": "should be less than {lt}",
        "less_than_equal": "should be {le} or less",
        "literal_error": "should be one of {expected}",
        "enum": "should be one of {expected}",
        "missing": "this key is missing: add it",
        "string_pattern_mismatch": "should match the pattern {pattern}",
        "string_too_short": "this is empty: fill it in",
        "string_type": "should be a text in quotes",
        "too_short": "should have {min_length} items or more",
        "tuple_type": "should be a list",
    }
)
"""Texts of pydantic's types of errors; the braces name values of its context."""

AS_IT_IS = "{text}"


def phrase_of(error: Mapping[str, Any]) -> Phrase:
    """Return the text of an error of pydantic, by its type or as `bad_value` made it, else as pydantic writes it."""
    context = {
        name: f"{value:g}" if isinstance(value, float) else value for name, value in error.get("ctx", {}).items()
    }
    if "expected" in context:
        context["expected"] = str(context["expected"]).replace(" or ", ", ")
    words = context.pop("words", None) or BY_TYPE.get(error["type"])
    return Phrase(words, context) if words else Phrase(AS_IT_IS, {"text": error["msg"]})
