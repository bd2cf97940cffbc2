"""Terms of the front desk 导服台 in a pack: words by which it suggests a category."""

from typing import Annotated

from pydantic import Field

from geo.terms import Code, Part

Word = Annotated[str, Field(min_length=1, max_length=40)]


class Hint(Part):
    """Words that speak for a category, in any language that is written at the desk."""

    category: Code
    words: tuple[Word, ...] = Field(min_length=1)


class DeskTerms(Part):
    """`[desk]` of a pack. Without hints the desk suggests no category."""

    hints: tuple[Hint, ...] = ()
