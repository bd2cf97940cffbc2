"""compose.yaml prepares its database as the private cluster is prepared."""

from api.keeping.postgres.roles import APP, EXTENSIONS, LEAKPROOF, OWNER
from tests.shared import CHECKOUT

COMPOSE = (CHECKOUT / "compose.yaml").read_text(encoding="utf8")


def test_the_database_of_compose_has_what_migrations_never_add() -> None:
    wanted = [f"CREATE EXTENSION IF NOT EXISTS {name};" for name in EXTENSIONS]
    wanted += [f"ALTER FUNCTION {name} LEAKPROOF;" for name in LEAKPROOF]
    wanted += [f"CREATE ROLE {name} LOGIN NOSUPERUSER" for name in (OWNER, APP)]
    assert [words for words in wanted if words not in COMPOSE] == []
