"""What reaches a person, by the seats that they have. Pure."""

from collections.abc import Sequence

from console.access.rules import Actor, Permission
from console.flow.seats import Seat
from console.notices.rules import Addresses


def addresses_of(actor: Actor, seats: Sequence[Seat]) -> Addresses:
    """Return the units, posts and force of a person. Supervisors have what is for those who oversee, too."""
    posts = frozenset(seat.id for seat in seats if seat.id is not None)
    return Addresses(
        units=frozenset(seat.unit for seat in seats),
        posts=posts,
        force=actor.force_id,
        oversees=actor.may(Permission.EDIT_INCIDENTS),
    )
