"""DKIM: whether the domain publishes the key by which we sign (RFC 6376, 3.6.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..config import Settings
from ..mail.signing import record_of
from .findings import OK, WARN, WRONG, Finding, record
from .names import Names
from .sender import Sender
from .tags import read_tags

MAKE_KEY = "Make one: openssl genrsa 2048 > dkim-key, and name it in DKIM_KEY_FILE."


def examine_dkim(settings: Settings, names: Names, sender: Sender) -> Iterator[Finding]:
    """Say whether those who get our mails find the key, and may use it for them."""
    what = f"DKIM of {sender.signs_as or sender.domain}"
    if not sender.signs_as:
        says = "Mails are not signed by us. That is well if the mail server signs them."
        yield Finding(what, WARN, says, MAKE_KEY)
        return
    name = f"{settings.dkim_selector}._domainkey.{sender.signs_as}"
    wanted = record_of(settings.dkim_key)
    found = names.texts(name)
    fault = _fault(found[0], wanted) if len(found) == 1 else "has several records"
    if not found or fault:
        says = f"{name} {fault if found else 'has no key'}."
        yield Finding(what, WRONG, says, record(name, "TXT", wanted))
    elif "y" in _listed(read_tags(found[0]).get("t", "")):
        says = f"{name} says t=y, by which a signature counts for nothing yet."
        yield Finding(what, WARN, says, record(name, "TXT", wanted))
    else:
        yield Finding(what, OK, f"{name} has the key by which mails are signed.")


def _fault(text: str, wanted: str) -> str:
    """Say why a record is not one for our signatures, if it is not."""
    tags, ours = read_tags(text), read_tags(wanted)
    kind, hashes = tags.get("k", "rsa"), tags.get("h", "sha256")
    faults = (
        (not tags.get("p"), "has no key"),
        (_spaceless(tags.get("p", "")) != ours["p"], "has another key than the one that signs"),
        (tags.get("v", "DKIM1") != "DKIM1", "does not begin with v=DKIM1"),
        (kind != ours["k"], f"says k={kind}, and the key is one of {ours['k']}"),
        ("sha256" not in _listed(hashes), f"says h={hashes}, and mails are signed with sha256"),
        (not {"*", "email"} & _listed(tags.get("s", "*")), "is not for mail, by its s="),
    )
    return next((says for is_so, says in faults if is_so), "")


def _listed(value: str) -> set[str]:
    return set(_spaceless(value).split(":"))


def _spaceless(value: str) -> str:
    return re.sub(r"[ \t\r\n]", "", value)
