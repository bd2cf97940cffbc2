"""Check that the server can listen on its address, before anything else is prepared."""

import errno
import socket
from typing import ClassVar

from api.keeping.words import said
from geo.errors import MaplebridgeError

REMEDIES = {
    errno.EADDRINUSE: "Another program listens there: stop it, or choose another port with MAPLEBRIDGE_PORT.",
    errno.EACCES: "Ports below 1024 need root: choose a higher one with MAPLEBRIDGE_PORT.",
}
OTHER_REMEDY = "MAPLEBRIDGE_HOST must be an address of this machine, such as 127.0.0.1 or 0.0.0.0."


class PortUnusable(MaplebridgeError):
    """The server cannot listen there. `params`: `where`, the system's `reason`, a `remedy`, and whether it is
    `taken`.
    """

    code: ClassVar[str] = "port.unusable"

    def __str__(self) -> str:
        return said("{where}: {reason}. {remedy}", **self.params)


def require_free(host: str, port: int) -> None:
    """Raise `PortUnusable` unless a server could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            remedy = said(REMEDIES.get(error.errno or 0, OTHER_REMEDY))
            taken = error.errno == errno.EADDRINUSE
            raise PortUnusable(where=f"{host}:{port}", reason=error.strerror, remedy=remedy, taken=taken) from error
