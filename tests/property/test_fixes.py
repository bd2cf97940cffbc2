"""A phone may send what it kept in any order, in any batches: the same fixes come to the same end."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from console.positions.rules import FlaggedSighting, Sighting, TrackedForce, TrackedForces, flag_all
from geo.fixes import Fix
from tests.property.depth import examples
from tests.worlds import NOW

FORCE = TrackedForce(7, "p7", "phone", None, "on", "c", latest=None)
SECOND = timedelta(seconds=1)


def sighting(second: int, lon: float, accuracy_m: float | None, mock: bool) -> Sighting:
    at = NOW - 600 * SECOND + second * SECOND
    return Sighting((), 7, at, lon, 31.1, lon, 31.1, "wgs84", "own", None, None, accuracy_m, None, mock=mock)


accuracies = st.sampled_from([None, 0.0, 4.0, 30.0, 90.0, 400.0, 20_000.0])
lons = st.sampled_from([120.6, 120.601, 120.62, 120.8])
kept = st.lists(st.builds(sighting, st.integers(0, 1200), lons, accuracies, st.booleans()), max_size=8)
walks = st.lists(
    st.tuples(st.integers(0, 500), st.sampled_from([None, 4.0, 30.0, 20_000.0])),
    min_size=1,
    max_size=8,
    unique_by=lambda step: step[0],
)


def flags(sightings: list[Sighting], latest: Fix | None = None) -> tuple[list[str], Fix | None]:
    force = replace(FORCE, latest=latest)
    found = [one for one in flag_all(sightings, TrackedForces([force]), now=NOW) if isinstance(one, FlaggedSighting)]
    sound = sorted((one for one in found if one.flag == "ok"), key=lambda one: one.sighting.at)
    return [one.flag for one in found], sound[-1].sighting.point if sound else latest


@given(kept, st.data())
@settings(max_examples=examples(100))
def test_the_order_in_a_batch_changes_no_flag(sightings: list[Sighting], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(sightings))
    first, second = flags(sightings), flags(shuffled)
    pairs = [sorted(zip(map(repr, one), got[0], strict=True)) for one, got in ((sightings, first), (shuffled, second))]
    assert pairs[0] == pairs[1]
    assert first[1] == second[1]


@given(walks, st.data())
@settings(max_examples=examples(100))
def test_a_walk_sent_in_any_batches_ends_at_the_same_place(
    walk: list[tuple[int, float | None]], data: st.DataObject
) -> None:
    steps = [sighting(second, 120.6 + second / 1e5, accuracy, mock=False) for second, accuracy in walk]
    _, wanted = flags(steps)
    latest: Fix | None = None
    for step in data.draw(st.permutations(steps)):
        _, latest = flags([step], latest)
    assert latest is not None and wanted is not None
    assert (latest.radius_m > 100) == (wanted.radius_m > 100)
    if wanted.radius_m <= 100:
        assert latest == wanted
