"""Headers of the console's pages, the same as `ConsoleHeaders` in template.yaml has CloudFront send (a test compares).

HSTS is not among them: it would make a browser refuse every other server on localhost without TLS.
"""

from __future__ import annotations

from collections.abc import Mapping

POLICY: Mapping[str, str] = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",  # Emotion writes style elements; files in a bucket can carry no nonce
    "img-src": "'self' data:",
    "font-src": "'self'",
    "worker-src": "'self'",
    "connect-src": "'self' {login}",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
"""Directives of the Content-Security-Policy."""

PLAIN: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

IMMUTABLE = "public, max-age=31536000, immutable"
"""Cache-Control of files whose names change with their content."""
REVALIDATED = "no-cache"


def content_security_policy(login: str) -> str:
    """`login`: origin to which the pages send the code and the refresh token."""
    return "; ".join(f"{name} {sources.format(login=login)}" for name, sources in POLICY.items())


def security_headers(login: str) -> dict[str, str]:
    return {"Content-Security-Policy": content_security_policy(login), **PLAIN}


def cache_control(path: str) -> str:
    """Of a file by its path in the build: Vite writes into assets/ what has its content's hash in its name."""
    return IMMUTABLE if path.lstrip("/").startswith("assets/") else REVALIDATED
