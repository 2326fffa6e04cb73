"""What the domain of the sender publishes: SPF, DKIM, DMARC, PTR and MX."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..config import Settings
from ..mail.signing import record_of
from .findings import OK, WARN, WRONG, Finding, record
from .names import Names, NobodyAnswers
from .spf import examine_spf, follow

MAKE_KEY = "Make one: openssl genrsa 2048 > dkim-key, and name it in DKIM_KEY_FILE."


@dataclass(frozen=True)
class Sender:
    """Whose mail it is, by the settings."""

    domain: str
    """Of the address in From, which people see."""
    returns_to: str
    """Of the address that mails come back to."""
    signs_as: str

    @classmethod
    def of(cls, settings: Settings) -> Sender:
        """Read who sends."""
        host = urlsplit(settings.public_url).hostname or "localhost"
        domain = (settings.mail_from or f"noreply@{host}").rpartition("@")[2].lower()
        bounces = settings.bounce_address.rpartition("@")[2].lower()
        return cls(domain, bounces or domain, (settings.dkim_domain or domain).lower())


def examine_domain(settings: Settings, names: Names, servers: Sequence[str]) -> Iterator[Finding]:
    """Say what is right and wrong with the records of the domain that sends.

    `servers` are the addresses from which mail leaves; else those that SPF names are looked at.
    """
    sender = Sender.of(settings)
    for findings in (
        examine_spf(names, sender.returns_to, servers),
        _examine_dkim(settings, names, sender),
        _examine_dmarc(names, sender),
        _examine_pointers(names, sender, servers),
        _examine_mail_hosts(settings, names, sender),
    ):
        try:
            yield from findings
        except NobodyAnswers as error:
            yield Finding("DNS", WRONG, str(error), "Try again, or name another by --resolver.")


def _examine_dkim(settings: Settings, names: Names, sender: Sender) -> Iterator[Finding]:
    what = f"DKIM of {sender.signs_as}"
    if not settings.dkim_key:
        says = "Mails are not signed by us. That is well if the mail server signs them."
        yield Finding(what, WARN, says, MAKE_KEY)
        return
    name = f"{settings.dkim_selector}._domainkey.{sender.signs_as}"
    wanted = record_of(settings.dkim_key)
    found = names.texts(name)
    if len(found) == 1 and _key_in(found[0]) == _key_in(wanted):
        yield Finding(what, OK, f"{name} has the key by which mails are signed.")
    else:
        says = "has no key" if not found else "has another key than the one that signs"
        yield Finding(what, WRONG, f"{name} {says}.", record(name, "TXT", wanted))
    yield _judge_alignment(what, sender.signs_as, sender.domain)


def _key_in(text: str) -> bytes:
    """Return the key of a record, however it is spaced; nothing when there is none."""
    tags = dict(tag.strip().partition("=")[::2] for tag in text.split(";"))
    spaceless = "".join(tags.get("p", "").split())
    return base64.b64decode(spaceless, validate=False) if len(spaceless) % 4 == 0 else b""


def _judge_alignment(what: str, signs: str, sends: str) -> Finding:
    if signs == sends or sends.endswith(f".{signs}") or signs.endswith(f".{sends}"):
        return Finding(what, OK, f"It is aligned with the sender's domain {sends}.")
    says = f"It signs for {signs}, and the mail is from {sends}: that proves nothing."
    return Finding(what, WRONG, says, "Let DKIM_DOMAIN be empty, or the domain of MAIL_FROM.")


def _examine_dmarc(names: Names, sender: Sender) -> Iterator[Finding]:
    """Look for the policy at the domain itself, and at those above it."""
    what = f"DMARC of {sender.domain}"
    labels = sender.domain.split(".")
    above = [".".join(labels[start:]) for start in range(max(1, len(labels) - 1))]
    policies = (
        (domain, text)
        for domain in above
        for text in names.texts(f"_dmarc.{domain}")
        if text.replace(" ", "").lower().startswith("v=dmarc1")
    )
    domain, text = next(policies, ("", ""))
    wanted = f"v=DMARC1; p=none; rua=mailto:postmaster@{sender.domain}"
    if not text:
        says = "There is no policy; large providers ask for one of whoever sends many mails."
        change = record(f"_dmarc.{sender.domain}", "TXT", wanted)
        yield Finding(what, WRONG, says, change)
    elif "p=none" in text.replace(" ", "").lower():
        says = f"It is there, and asks for nothing yet: {text}"
        stricter = text.replace("none", "quarantine", 1)
        yield Finding(what, WARN, says, record(f"_dmarc.{domain}", "TXT", stricter))
    else:
        yield Finding(what, OK, f"It is there: {text}")


def _examine_pointers(names: Names, sender: Sender, servers: Sequence[str]) -> Iterator[Finding]:
    """Each address has to point to a name that points back to it."""
    for server in servers or follow(names, sender.returns_to).servers():
        what = f"PTR of {server}"
        pointed = names.pointers(server)
        if not pointed:
            says = "It has no name; many mail servers take nothing from there."
            yield Finding(what, WRONG, says, "Ask who hosts the server to set its reverse name.")
        elif not any(server in names.addresses(name) for name in pointed):
            says = f"It is called {pointed[0]}, which is not at that address."
            kind = "AAAA" if ":" in server else "A"
            yield Finding(what, WRONG, says, record(pointed[0], kind, server))
        else:
            yield Finding(what, OK, f"It is called {pointed[0]}, and that leads back.")


def _examine_mail_hosts(settings: Settings, names: Names, sender: Sender) -> Iterator[Finding]:
    """Whoever answers, and every mail that comes back, needs a server that takes it."""
    for domain in dict.fromkeys((sender.domain, sender.returns_to)):
        what = f"MX of {domain}"
        hosts = names.mail_hosts(domain)
        takes_bounces = domain == sender.returns_to and settings.bounce_address
        if hosts and hosts != [""]:
            yield Finding(what, OK, f"Mail to it goes to {hosts[0]}.")
        elif not hosts and names.addresses(domain):
            yield Finding(what, WARN, "It has none; mail goes to the host of that name.")
        else:
            says = "Nothing takes mail for it; some servers refuse mail that cannot come back."
            change = record(domain, "MX", f"10 mail.{domain}.")
            yield Finding(what, WRONG if takes_bounces else WARN, says, change)
