"""Web Push's encryption (RFC 8291) and its proof of the sender (VAPID, RFC 8292). Pure but for randomness."""

import hmac
import os
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from urllib.parse import urlsplit

import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

CURVE = ec.SECP256R1()
POINT_BYTES, AUTH_BYTES, SALT_BYTES, NUMBER_BYTES = 65, 16, 16, 32
RECORD_BYTES = 4096
LAST_RECORD = b"\x02"
PADDED_TO = 256
"""Every message is as long as any other: a push service learns nothing from its length."""

VALID_FOR = timedelta(hours=12)


def encoded(data: bytes) -> str:
    """Return base64url without padding, as Web Push writes everything."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """Read base64url, padded or not. Raises ValueError."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def is_point(data: bytes) -> bool:
    """Return whether these are the 65 bytes of a point on P-256."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, data)
    except (ValueError, UnsupportedAlgorithm):
        return False
    return len(data) == POINT_BYTES


def seal(
    content: bytes,
    *,
    p256dh: bytes,
    auth: bytes,
    padded_to: int = PADDED_TO,
    key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """Encrypt a message for a subscription, as one aes128gcm record. `key` and `salt` are new ones but in tests."""
    key, salt = key or ec.generate_private_key(CURVE), salt or os.urandom(SALT_BYTES)
    own = _point_of(key)
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, p256dh))
    secret = _derived(shared, salt=auth, info=b"WebPush: info\0" + p256dh + own, length=32)
    content_key = _derived(secret, salt=salt, info=b"Content-Encoding: aes128gcm\0", length=16)
    nonce = _derived(secret, salt=salt, info=b"Content-Encoding: nonce\0", length=12)
    record = content + LAST_RECORD + bytes(max(0, padded_to - len(content)))
    head = salt + struct.pack("!IB", RECORD_BYTES, len(own)) + own
    return head + AESGCM(content_key).encrypt(nonce, record, None)


@dataclass(frozen=True)
class PushKey:
    """The server's key pair for Web Push. A subscription holds for one key: another one needs new subscriptions."""

    key: ec.EllipticCurvePrivateKey

    @classmethod
    def made(cls) -> "PushKey":
        return cls(ec.generate_private_key(CURVE))

    @classmethod
    def read(cls, pem: bytes) -> "PushKey":
        """Read a key's file. Raises ValueError for any but a private key on P-256."""
        key = load_pem_private_key(pem, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != CURVE.name:
            raise ValueError("no private key on P-256")
        return cls(key)

    def pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @cached_property
    def public(self) -> str:
        """The public key, as browsers take it."""
        return encoded(_point_of(self.key))

    def authorization(self, endpoint: str, *, contact: str, now: datetime) -> str:
        """Return the header that tells a push service who sends: for its origin alone, for twelve hours."""
        parts = urlsplit(endpoint)
        head = {"typ": "JWT", "alg": "ES256"}
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((now + VALID_FOR).timestamp()),
            "sub": contact,
        }
        signed = f"{encoded(orjson.dumps(head))}.{encoded(orjson.dumps(claims))}"
        r, s = decode_dss_signature(self.key.sign(signed.encode(), ec.ECDSA(SHA256())))
        signature = encoded(r.to_bytes(NUMBER_BYTES, "big") + s.to_bytes(NUMBER_BYTES, "big"))
        return f"vapid t={signed}.{signature}, k={self.public}"

    def token_of(self, message_id: int) -> str:
        """Return what a phone says to prove that it showed a message: none but its own holds it, sealed."""
        return f"{message_id}.{encoded(hmac.digest(self._secret, str(message_id).encode(), 'sha256'))}"

    def message_of(self, token: str) -> int | None:
        """Return the id of the message that a token proves; None for any other text."""
        number = token.partition(".")[0]
        if not (number.isascii() and number.isdecimal()):
            return None
        return int(number) if hmac.compare_digest(self.token_of(int(number)).encode(), token.encode()) else None

    @cached_property
    def _secret(self) -> bytes:
        own = self.key.private_numbers().private_value.to_bytes(NUMBER_BYTES, "big")
        return _derived(own, salt=b"", info=b"maplebridge: shown", length=32)


def _point_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(secret: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)
