"""Whose certificates a connection by TLS accepts."""

from __future__ import annotations

import ssl

from botocore.httpsession import get_cert_path

from fileferry.errors import ConfigurationError


def trust(ca_certificate: str | None, where: str = "") -> ssl.SSLContext:
    """Only the authority in `ca_certificate` (PEM) where it is given, else the system's and botocore's public ones.

    Raises ConfigurationError, which names `where`, when the text is no certificate.
    """
    try:
        context = ssl.create_default_context(cadata=ca_certificate)
    except (ssl.SSLError, TypeError, ValueError) as error:  # of text that is not ASCII it is a TypeError
        what = "The ca_certificate is not a PEM certificate."
        raise ConfigurationError(what, where=where, todo="paste it whole.") from error
    if not ca_certificate:
        context.load_verify_locations(get_cert_path(True))
    return context
