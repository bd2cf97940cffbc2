"""Which roles see which subjects openly, masked, only of their own force, or not at all. Pure.

The one rule for snapshot, socket, replay, exports, OGC and every other route. docs/masking.md shows it as a table.
What masking does to a subject stands with the subject: `mask` of its kind in the feed, `masked` of positions, and
`masked_view` of hotspots, all by `geo/masking.py`.
"""

from enum import StrEnum
from types import MappingProxyType

from console.access.rules import ROLES, Actor, Permission


class Subject(StrEnum):
    """Subjects shown on screens and maps. Layers such as boundaries and cameras are open to all who may read them."""

    INCIDENTS = "incidents"
    TASKS = "tasks"
    FORCES = "forces"
    POSITIONS = "positions"
    HOTSPOTS = "hotspots"
    ALARMS = "alarms"


class Sight(StrEnum):
    """Degree in which a subject is shown. `OWN`: in full, but only what concerns the own force."""

    OPEN = "open"
    MASKED = "masked"
    OWN = "own"
    NONE = "none"


_OPEN = MappingProxyType(
    {
        Subject.INCIDENTS: {Permission.READ_INCIDENTS},
        Subject.TASKS: {Permission.READ_INCIDENTS},
        Subject.FORCES: {Permission.READ_FORCES},
        # The position of a force at work is the place of its incident.
        Subject.POSITIONS: {Permission.READ_FORCES, Permission.READ_INCIDENTS},
        Subject.HOTSPOTS: {Permission.READ_LAYERS, Permission.READ_INCIDENTS},
        Subject.ALARMS: {Permission.READ_FORCES, Permission.READ_INCIDENTS},
    }
)
_MASKED = MappingProxyType(
    {
        Subject.INCIDENTS: Permission.VIEW_WALL,
        Subject.FORCES: Permission.VIEW_WALL,
        Subject.POSITIONS: Permission.VIEW_WALL,
        Subject.HOTSPOTS: Permission.READ_LAYERS,
        Subject.ALARMS: Permission.VIEW_WALL,
    }
)
"""Tasks are not among them: they link an incident and a force, and no mask would leave anything else of them."""

ON_SCREENS = (Subject.INCIDENTS, Subject.TASKS, Subject.FORCES, Subject.POSITIONS, Subject.ALARMS)


def sight_of(role: str, subject: Subject) -> Sight:
    """Return how a role sees a subject, within the division of its user."""
    has = ROLES[role]
    if has >= _OPEN[subject]:
        return Sight.OPEN
    if Permission.ANSWER_OWN_TASKS in has and subject is not Subject.HOTSPOTS:
        return Sight.OWN
    return Sight.MASKED if _MASKED.get(subject) in has else Sight.NONE


def sees_masked(actor: Actor, subject: Subject) -> bool:
    """Whether the subject must be masked for the actor, if it is shown at all."""
    return sight_of(actor.role, subject) is not Sight.OPEN
