"""Check the urgings 催办 of a case flow."""

from collections.abc import Iterator

from console.flow.case_checks import Fault
from console.flow.case_terms import CaseTerms, MoveKind
from console.flow.forms import OF_URGING


def faults_of_urgings(terms: CaseTerms) -> Iterator[Fault]:
    """Yield fields of urgings that every one has without being named."""
    given = {one.code for one in OF_URGING}
    for i, move in enumerate(terms.moves):
        for j, one in enumerate(move.form):
            if move.kind is MoveKind.URGE and one.code in given:
                yield Fault(("moves", i, "form", j), "every urge move has this field: leave it out here")
