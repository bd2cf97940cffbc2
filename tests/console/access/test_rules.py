"""Roles and permissions."""

from datetime import timedelta

import pytest

from console.access.rules import (
    ROLES,
    Actor,
    BadUsername,
    Forbidden,
    ForceMissing,
    ForceUnwanted,
    NewUser,
    Permission,
    UnknownRole,
    check_new_user,
    is_idle,
    sign_in_of,
)
from tests.shared import CHECKOUT
from tests.worlds import NOW

HOUR = timedelta(hours=1)


def actor_of(role: str) -> Actor:
    return Actor(user_id=1, username="somebody", role=role, scope="320509")


def test_only_operators_dispatch() -> None:
    assert {role for role in ROLES if actor_of(role).may(Permission.DISPATCH)} == {"operator"}


def test_every_permission_is_checked_somewhere() -> None:
    """A permission that no code checks would be meaningless."""
    rooms = [path for room in ("api", "console") for path in (CHECKOUT / room).rglob("*.py")]
    text = "".join(path.read_text(encoding="utf8") for path in rooms if path.parts[-2:] != ("access", "rules.py"))
    assert [p.name for p in Permission if f"Permission.{p.name}" not in text] == []


def test_a_missing_permission_is_named() -> None:
    with pytest.raises(Forbidden) as caught:
        actor_of("patrol").require(Permission.DISPATCH)
    assert caught.value.params == {"permission": "tasks.dispatch"}


@pytest.mark.parametrize("username", ["", "x", "Operator", "1st", "a b", "a" * 33, "zhang三"])
def test_an_invalid_username_is_refused(username: str) -> None:
    with pytest.raises(BadUsername):
        check_new_user(NewUser(username, "Somebody", "operator", "320509"))


def test_an_unknown_role_is_refused_with_a_list_of_roles() -> None:
    with pytest.raises(UnknownRole) as caught:
        check_new_user(NewUser("somebody", "Somebody", "king", "320509"))
    assert caught.value.params == {"role": "king", "roles": sorted(ROLES)}


@pytest.mark.parametrize("role", ROLES)
def test_a_patrol_needs_a_force_and_other_roles_must_have_none(role: str) -> None:
    with_force = NewUser("somebody", "Somebody", role, "320509", 7)
    without = NewUser("somebody", "Somebody", role, "320509")
    good, bad, refusal = (
        (with_force, without, ForceMissing) if role == "patrol" else (without, with_force, ForceUnwanted)
    )
    check_new_user(good)
    with pytest.raises(refusal) as caught:
        check_new_user(bad)
    assert caught.value.params == {"username": "somebody", "role": role}


@pytest.mark.parametrize(("kind", "over"), [("cookie", True), ("wall", False), ("token", False)])
def test_only_people_are_signed_out_when_idle(kind: str, over: bool) -> None:
    assert is_idle(kind, last_seen_at=NOW - HOUR, now=NOW, idle=HOUR) is over
    assert not is_idle(kind, last_seen_at=NOW - HOUR + timedelta(seconds=1), now=NOW, idle=HOUR)


def test_a_persons_session_is_short_and_a_walls_long() -> None:
    assert sign_in_of("operator", lasts=HOUR).lasts == HOUR
    assert sign_in_of("wall", lasts=HOUR).lasts > timedelta(days=30)
