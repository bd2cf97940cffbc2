"""Security and cache headers of all responses."""

from collections.abc import Mapping
from types import MappingProxyType

from starlette.datastructures import MutableHeaders

POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; object-src 'none'"
)
SECURITY_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(self), camera=(self), microphone=(self), payment=(), usb=()",
    }
)
HOLD_DATA = ("/api/", "/ogc")
PRIVATE = "private, no-store"
"""Responses of the API may hold personal data: unless a route says otherwise, no cache stores them."""


HTTPS_ONLY = "max-age=31536000"
"""A year. Without subdomains, which may belong to others."""


def add_headers(headers: MutableHeaders, *, path: str, request_id: str, is_behind_tls: bool) -> None:
    """Add security, request id and cache headers, unless the route has set them."""
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
    if is_behind_tls:
        headers.setdefault("Strict-Transport-Security", HTTPS_ONLY)
    headers["X-Request-Id"] = request_id
    if path.startswith(HOLD_DATA):
        headers.setdefault("Cache-Control", PRIVATE)
