"""Case codes: read over the telephone, typed by hand, and impossible to guess."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from console.incidents.codes import ALPHABET, RANDOM_BYTES, case_code, is_case_code

DAY = date(2026, 3, 2)
randoms = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES)
codes = randoms.map(lambda random: case_code("WJ", DAY, random))


@given(codes)
def test_a_code_is_place_day_eight_random_characters_and_a_check(code: str) -> None:
    assert code.startswith("WJ260302") and len(code) == 17
    assert set(code[8:]) <= set(ALPHABET)
    assert is_case_code(code)


@given(codes, st.integers(0, 16), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
def test_any_single_wrong_character_is_detected(code: str, place: int, letter: str) -> None:
    wrong = code[:place] + letter + code[place + 1 :]
    assert is_case_code(wrong) is (wrong == code)


@given(randoms, randoms)
def test_codes_differ_if_their_random_bytes_differ(one: bytes, other: bytes) -> None:
    bodies = case_code("WJ", DAY, one)[8:16], case_code("WJ", DAY, other)[8:16]
    numbers = int.from_bytes(one, "big"), int.from_bytes(other, "big")
    assert bodies[0] != bodies[1] or abs(numbers[0] - numbers[1]) < 32 or max(numbers) > 2**40 - 32


def test_invalid_codes_are_rejected() -> None:
    for text in ("", "WJ", "WJ260302-0000000", "吴江260302ABCDEFGHJ", "wj26030200000000x"):
        assert not is_case_code(text)
