"""Check that no case can get stuck, nor lie with one unit that does not act. Pure."""

from collections.abc import Collection, Iterator

from console.flow.case_checks import Fault
from console.flow.case_terms import CaseTerms
from console.flow.course import Course


def faults_of_stuck(terms: CaseTerms, *, categories: Collection[str], risks: Collection[str]) -> Iterator[Fault]:
    """Yield stages in which a case could be stuck, or which only the unit that has it can lead on."""
    for i, flow in enumerate(terms.flows):
        of_flow = [category for category in categories if terms.flow_for(category) == flow.code]
        course = Course.of(terms, flow.code, categories=of_flow, risks=risks)
        stuck = {place.stage: (place, lane) for lane in course.lanes_apart for place in course.stuck_in(lane)}
        for j, stage in enumerate(flow.stages):
            said = {"stage": stage, "flow": flow.code}
            if stage in stuck:
                place, lane = stuck[stage]
                words = "in {stage} nobody leads a case on to an end: flow {flow}, lane {lane}, unit at the {held}"
                yield Fault(("flows", i, "stages", j), words, said | {"lane": lane, "held": place.held_at})
            elif lane := next((one for one in course.lanes if course.is_left_to_owner(stage, one)), ""):
                words = (
                    "in {stage} only the unit that has the case leads it on: flow {flow}, lane {lane}; "
                    "let somebody above or anywhere take it up"
                )
                yield Fault(("flows", i, "stages", j), words, said | {"lane": lane})
