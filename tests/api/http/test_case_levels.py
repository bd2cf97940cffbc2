"""Who decides a case and who has it, over HTTP: the register says of which level a unit is."""

import pytest

from geo.store import Store
from tests.api.http.test_cases import COUNTY, TOWN, case_of, moved, registered, replayed
from tests.worlds import EAST, ClientAs, World


async def test_a_case_that_the_county_decides_is_taken_up_from_a_towns_desk_and_a_suspended_hand_over_ends(
    client_as: ClientAs, world: World, store: Store
) -> None:
    clerk, county, supervisor = (client_as(name) for name in ("clerk_west", "operator", "supervisor"))
    case = await moved(clerk, await registered(clerk, world), "accept")
    assert (case["unit"], case["level"]) == (TOWN, "county")
    seen = await case_of(county, case["id"])
    assert "take_up" in {one["move"] for one in seen["moves"]}
    case = await moved(clerk, case, "escalate", reason="It is the county's")
    assert (case["offered_to"]["unit"], case["level"]) == (COUNTY, "county")
    case = await moved(clerk, case, "suspend", reason="appraisal", until="2026-03-20")
    assert (case["offered_to"], case["stage"], "accept_order" in {one["kind"] for one in case["clocks"]}) == (
        None,
        "suspended",
        False,
    )
    said = (await clerk.get(f"/api/incidents/{case['id']}/timeline")).json()["items"]
    assert [one["data"] for one in said if one["kind"] == "case.offer_ended"] == [{"unit": COUNTY}]
    case = await moved(supervisor, case, "resume")
    case = await moved(county, case, "take_up", reason="A hard one")
    assert (case["unit"], case["level"], case["stage"]) == (COUNTY, "county", "handling")
    assert await replayed(store, case["id"])

    small = await moved(clerk, await registered(clerk, world, risk="low"), "dispatch", **to_county())
    small = await moved(county, small, "accept")
    assert (small["unit"], small["level"]) == (COUNTY, "village")
    town = await case_of(clerk, small["id"])
    assert "take_up" not in {one["move"] for one in town["moves"]}, "it is the county's now"


def to_county() -> dict[str, object]:
    return {"unit": COUNTY, "within_scope": True, "party_known": True}


@pytest.mark.parametrize(("risk", "closed"), [("low", 200), ("high", 409)])
async def test_who_accepted_a_case_closes_at_once_where_no_check_is_wanted(
    client_as: ClientAs, world: World, risk: str, closed: int
) -> None:
    town, county = client_as("operator_east"), client_as("operator")
    lon, lat = world.middle_of(world.micro_grids(EAST)[0])
    case = await moved(town, await registered(town, world, risk=risk, lon=lon, lat=lat), "accept")
    path = f"/api/incidents/{case['id']}/close"
    own = await town.post(path, json={"note": "settled on the spot"})
    assert own.status_code == closed, own.text
    if closed != 200:
        assert own.json()["params"]["reason"] == "own_handling"
        assert (await county.post(path, json={"note": "seen"})).status_code == 200
