"""Sign-in of phone apps without bearer tokens: by HTTP Basic, or by a token in the address."""

from fastapi import Request

from api.http.sign_in.basic import credentials_of
from api.http.sign_in.sessions import session_of
from api.services import services_of
from console.access.queries import actor_of
from console.access.rules import Actor


async def device_actor(request: Request) -> Actor:
    """Return the user whose token the device sent. Raises `NotSignedIn`.

    Cookies are ignored: these routes accept GET, and a foreign page must not use a browser's session.
    """
    found = await session_of(device_secret(request), services_of(request))
    request.state.actor = actor = actor_of(found)
    return actor


def device_secret(request: Request) -> str | None:
    """Return the token: of a bearer header, of HTTP Basic's password (OwnTracks), or of `token` in the address
    (Traccar).
    """
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    match scheme.lower():
        case "bearer":
            return value.strip()
        case "basic":
            given = credentials_of(request)
            return given.password if given else None
        case _:
            return request.query_params.get("token")
