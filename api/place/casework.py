"""The casework of a place: its flow, with the register and the clocks that moves use."""

from collections.abc import Sequence

from console.cases.casework import Casework
from console.cases.centres import Centres
from console.cases.clocks import CaseClocks
from console.cases.registered import RegisteredUnits
from console.flow.case_terms import CaseTerms
from console.follow_ups.actions import CaseFollowUps
from console.incidents.terms import IncidentTerms
from console.notices.rules import Delivery


def casework_of(
    key: str,
    terms: CaseTerms | None,
    *,
    incidents: IncidentTerms,
    levels: Sequence[str],
    clocks: CaseClocks,
    desks: frozenset[str],
    delivery: Delivery,
    of_centre: frozenset[str] = frozenset(),
) -> Casework | None:
    """Return the casework of the pack `key`; None for one without a case flow. `levels` go down from the root."""
    if terms is None:
        return None
    return Casework(
        key=key,
        terms=terms,
        incidents=incidents,
        zone=clocks.times.zone,
        register=RegisteredUnits(Centres(levels, frozenset(terms.level_codes), clocks.times.zone), of_centre),
        clocks=clocks,
        desks=desks,
        delivery=delivery,
        follow_ups=CaseFollowUps(),
    )
