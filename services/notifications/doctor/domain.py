"""What the domain of the sender publishes: SPF, DKIM, DMARC, PTR and MX."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..config import Settings
from .dkim import examine_dkim
from .dmarc import examine_dmarc
from .findings import OK, WARN, WRONG, Finding, record
from .names import Names, NobodyAnswers
from .sender import Sender
from .spf import examine_spf, follow


def examine_domain(settings: Settings, names: Names, servers: Sequence[str]) -> Iterator[Finding]:
    """Say what is right and wrong with the records of the domain that sends.

    `servers` are the addresses from which mail leaves; else those that SPF names are looked at.
    """
    sender = Sender.of(settings)
    for findings in (
        examine_spf(names, sender.returns_to, servers),
        examine_dkim(settings, names, sender),
        examine_dmarc(names, sender),
        _examine_pointers(names, sender, servers),
        _examine_mail_hosts(settings, names, sender),
    ):
        try:
            yield from findings
        except NobodyAnswers as error:
            yield Finding("DNS", WRONG, str(error), "Try again, or name another by --resolver.")


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
