"""A push service of the tests' own, by https with a certificate of its own, and phones that open what it is sent."""

import asyncio
import json
import ssl
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

CURVE = ec.SECP256R1()
HANG = 0
"""Answered with silence."""


def unpadded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def bytes_of(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Phone:
    """A browser with a subscription: its keys, and its address at a push service."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(CURVE))
    auth: bytes = b"0123456789abcdef"

    @property
    def point(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def subscription(self, language: str = "zh") -> dict[str, Any]:
        keys = {"p256dh": unpadded(self.point), "auth": unpadded(self.auth)}
        return {"endpoint": self.endpoint, "keys": keys, "language": language}

    def opened(self, body: bytes) -> dict[str, Any]:
        """Decrypt an aes128gcm message as RFC 8188 and RFC 8291 say, and drop its padding."""
        salt, length = body[:16], body[20]
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs))
        secret = HKDF(SHA256(), 32, self.auth, b"WebPush: info\0" + self.point + theirs).derive(shared)
        key = HKDF(SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(secret)
        nonce = HKDF(SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(secret)
        plain = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert plain.endswith(b"\x02"), "the last record"
        found: dict[str, Any] = json.loads(plain[:-1])
        return found


@dataclass
class Received:
    """A request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    def claims(self) -> dict[str, Any]:
        """Verify who sent it, by the key it names, and return what is claimed."""
        token, key = (
            part.partition("=")[2] for part in self.headers["authorization"].removeprefix("vapid ").split(", ")
        )
        signed, _, signature = token.rpartition(".")
        raw = bytes_of(signature)
        number = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, bytes_of(key))
        public.verify(number, signed.encode(), ec.ECDSA(SHA256()))
        found: dict[str, Any] = json.loads(bytes_of(signed.partition(".")[2]))
        return found | {"key": key}


@dataclass
class Receiver:
    """A server that keeps what it is sent, and answers with the next of `answers`, or 201."""

    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    origin: str = ""

    @property
    def host(self) -> str:
        return self.origin.partition("://")[2]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-2])}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.received.append(Received(head[0].split(" ")[1], headers, body))
        status, more = self.answers.pop(0) if self.answers else (201, {})
        if status == HANG:
            await reader.read()
        else:
            said = "".join(f"{name}: {value}\r\n" for name, value in ({"Content-Length": "0"} | more).items())
            writer.write(f"HTTP/1.1 {status} So\r\nConnection: close\r\n{said}\r\n".encode())
        writer.close()


@asynccontextmanager
async def receiving(trust: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """Serve on a free port, by https with a context."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=trust)
    port = server.sockets[0].getsockname()[1]
    receiver.origin = f"{'https' if trust else 'http'}://localhost:{port}"
    try:
        yield receiver
    finally:
        server.close()


def certificate_in(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate for localhost; return the server's context, and the file that clients have to trust."""
    key, name = ec.generate_private_key(CURVE), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = datetime.now(UTC)
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    signs = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=False, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(made - timedelta(days=1)).not_valid_after(made + timedelta(1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    builder = builder.add_extension(signs, critical=True).add_extension(own, critical=False)
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own), critical=False)
    made_file = folder / "push.pem"
    certificate = builder.sign(key, SHA256()).public_bytes(Encoding.PEM)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    made_file.write_bytes(certificate + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made_file)
    return context, made_file
