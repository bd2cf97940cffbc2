"""Identify a client that signs in: its network address, and its device if it has signed in before.

A device keeps a signed cookie for a year. It lists the names that signed in there, as digests that only this server can
make: a machine that guesses passwords elsewhere has none, and cannot delay the people whose screens have one.
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv6Address, ip_address
from pathlib import Path

import structlog
from starlette.requests import HTTPConnection

log = structlog.get_logger()

KEY_FILE = "devices.key"
KEY_BYTES = 32
MOST_NAMES = 4
"""Names that share a device, such as a desk's; the longest unused one is dropped."""

_COOKIE = re.compile(r"([\w-]{16})((?:\.[\w-]{22}){1,4})", re.ASCII)
IPV6_SITE_BITS = 64


def address_of(connection: HTTPConnection) -> str:
    """Return the client's address, as trusted proxies give it: of IPv6 the network, since a machine has millions."""
    host = connection.client.host if connection.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> IPV6_SITE_BITS << IPV6_SITE_BITS))
    return host


@dataclass
class KnownDevices:
    """Makes and reads the cookies. The key lies in the server's folder, made when first needed."""

    folder: Path
    _made: bytes = field(default_factory=lambda: secrets.token_bytes(KEY_BYTES))

    def recognise(self, cookie: str | None, name: str) -> str | None:
        """Return the device's own part of the cookie if `name` has signed in there; else None."""
        device, marks = _read(cookie)
        mark = self._mark(device, name)
        return device if any(hmac.compare_digest(mark, each) for each in marks) else None

    def remember(self, cookie: str | None, name: str) -> str:
        """Return the cookie of a device where `name` has just signed in."""
        device, marks = _read(cookie)
        device = device or secrets.token_urlsafe(12)
        mine = self._mark(device, name)
        others = [each for each in marks if each != mine]
        return ".".join([device, mine, *others[: MOST_NAMES - 1]])

    def _mark(self, device: str, name: str) -> str:
        digest = hmac.digest(self._key, f"{device}\0{name}".encode(), "sha256")
        return urlsafe_b64encode(digest[:16]).decode().rstrip("=")

    @cached_property
    def _key(self) -> bytes:
        file = self.folder / KEY_FILE
        try:
            if not file.exists():
                self.folder.mkdir(parents=True, exist_ok=True)
                file.touch(mode=0o600)
                file.write_bytes(self._made)
            kept = file.read_bytes()
        except OSError as error:
            log.warning("device_key_not_kept", fault=type(error).__name__)
            kept = b""
        return kept if len(kept) == KEY_BYTES else self._made


def _read(cookie: str | None) -> tuple[str, list[str]]:
    """Return a cookie's device and marks, both empty for another text."""
    found = _COOKIE.fullmatch(cookie or "")
    return (found[1], found[2].split(".")[1:]) if found else ("", [])
