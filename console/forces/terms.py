"""Terms of forces: their kinds, and the languages they may speak."""

from pydantic import Field

from console.forces.rules import Duty
from geo.terms import Coded, Colour, Part
from geo.travel import ModeName


class ForceKind(Coded):
    """A kind of force. `duty` is the first duty of a new one."""

    mode: ModeName
    duty: Duty = Duty.ON
    colour: Colour = "#3b82f6"


class ForceTerms(Part):
    """Kinds of forces, and the languages they may speak besides the common one."""

    kinds: tuple[ForceKind, ...] = Field(min_length=1)
    languages: tuple[Coded, ...] = ()
