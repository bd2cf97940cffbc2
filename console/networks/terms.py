"""Terms of networks: the sectors that have one, and what is counted in their areas."""

from typing import Annotated

from pydantic import AfterValidator, Field

from geo.terms import Code, Coded, Names, Part, bad_value

RESERVED = frozenset({"overlay", "proposal"})
"""Words that stand in addresses where a sector's code does."""
FIELDS = frozenset(
    {
        "sector",
        "code",
        "name",
        "organisation",
        "worker",
        "worker_code",
        "counts",
        "wkt",
        "valid_from",
        "division",
        "datum",
    }
)
"""Columns of a network's files that are no counts."""


def _not_reserved(code: str) -> str:
    if code in RESERVED:
        raise bad_value("{code} has another meaning here: choose another code", code=code)
    return code


def _no_field(code: str) -> str:
    if code in FIELDS or "." in code:
        raise bad_value("{code} has another meaning here: choose another code", code=code)
    return code


class Sector(Part):
    """A sector 条线 whose office has a network of its own."""

    code: Annotated[Code, AfterValidator(_not_reserved)]
    names: Names


class NetworkCount(Part):
    """A whole number that is counted per area. Its code, or one of its names, is the column of files."""

    code: Annotated[Code, AfterValidator(_no_field)]
    names: Names


class NetworkRate(Coded):
    """A rate: one count by another. It is computed wherever it is shown, and never imported."""

    numerator: Code
    denominator: Code


def _names(zh: str, en: str) -> Names:
    return Names(zh=zh, en=en)


FIVE_SECTORS = (
    Sector(code="party", names=_names("党建", "Party building")),
    Sector(code="governance", names=_names("综治", "Social governance")),
    Sector(code="civility", names=_names("创城", "Civilised city")),
    Sector(code="safety", names=_names("安全生产", "Work safety")),
    Sector(code="environment", names=_names("环保", "Environment")),
)
COUNTS = (
    NetworkCount(code="households", names=_names("户数", "Households")),
    NetworkCount(code="enterprises", names=_names("企业数", "Enterprises")),
    NetworkCount(code="tasks", names=_names("事项数", "Tasks")),
)


class NetworkTerms(Part):
    """Sectors, counts and rates of networks; `most_posts` is in how many posts one worker may serve at a time.

    `communities` is the sector whose areas are communities 小区、自然村: plans tell how many of them their lines split.
    """

    sectors: tuple[Sector, ...] = FIVE_SECTORS
    counts: tuple[NetworkCount, ...] = COUNTS
    rates: tuple[NetworkRate, ...] = ()
    communities: Code | None = None
    most_posts: Annotated[int, Field(ge=1)] = 2
