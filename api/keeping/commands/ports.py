"""The address that a server is to listen on: whether it can be had, asked before anything is made ready for it."""

import errno
import socket
from typing import ClassVar

from geo.errors import MaplebridgeError

REMEDIES = {
    errno.EADDRINUSE: "Another program listens there: end it, or choose another port with MAPLEBRIDGE_PORT.",
    errno.EACCES: "Ports below 1024 are root's: choose a higher one with MAPLEBRIDGE_PORT.",
}
ELSE = "MAPLEBRIDGE_HOST must be an address of this machine, such as 127.0.0.1 or 0.0.0.0."


class NoSuchDoor(MaplebridgeError):
    """Nobody can listen there now. `params`: `where`, the system's `reason`, a `remedy`, and whether it is `taken`."""

    code: ClassVar[str] = "port.unusable"

    def __str__(self) -> str:
        return "{where}: {reason}. {remedy}".format(**self.params)


def require_free(host: str, port: int) -> None:
    """Raise NoSuchDoor unless a server could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, port))
        except OSError as error:
            remedy = REMEDIES.get(error.errno or 0, ELSE)
            taken = error.errno == errno.EADDRINUSE
            raise NoSuchDoor(where=f"{host}:{port}", reason=error.strerror, remedy=remedy, taken=taken) from error
