"""Every kind of mail carries a signature that others can check, and that no change survives."""

from __future__ import annotations

import re
from email import message_from_bytes
from functools import cache

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as new_rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.notifications.mail.composing import Mail, compose
from services.notifications.mail.signing import Signer, record_of, wrong_signing_key
from services.notifications.rules import kinds

from .making import make_settings
from .test_mail import make_letter
from .test_schedule_letters import letter_to_subscriber

MUST_COVER = {
    *("from", "to", "subject", "date", "message-id", "mime-version", "content-type", "reply-to"),
    *("list-unsubscribe", "list-unsubscribe-post"),
}


def pem_of(key: object) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()  # type: ignore[attr-defined,no-any-return]


@cache
def key_of(kind: str) -> str:
    return pem_of(new_rsa(65537, 2048) if kind == "rsa" else Ed25519PrivateKey.generate())


def signed(kind: str = "confirmation", *, key: str = "rsa", **settings: object) -> Mail:
    make = letter_to_subscriber if kind in kinds.SUBSCRIBER_KINDS else make_letter
    return compose(make(kind), make_settings(dkim_key=key_of(key), **settings))


def verifies(body: bytes, *, key: str = "rsa") -> bool:
    """Let dkimpy say whether a mail is as it was signed."""
    asked = []

    def find(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return record_of(key_of(key)).encode()

    right: bool = dkim.verify(body, dnsfunc=find)
    assert set(asked) == {b"muster._domainkey.muster.example."}
    return right


@pytest.mark.parametrize("key", ["rsa", "ed25519"])
@pytest.mark.parametrize("kind", kinds.KINDS)
def test_every_kind_of_mail_verifies(kind: str, key: str) -> None:
    assert verifies(signed(kind, key=key).body, key=key)


def test_the_signature_covers_what_a_mail_is_judged_by() -> None:
    field = str(message_from_bytes(signed().body)["DKIM-Signature"])

    names = re.search(r"h=([^;]+);", "".join(field.split()))
    assert names
    covered = names.group(1).lower().split(":")
    assert set(covered) >= MUST_COVER
    assert covered.count("from") == 2
    assert "c=relaxed/relaxed" in field


@pytest.mark.parametrize(
    "before,after",
    [
        (b"Subject: You", b"Subject: They"),
        (b"\r\nTo: ada", b"\r\nTo: eve"),
        (b"\r\nDate:", b"\r\nList-Unsubscribe: <https://evil.example>\r\nDate:"),
        (b"DKIM-Signature:", b"From: eve@evil.example\r\nDKIM-Signature:"),
        (b"Market Square", b"Pier"),
    ],
)
def test_what_is_changed_on_the_way_is_found_out(before: bytes, after: bytes) -> None:
    body = signed().body
    assert before in body

    assert not verifies(body.replace(before, after, 1))


def test_spaces_and_folding_may_change_on_the_way() -> None:
    body = signed().body

    assert verifies(body.replace(b"\r\nTo: ", b"\r\nTO:\r\n  ", 1) + b"\r\n\r\n")


def test_names_that_are_not_ascii_are_signed_as_they_travel() -> None:
    letter = make_letter(group_name="Freunde der Elmbrücke", title="Größe " * 20)

    assert verifies(compose(letter, make_settings(dkim_key=key_of("rsa"))).body)


def test_without_a_key_nothing_is_signed() -> None:
    assert b"DKIM-Signature" not in compose(make_letter(), make_settings()).body


def test_the_settings_name_domain_and_selector() -> None:
    body = signed(dkim_domain="lists.example", dkim_selector="winter").body

    field = str(message_from_bytes(body)["DKIM-Signature"])
    assert {"d=lists.example;", "s=winter;"} <= set(field.split())


def test_a_mail_without_a_body_can_be_signed() -> None:
    mail = b"From: a@muster.example\r\n\r\n"

    assert verifies(Signer(key_of("rsa"), selector="muster", domain="muster.example").sign(mail))


@pytest.mark.parametrize(
    "pem,right",
    [
        ("", True),
        (key_of("rsa"), True),
        (key_of("ed25519"), True),
        (pem_of(new_rsa(65537, 1024)), False),  # noqa: S505 - to be refused
        (pem_of(generate_private_key(SECP256R1())), False),
        ("no key", False),
    ],
    ids=["none", "rsa", "ed25519", "short", "another kind", "nonsense"],
)
def test_a_key_that_nobody_would_trust_is_refused(pem: str, right: bool) -> None:
    assert (wrong_signing_key(pem) == "") is right
