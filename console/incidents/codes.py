"""Case codes 一案一码: the number by which a citizen asks about an incident.

`WJ260302` + eight random characters + a check character: the place, the local day of registration, 40 random bits that
cannot be guessed from an earlier code, and the check character of ISO 7064 mod 37,36, which detects every single wrong
character and nearly every swap of two. Characters after the prefix are from Crockford's alphabet, without I, L, O and
U, so that a code can be read over the telephone.
"""

from datetime import date
from functools import lru_cache

from stdnum.iso7064 import mod_37_36

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
VALUES = {character: value for value, character in enumerate(ALPHANUMERIC)}
MODULUS = 36
RANDOM_BYTES = 5


def case_code(prefix: str, day: date, random: bytes) -> str:
    """Build the case code of `random` (5 bytes) and a local day.

    If the standard's check character is not in Crockford's alphabet, the next number is used.
    """
    number = int.from_bytes(random[:RANDOM_BYTES], "big")
    head, so_far = _begun(prefix, day)
    while True:
        tail = _spelt(number)
        check = _check(tail, so_far)
        if check in ALPHABET:
            return head + tail + check
        number = (number + 1) % 2 ** (8 * RANDOM_BYTES)


@lru_cache(maxsize=8)
def _begun(prefix: str, day: date) -> tuple[str, int]:
    """Return the head of all codes of a day and its checksum; cached for batches of thousands of reports."""
    head = f"{prefix}{day:%y%m%d}"
    return head, mod_37_36.checksum(head)


def _check(tail: str, so_far: int) -> str:
    """Compute the check character after `tail`."""
    for character in tail:
        so_far = ((so_far or MODULUS) * 2 % (MODULUS + 1) + VALUES[character]) % MODULUS
    return ALPHANUMERIC[(1 - (so_far or MODULUS) * 2 % (MODULUS + 1)) % MODULUS]


def is_case_code(code: str) -> bool:
    """Whether the check character is valid."""
    return code.isascii() and bool(mod_37_36.is_valid(code))


def _spelt(number: int) -> str:
    """Encode forty bits as eight characters of five bits."""
    return "".join(ALPHABET[number >> shift & 31] for shift in range(35, -1, -5))
