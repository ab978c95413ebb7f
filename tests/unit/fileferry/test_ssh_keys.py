"""Public keys as text, compared with what asyncssh makes and reads."""

from __future__ import annotations

import base64

import asyncssh
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fileferry.ssh_keys import NotAPublicKey, parse_public_key

_KINDS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa")


def _line(kind: str, comment: str = "") -> str:
    text = asyncssh.generate_private_key(kind, comment=comment or None).export_public_key("openssh").decode()
    return text.strip()


LINES = {kind: _line(kind, "partner at work") for kind in _KINDS}


@pytest.mark.parametrize("kind", _KINDS)
def test_keys_of_every_type_are_read_and_lose_their_comment(kind: str) -> None:
    key = parse_public_key(f"  {LINES[kind]}\n")
    assert key.type == kind
    read = asyncssh.import_public_key(key.line)
    assert read.public_data == asyncssh.import_public_key(LINES[kind]).public_data


@pytest.mark.parametrize("kind", _KINDS)
@given(data=st.data())
def test_a_key_that_was_cut_off_is_refused(kind: str, data: st.DataObject) -> None:
    word, blob = LINES[kind].split()[:2]
    keep = data.draw(st.integers(0, len(blob) // 4 - 1)) * 4
    with pytest.raises(NotAPublicKey):
        parse_public_key(f"{word} {blob[:keep]}")


@given(st.text(max_size=200))
def test_any_other_text_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(NotAPublicKey, match=r"must|is|says"):
        parse_public_key(text)


@given(st.sampled_from(_KINDS), st.binary(max_size=80))
def test_any_other_blob_is_refused(kind: str, blob: bytes) -> None:
    with pytest.raises(NotAPublicKey):
        parse_public_key(f"{kind} {base64.b64encode(blob).decode()}")


def test_a_private_key_is_refused_and_not_repeated() -> None:
    text = asyncssh.generate_private_key("ssh-ed25519").export_private_key("openssh").decode()
    with pytest.raises(NotAPublicKey, match="is a private key") as caught:
        parse_public_key(text)
    assert text.splitlines()[1] not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("partner.example " + LINES["ssh-ed25519"], "without what stands before it"),
        ("ssh-rsa " + LINES["ssh-ed25519"].split()[1], "of another type"),
        ("ssh-dss AAAA", "one of the types"),
        (LINES["ssh-ed25519"] + "\n" + LINES["ssh-rsa"], "one line"),
    ],
    ids=["host before it", "another type", "unknown type", "two lines"],  # the keys are new in each process
)
def test_what_is_wrong_is_said(text: str, reason: str) -> None:
    with pytest.raises(NotAPublicKey, match=reason):
        parse_public_key(text)


def test_a_weak_rsa_key_is_refused() -> None:
    weak = asyncssh.generate_private_key("ssh-rsa", key_size=1024).export_public_key("openssh").decode()
    with pytest.raises(NotAPublicKey, match="1024 bits"):
        parse_public_key(weak)
