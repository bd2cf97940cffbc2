"""The link to a camera on the video platform, with a signed token that ends. Pure."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import orjson

HEADER = {"alg": "HS256", "typ": "JWT"}


@dataclass(frozen=True, slots=True)
class Platform:
    """The video platform: the template of its addresses with `{id}` and `{token}`, and the key that signs tokens."""

    template: str
    key: bytes

    def link(self, *, camera: str, case: str, user: int, viewing: int, now: datetime, expires_at: datetime) -> str:
        """Return the address of a camera, with a token (JWT, HS256) of who views it, for which case, and until when."""
        claims = {
            "iss": "maplebridge",
            "sub": str(user),
            "camera": camera,
            "case": case,
            "jti": str(viewing),
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
        }
        token = signed(claims, self.key)
        return self.template.replace("{id}", quote(camera, safe="")).replace("{token}", token)


def signed(claims: Mapping[str, Any], key: bytes) -> str:
    """Return claims as a JSON Web Token, signed by HMAC-SHA256."""
    content = b".".join(_encoded(orjson.dumps(part)) for part in (HEADER, claims))
    return b".".join((content, _encoded(hmac.new(key, content, hashlib.sha256).digest()))).decode()


def _encoded(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")
