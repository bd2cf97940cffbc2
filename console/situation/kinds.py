"""The kinds of things that feed, snapshot, replay and page carry: the one list of them."""

from dataclasses import replace

from console.feed.kinds import Kinds, kinds_by_name
from console.forces import events as forces
from console.incidents import events as incidents
from console.tasks import events as tasks

KINDS: Kinds = kinds_by_name(
    replace(incidents.KIND, of_force=tasks.incidents_of_force),
    tasks.KIND,
    forces.KIND,
)
"""Add a kind here. Of incidents a force is shown those that it has an active task at: its tasks know which."""
