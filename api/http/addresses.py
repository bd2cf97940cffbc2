"""Reject NUL characters in paths and queries, for every route."""

from starlette.requests import HTTPConnection

from api.http.errors import Invalid


async def check_address(connection: HTTPConnection) -> None:
    """Dependency of every HTTP route. The live socket checks its own address, where it can still answer before the
    handshake.
    """
    if connection.scope["type"] == "http":
        reject_nul(connection)


def reject_nul(connection: HTTPConnection) -> None:
    """Raise `Invalid` for an address with a NUL in it: PostgreSQL stores none."""
    named = [("path", connection.scope["path"]), *connection.query_params.multi_items()]
    faulty = [name.replace("\0", "") for name, value in named if "\0" in name or "\0" in value]
    if faulty:
        raise Invalid(errors=[{"field": name, "code": "control_character"} for name in faulty])
