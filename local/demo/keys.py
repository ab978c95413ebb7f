"""Keys of the demo: an SSH key for each user, an OpenPGP key for the tenant."""

from __future__ import annotations

from pathlib import Path

import asyncssh
import pysequoia

from fileferry.secrets import Secrets
from local.stack import Stack


def login_key(folder: Path, user: str) -> Path:
    """The private key file of an SFTP user, made with its `.pub` when it is not there."""
    path = folder / user
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = asyncssh.generate_private_key("ssh-ed25519", comment=f"{user}@fileferry-demo")
        path.touch(mode=0o600)
        path.write_bytes(key.export_private_key())
        public_file(path).write_bytes(key.export_public_key())
    return path


def public_file(path: Path) -> Path:
    """The file of the public key beside a private one."""
    return path.with_name(f"{path.name}.pub")


def put_secret(stack: Stack, name: str, text: str) -> None:
    """Create or replace a secret."""
    try:
        stack.secrets.create_secret(Name=name, SecretString=text)
    except stack.secrets.exceptions.ResourceExistsException:
        stack.secrets.put_secret_value(SecretId=name, SecretString=text)


def pgp_certificate(stack: Stack, secret: str, prefix: str) -> str:
    """The armoured certificate of the key in `secret`, which is made when there is none.

    The private key is nowhere but in Secrets Manager.
    """
    try:
        stack.secrets.describe_secret(SecretId=secret)
    except stack.secrets.exceptions.ResourceNotFoundException:
        put_secret(stack, secret, str(pysequoia.Tsk.generate("Acme invoices <invoices@acme.example>")))
    key = pysequoia.Tsk.from_bytes(Secrets(stack.secrets, prefix).text(secret).encode())
    return str(key.extract_certificate())


def pgp_encrypted(content: bytes, certificate: str) -> bytes:
    """`content` as a binary OpenPGP message to `certificate`."""
    recipient = pysequoia.Cert.from_bytes(certificate.encode())
    return bytes(pysequoia.encrypt(content, recipients=[recipient], armor=False))
