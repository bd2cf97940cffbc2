"""Password strength and hashing."""

import pytest
from argon2 import extract_parameters

from console.access.passwords import DUMMY_HASH, WeakPassword, check_strength, hash_password, password_matches


@pytest.mark.parametrize("password", ["Maple-bridge", "maplebridge1!", "MAPLE12345a", "枫桥maple123", "x Y 9 z W 8"])
def test_ten_characters_of_three_classes_are_enough(password: str) -> None:
    check_strength(password)


@pytest.mark.parametrize("password", ["", "Ab1!Ab1!x", "maplebridge", "MAPLE-BRIDGE", "1234567890!", "aB1" * 86])
def test_short_simple_and_very_long_passwords_are_refused(password: str) -> None:
    with pytest.raises(WeakPassword) as caught:
        hash_password(password)
    assert caught.value.params == {"shortest": 10, "longest": 256, "classes": 3}


def test_a_password_matches_only_its_own_hash_and_is_not_in_it() -> None:
    kept, again = hash_password("Maple-bridge-1"), hash_password("Maple-bridge-1")
    assert kept.startswith("$argon2id$") and kept != again and "Maple" not in kept
    assert password_matches("Maple-bridge-1", kept)
    assert not password_matches("Maple-bridge-2", kept)


@pytest.mark.parametrize("stored", [None, "", "plain text"])
def test_nothing_matches_without_a_hash(stored: str | None) -> None:
    assert not password_matches("A dummy password 0", stored)


def test_comparing_with_nobodys_hash_takes_as_long_as_with_a_users() -> None:
    assert extract_parameters(DUMMY_HASH) == extract_parameters(hash_password("Maple-bridge-1"))
