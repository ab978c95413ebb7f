"""OpenPGP by pysequoia: decrypt, verify, encrypt, sign; from file to file, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from fileferry.errors import ConfigurationError, FerryError, TransientError
from fileferry.model.route import Decrypt, Encrypt, Sign, Verify
from fileferry.scratch import scratch_full

from .content import Content, Done, Scratch
from .limits import refused
from .pgp_keys import KeySource, Material, opening_keys, sealing_keys

_MAX_RATIO = 200
_MAX_FLOOR = 64 * 1024**2
_MAX_SIZE = 20 * 1024**3
"""A message may be compressed: what it may expand to, as `Unpack` has it by default."""


def open_message(operation: Decrypt | Verify, content: Content, source: KeySource, scratch: Scratch) -> Done:
    """The content of a message. Tells `signed_by`, the fingerprints of the signers that were accepted.

    Raises ContentRefused when the message is damaged, for another key, or not signed as demanded;
    ConfigurationError when key, passphrase or certificates cannot be used.
    """
    material = opening_keys(operation, source)
    message = scratch.file(content)
    limit = min(_MAX_SIZE, max(_MAX_FLOOR, _MAX_RATIO * message.stat().st_size))
    target = scratch.new()
    answer = _ask(operation.op, message, target, material, limit=limit)
    told = {"signed_by": answer["signed_by"]} if material.demands_signature else {}
    return Done(Content(content.name, path=target), told)


def seal(operation: Encrypt | Sign, content: Content, source: KeySource, scratch: Scratch) -> Done:
    """The content as a message. Raises ConfigurationError when key, passphrase or certificates cannot be used."""
    material = sealing_keys(operation, source)
    target = scratch.new()
    _ask(operation.op, scratch.file(content), target, material, armor=operation.armor)
    return Done(Content(content.name, path=target))


def _ask(
    action: str, source: Path, target: Path, material: Material, *, armor: bool = False, limit: int = -1
) -> dict[str, Any]:
    """The answer of the OpenPGP process, whose errors are raised; its request is described there."""
    request = {
        "path": sys.path,
        "action": action,
        "input": str(source),
        "output": str(target),
        "limit": limit,
        "keys": [{"key": key.text, "passphrase": key.passphrase} for key in material.keys],
        "certificates": list(material.certificates),
        "armor": armor,
    }
    program = str(Path(__file__).with_name("pgp_process.py"))
    done = subprocess.run(  # noqa: S603 - our own program, and nothing of the file or the route in its arguments
        [sys.executable, "-I", program], input=json.dumps(request), capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        raise TransientError(f"The OpenPGP process ended with {done.returncode}: {''.join(last)[:200]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    if "error" in answer:
        number = answer["number"]
        secret = material.keys[number].secret if number < len(material.keys) else ""
        raise _error(answer["error"], answer["message"], secret)
    return answer


def _error(kind: str, message: str, secret: str) -> FerryError:
    if kind in _CONTENT:
        return refused(f"openpgp.{kind}", _CONTENT[kind].format(message=message))
    if kind == "disk_full":
        return scratch_full()
    what = _CONFIGURATION[kind].format(secret=secret, message=message)
    return ConfigurationError(what, todo="mend the route's transform, or the secret that it names.")


_CONTENT = {
    "other_key": "it is encrypted, but not to the route's key",
    "signature": "it has no valid signature of an accepted signer",
    "too_large": f"it expands to more than {_MAX_RATIO} times its size",
    "compressed": "it is compressed inside of its encryption, where signatures cannot be checked; have the sender turn "
    "compression off (gpg --compress-algo none), or take `signers` out of the operation",
    "message": "it cannot be read: {message}",
}
_CONFIGURATION = {
    "key": "Secret {secret!r} holds no OpenPGP private key that can be used.",
    "passphrase": "The key in secret {secret!r} does not open with the passphrase there.",
    "no_subkey": "The key in secret {secret!r} has no usable subkey for this: expired, revoked, or of another kind.",
    "certificate": "Certificate {message} of the operation is no OpenPGP certificate.",
    "recipient": "A recipient's certificate cannot be encrypted to: expired, revoked, or without such a subkey.",
}
