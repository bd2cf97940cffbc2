"""What figures are made of: usual minutes of work, and masked places."""

import shapely

from console.planning.facts import MaskedPlaces, UsualMinutes
from geo.coverage.owners import owner_of
from geo.masking import mask_cell, mask_place
from tests.geo.coverage.made import at, squares, village


def test_usual_minutes_are_medians_of_the_category_else_of_its_class_else_of_all() -> None:
    work = [("dispute.family", minutes) for minutes in (10, 20.4, 90)]
    work += [("dispute.noise", 30.0), ("hazard.fire", 300.0)]
    usual = UsualMinutes.of(work, least=3)
    assert usual("dispute.family") == 20
    assert usual("dispute.noise") == 25, "One task says nothing of its kind, and much of itself."
    assert usual("consult.law") == usual("hazard.fire") == 30
    assert UsualMinutes.of(work[:2], least=3)("dispute.family") is None


def test_a_masked_place_follows_from_cell_and_village_alone_and_lies_in_both() -> None:
    coverage = squares()
    border = at(2, 1)
    shown = MaskedPlaces(coverage, frozenset({"other"}))
    cell = mask_cell(*border)
    near = [at(2 + x / 10, 1 + y / 10) for x in range(-4, 5) for y in range(-4, 5)]
    same = [place for place in near if mask_cell(*place) == cell]
    for code in (village(0), village(1)):
        (place,) = {shown.of(one, code) for one in same}
        assert place is not None
        owner = owner_of(coverage, place)
        assert owner is not None and code in coverage.tree.above(owner) and mask_cell(*place) == cell
        assert shapely.Point(place).within(coverage.outline(code))
    assert shown.of(border, "other") is None, "An incident of a village elsewhere is not counted here."
    assert shown.of(border, "ended long ago") == mask_place(*border)
