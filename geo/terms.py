"""Building blocks of all features' terms: frozen models, codes, and names in both languages.

A pack configures one place in TOML; each feature declares in its `terms.py` the keys that a pack may set for it.
"""

from typing import Annotated, LiteralString

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

DivisionCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,32}$")]
"""A label of a division path, in the characters that `ltree` allows."""
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$")]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
AtLeastOne = Annotated[int, Field(ge=1)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def bad_value(words: LiteralString, **values: str | int) -> PydanticCustomError:
    """Build the error by which a validator refuses a value. Braces in the English `words` name `values`.

    Its context keeps both, so that the command line can translate them.
    """
    return PydanticCustomError("value", words, {"words": words, **values})


class Part(BaseModel):
    """A section of a pack. Frozen; refuses unknown keys, since a misspelt key would silently do nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Names(Part):
    """A name in both languages of the screens."""

    zh: Text
    en: Text


class Coded(Part):
    """A stable code with its names."""

    code: Code
    names: Names
