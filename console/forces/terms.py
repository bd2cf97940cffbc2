"""What a pack says of forces: their kinds, and the languages they may speak."""

from pydantic import Field

from console.forces.rules import Duty
from geo.terms import Coded, Colour, Part
from geo.travel import ModeName


class ForceKind(Coded):
    """A kind of people who are sent. `duty` holds until a roster says otherwise."""

    mode: ModeName
    duty: Duty = Duty.ON
    colour: Colour = "#3b82f6"


class ForceTerms(Part):
    """The kinds of forces, and what they may speak besides the common language."""

    kinds: tuple[ForceKind, ...] = Field(min_length=1)
    languages: tuple[Coded, ...] = ()
