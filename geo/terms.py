"""What the terms of every feature are made of: frozen models, codes, and names in both languages.

A pack says in TOML how one place works; each feature declares in its `terms.py` what a pack may say about it.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

DivisionCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,32}$")]
"""A label of a division path, so only what `ltree` allows."""
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$")]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
AtLeastOne = Annotated[int, Field(ge=1)]
Text = Annotated[str, Field(min_length=1)]


class Part(BaseModel):
    """A piece of a pack. Frozen; refuses unknown keys, since a misspelt key would be a setting that does nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Names(Part):
    """A name in both languages of the screens."""

    zh: Text
    en: Text


class Coded(Part):
    """Something with a stable code and its names."""

    code: Code
    names: Names
