"""Terms of access: the accounts of a demo."""

from typing import Annotated

from pydantic import AfterValidator, Field

from console.access.rules import ROLES
from geo.terms import Code, DivisionCode, Part, Text, bad_value


def _known_role(role: str) -> str:
    if role not in ROLES:
        raise bad_value("there is no such role; there are: {roles}", roles=", ".join(ROLES))
    return role


class Account(Part):
    """A demo account. `force_kind` assigns it to the first force of that kind in its scope, `unit` to the person who
    holds a post of its role in a unit of the register.
    """

    username: Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]{1,31}$")]
    role: Annotated[str, AfterValidator(_known_role)]
    scope: DivisionCode
    display_name: str
    force_kind: Code | None = None
    unit: Text | None = None
