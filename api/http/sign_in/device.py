"""Signing in phone apps that know no bearer tokens: by password, or by an address with a secret in it."""

from fastapi import Request

from api.http.sign_in.basic import credentials_of
from api.http.sign_in.sessions import session_of
from api.services import services_of
from console.access.queries import actor_of
from console.access.rules import Actor


async def device_actor(request: Request) -> Actor:
    """Whoever the device reports for. Raises `NotSignedIn`.

    No cookie counts here: these doors are open to GET, and a foreign page must not use someone's sign-in.
    """
    found = await session_of(device_secret(request), services_of(request))
    request.state.actor = actor = actor_of(found)
    return actor


def device_secret(request: Request) -> str | None:
    """The token: as a bearer, as the password of HTTP Basic (OwnTracks), or as `token` in the address (Traccar)."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    match scheme.lower():
        case "bearer":
            return value.strip()
        case "basic":
            said = credentials_of(request)
            return said.password if said else None
        case _:
            return request.query_params.get("token")
