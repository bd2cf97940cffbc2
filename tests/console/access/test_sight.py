"""The rule of masking: how each role sees each subject."""

import pytest

from console.access.rules import ROLES
from console.access.sight import Subject, sight_of
from tests.shared import CHECKOUT

OPEN, MASKED, OWN, NONE = "open", "masked", "own", "none"
SIGHTS = {
    #             incidents tasks forces positions hotspots alarms
    "operator": (OPEN, OPEN, OPEN, OPEN, OPEN, OPEN),
    "leader": (OPEN, OPEN, OPEN, OPEN, OPEN, OPEN),
    "handler": (OPEN, OPEN, NONE, NONE, OPEN, NONE),
    "interviewer": (OPEN, OPEN, NONE, NONE, OPEN, NONE),
    "supervisor": (OPEN, OPEN, OPEN, OPEN, OPEN, OPEN),
    "auditor": (OPEN, OPEN, OPEN, OPEN, OPEN, OPEN),
    "gateway": (OPEN, OPEN, OPEN, OPEN, OPEN, OPEN),
    "clerk": (OPEN, OPEN, NONE, NONE, OPEN, NONE),
    "planner": (MASKED, NONE, MASKED, MASKED, MASKED, MASKED),
    "wall": (MASKED, NONE, MASKED, MASKED, MASKED, MASKED),
    "patrol": (OWN, OWN, OWN, OWN, MASKED, OWN),
    "admin": (NONE, NONE, NONE, NONE, MASKED, NONE),
    "source": (NONE, NONE, NONE, NONE, NONE, NONE),
}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_each_subject_as_the_table_says(role: str) -> None:
    assert dict(zip(Subject, SIGHTS[role], strict=True)) == {subject: sight_of(role, subject) for subject in Subject}


def test_the_documented_table_is_the_rule() -> None:
    lines = (CHECKOUT / "docs" / "masking.md").read_text(encoding="utf8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    documented = {row[0].split("`")[1]: tuple(cell.split(" ")[0] for cell in row[1:]) for row in rows}
    assert documented == SIGHTS
