"""What an address may be written with, asked once for every route."""

from starlette.requests import HTTPConnection

from api.http.errors import Invalid


async def check_address(connection: HTTPConnection) -> None:
    """A dependency of every route. A socket's is checked at its own door, which can still answer before a handshake."""
    if connection.scope["type"] == "http":
        refuse_nul(connection)


def refuse_nul(connection: HTTPConnection) -> None:
    """Raise `Invalid` for an address with a NUL in it: no text has one, and no store takes it."""
    named = [("path", connection.scope["path"]), *connection.query_params.multi_items()]
    faulty = [name.replace("\0", "") for name, value in named if "\0" in name or "\0" in value]
    if faulty:
        raise Invalid(errors=[{"field": name, "code": "control_character"} for name in faulty])
