"""A case keeps the day on which its pause is expected to end; those that are paused now are reminded of it too.

Their days are in the moves by which they were paused. It keeps the post from which a leader took charge as well, and
posts are found by indexes: the server looks each minute for those that nobody holds any more. The tables' owner reads
them without row-level security.

Revision ID: 0034
"""

from alembic import op

revision = "0034"
down_revision: str | None = "0033"

PAUSED = """
SELECT DISTINCT ON (cases.incident_id) cases.incident_id, cases.division_path, said.at,
    (said.data #>> '{form,until}')::date AS until
FROM cases JOIN timeline AS said ON said.incident_id = cases.incident_id
WHERE cases.paused AND cases.ended_at IS NULL AND said.kind = 'case.moved' AND said.data ->> 'kind' = 'pause'
ORDER BY cases.incident_id, said.id DESC
"""
REMIND = f"""
INSERT INTO deadlines (subject, subject_id, kind, started_at, amount, unit, due_at, division_path)
SELECT 'pause', incident_id, 'pause.end', at, greatest(until - at::date, 0), 'day', until, division_path
FROM ({PAUSED}) AS paused WHERE until IS NOT NULL
"""
CHARGED = """
UPDATE cases SET charge_post_id = (state #>> '{charge,post}')::bigint
WHERE ended_at IS NULL AND state #>> '{charge,post}' IS NOT NULL
"""
READ = ("cases", "timeline", "deadlines")


def upgrade() -> None:
    op.execute("ALTER TABLE cases ADD COLUMN paused_until date, ADD COLUMN charge_post_id bigint")
    for table in READ:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(f"UPDATE cases SET paused_until = p.until FROM ({PAUSED}) AS p WHERE p.incident_id = cases.incident_id")
    op.execute(REMIND)
    op.execute(CHARGED)
    for table in READ:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    for post in ("offer_post_id", "first_post_id", "charge_post_id"):
        op.execute(f"CREATE INDEX ix_cases_{post} ON cases ({post}) WHERE ended_at IS NULL AND {post} IS NOT NULL")
