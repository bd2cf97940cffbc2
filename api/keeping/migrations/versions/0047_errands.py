"""Whoever is sent to another town sees what is closed on the way there, and what may be asked for there.

Revision ID: 0047
"""

from alembic import op

revision = "0047"
down_revision: str | None = "0046"

CLOSURES = """
CREATE POLICY errands ON closures FOR SELECT USING (
    reach_force() IS NOT NULL AND EXISTS (SELECT FROM tasks AS own WHERE own.force_id = reach_force() AND own.active)
)
"""
"""In the whole county, for a way may lead through a third town. A closed road is no secret: who closed it, and why, is
left out for forces.
"""
SERVICES = """
CREATE POLICY errands ON service_lists FOR SELECT USING (division_path <@ ARRAY(
    SELECT subpath(own.division_path, 0, 2) FROM tasks AS own
    WHERE own.force_id = reach_force() AND (own.active OR own.ended_at > now() - interval '1 day')
        AND nlevel(own.division_path) > 1
))
"""
"""For as long as the lines there are seen, as `errands` on divisions says."""


def upgrade() -> None:
    op.execute(CLOSURES)
    op.execute(SERVICES)
