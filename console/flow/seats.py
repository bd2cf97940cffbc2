"""Who sits where to a case: the posts of a person, and the roles that they give. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from console.flow.case_state import CaseState
from console.flow.case_terms import CaseMove, CaseRole, CaseTerms, MoveKind, Where
from console.flow.levels import is_above


@dataclass(frozen=True, slots=True)
class Seat:
    """A post that a person holds in a unit. `id` is None for one that follows from the account alone."""

    unit: str
    level: str
    kind: str = ""
    id: int | None = None
    code: str | None = None
    duty: str = "member"


@dataclass(frozen=True, slots=True)
class Person:
    """A person or the system that makes a move: the user, the role of the account, and posts."""

    user: int
    access: str
    seats: tuple[Seat, ...] = ()


def needs_post(terms: CaseTerms, access: str) -> bool:
    """Whether an account of this role makes moves only from a unit that has, is offered or is called to a case."""
    roles = [role for role in terms.roles if not role.access or access in role.access]
    return bool(roles) and not any("anywhere" in role.where for role in roles)


def seats_of(
    terms: CaseTerms, state: CaseState, move: CaseMove, person: Person, *, held_at: str
) -> Iterator[Seat | None]:
    """Yield the seats by which a person has one of the move's roles. `held_at` is the level of the owner's unit."""
    for code in move.by:
        role = terms.role_by_code[code]
        if role.access and person.access not in role.access:
            continue
        by_seat = role.posts or role.duties or role.unit_kinds or role.levels
        yield from (
            seat for seat in person.seats if _is_seat_of(role, seat) and _stands(terms, state, role, seat, held_at)
        )
        if "anywhere" in role.where and not by_seat and not person.seats and move.kind is not MoveKind.TAKE_UP:
            yield None


def _is_seat_of(role: CaseRole, seat: Seat) -> bool:
    return (
        (not role.posts or seat.code in role.posts)
        and (not role.duties or seat.duty in role.duties)
        and (not role.unit_kinds or seat.kind in role.unit_kinds)
        and (not role.levels or seat.level in role.levels)
    )


def _stands(terms: CaseTerms, state: CaseState, role: CaseRole, seat: Seat, held_at: str) -> bool:
    stands: Mapping[Where, Callable[[], bool]] = {
        "owner": lambda: seat.unit == state.owner.unit,
        "receiver": lambda: state.offer is not None and seat.unit == state.offer.unit,
        "first_receiver": lambda: seat.unit == state.first_receiver.unit,
        "above": lambda: is_above(terms, seat.level, held_at),
        "joined": lambda: seat.unit in state.open_calls,
        "anywhere": lambda: True,
    }
    return any(stands[where]() for where in role.where)
