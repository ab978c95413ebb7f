"""OpenPGP on one file, in a process of its own: `python pgp_process.py < request > answer`.

pysequoia holds Python's lock while it works (measured: 1.1 s for 200 MB in which no other thread ran), which would
stop the worker's heartbeats; and the kernel's limit on the size of files, which stops decompression bombs, holds for a
whole process. Keys and passphrases come on standard input, so that neither arguments nor environment show them.

Request: `{"path": […], "action": "decrypt"|"verify"|"encrypt"|"sign", "input": str, "output": str, "limit": bytes,
"keys": [{"key": str, "passphrase": str|null}], "certificates": [str], "armor": bool}`; a message is opened with the
first of the keys that fits, and made with the first one.
Answer: `{"signed_by": [fingerprint]}` or `{"error": kind, "message": str, "number": of the key, from 0}`; kinds are
those of `pgp.py`.
"""

from __future__ import annotations

import json
import resource
import secrets
import sys
from typing import Any


class Refusal(Exception):
    """An error of a known kind. The message never holds what pysequoia said of a key."""

    def __init__(self, kind: str, message: str = "", number: int = 0) -> None:
        super().__init__(kind, message, number)
        self.kind = kind
        self.message = message
        self.number = number


def run(request: dict[str, Any]) -> dict[str, Any]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (request["limit"], request["limit"]))
    action = {"decrypt": _open, "verify": _open, "encrypt": _encrypt, "sign": _sign}[request["action"]]
    try:
        return {"signed_by": action(request)}
    except Refusal as refusal:
        return {"error": refusal.kind, "message": refusal.message, "number": refusal.number}


def _open(request: dict[str, Any]) -> list[str]:
    """Decrypt, or check the signature of, a message."""
    certificates = _certificates(request)
    if not request["keys"]:
        # A message that is only signed needs no key, but the function wants one: a password that nothing has.
        return _opened(request, certificates, {"passwords": [secrets.token_hex()]})
    refusals = []
    for number in range(len(request["keys"])):
        try:
            return _opened(request, certificates, {"decryptor": _secret(request, "decryptor", number)})
        except Refusal as refusal:
            if refusal.kind not in _OTHER_MAY_FIT:
                raise
            refusals.append(refusal)
    raise next((refusal for refusal in refusals if refusal.kind == "other_key"), refusals[0])


_OTHER_MAY_FIT = {"other_key", "key", "passphrase", "no_subkey"}
"""What is wrong with one key only."""


def _opened(request: dict[str, Any], certificates: list[Any], keys: dict[str, Any]) -> list[str]:
    import pysequoia

    store = (lambda _: certificates) if certificates else None
    try:
        result = pysequoia.decrypt_file(request["input"], request["output"], store=store, **keys)
    except (RuntimeError, OSError) as error:
        raise _message_refusal(error) from None
    return [signature.certificate for signature in result.valid_sigs]


def _message_refusal(error: Exception) -> Refusal:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    if "No key to decrypt" in text:
        return Refusal("other_key")
    if "no valid signatures" in text:
        return Refusal("signature")
    if "Unexpected message structure" in text:
        # pysequoia 0.1.35 takes a compressed packet as the outermost one only, where a signature is demanded.
        return Refusal("compressed")
    if "os error 27" in text:
        return Refusal("too_large")
    if "os error 28" in text:
        return Refusal("disk_full")
    if text.startswith("Reading ") or "EOF" in text:
        text = "it is no OpenPGP message, or it is cut off"
    return Refusal("message", text[:200])


def _encrypt(request: dict[str, Any]) -> list[str]:
    import pysequoia

    recipients = _certificates(request)
    signer = _secret(request, "signer") if request["keys"] else None
    try:
        pysequoia.encrypt_file(
            request["input"], request["output"], recipients=recipients, signer=signer, armor=request["armor"]
        )
    except (RuntimeError, OSError) as error:
        raise _writing_refusal(error, "recipient") from None
    return []


def _sign(request: dict[str, Any]) -> list[str]:
    import pysequoia

    try:
        pysequoia.sign_file(_secret(request, "signer"), request["input"], request["output"], armor=request["armor"])
    except (RuntimeError, OSError) as error:
        raise _writing_refusal(error, "key") from None
    return []


def _writing_refusal(error: Exception, kind: str) -> Refusal:
    return Refusal("disk_full" if "os error 28" in str(error) else kind)


def _certificates(request: dict[str, Any]) -> list[Any]:
    import pysequoia

    found: list[Any] = []
    for number, text in enumerate(request["certificates"], 1):
        try:
            found += pysequoia.Cert.split_bytes(text.encode())
        except (RuntimeError, OSError):
            raise Refusal("certificate", str(number)) from None
    return found


def _secret(request: dict[str, Any], use: str, number: int = 0) -> Any:
    """The `decryptor` or `signer` of a key."""
    import pysequoia

    given = request["keys"][number]
    try:
        key = pysequoia.Tsk.from_bytes(given["key"].encode())
    except (RuntimeError, OSError):
        raise Refusal("key", number=number) from None
    try:
        return getattr(key, use)(given["passphrase"])
    except (RuntimeError, OSError) as error:
        raise Refusal("no_subkey" if "No suitable" in str(error) else "passphrase", number=number) from None


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    sys.path[:] = asked["path"]
    json.dump(run(asked), sys.stdout)
