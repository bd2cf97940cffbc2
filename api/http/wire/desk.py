"""JSON of the front desk's settings."""

from pydantic import Field

from api.http.wire.shapes import Out


class HintOut(Out):
    """Words that speak for a category."""

    category: str
    words: list[str]


class DeskOut(Out):
    """Settings of the front desk."""

    hints: list[HintOut] = Field(description="The first category of the longest word found is suggested.")
