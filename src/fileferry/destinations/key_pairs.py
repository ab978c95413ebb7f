"""SSH key pairs with which Fileferry logs in to partners' servers. asyncssh costs a while to import."""

from __future__ import annotations

import asyncssh

KIND = "ssh-ed25519"


class NotAPrivateKey(ValueError):
    """The text is no usable private key; the message says why, and never repeats the text."""


def new_private_key(comment: str) -> str:
    """A new Ed25519 key in OpenSSH's form, without passphrase."""
    key = asyncssh.generate_private_key(KIND, comment=comment)
    return key.export_private_key().decode()


def public_half(private_key: str, passphrase: str | None = None) -> tuple[str, str]:
    """(the public key as one line without its comment, its fingerprint). Raises NotAPrivateKey."""
    try:
        key = asyncssh.import_private_key(private_key, passphrase)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise NotAPrivateKey(
            "cannot be read, or its passphrase is wrong: give an OpenSSH or PEM private key with its line breaks"
        ) from error
    line = " ".join(key.export_public_key().decode().split()[:2])
    return line, key.get_fingerprint()
