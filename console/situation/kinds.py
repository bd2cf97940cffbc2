"""All kinds of entities in feed, snapshot and replay."""

from dataclasses import replace

from console.alarms import events as alarms
from console.cases import events as cases
from console.closures import events as closures
from console.feed.kinds import Kinds, kinds_by_name
from console.forces import events as forces
from console.incidents import events as incidents
from console.incidents.before_record import incidents_before_record
from console.presence import events as presence
from console.tasks import events as tasks

KINDS: Kinds = kinds_by_name(
    replace(incidents.KIND, of_force=tasks.incidents_of_force, before_record=incidents_before_record),
    tasks.KIND,
    forces.KIND,
    alarms.KIND,
    cases.KIND,
    closures.KIND,
    presence.KIND,
)
"""Add a kind here. A force's own snapshot has the incidents of its active tasks."""
