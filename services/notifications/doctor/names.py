"""Asking the DNS; a name that is not there has no records, and one that nobody answers is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dns.exception
import dns.name
import dns.resolver
import dns.reversename

TIMEOUT = 5.0
NOT_THERE = (
    dns.resolver.NXDOMAIN,
    dns.resolver.NoAnswer,
    dns.name.EmptyLabel,
    dns.name.LabelTooLong,
    dns.name.NameTooLong,
)


class NobodyAnswers(Exception):
    """The DNS did not answer; the text says for which name."""


class Names:
    """Asks this machine's resolver, or the one at `address` and `port`."""

    def __init__(self, address: str = "", port: int = 53) -> None:
        self._resolver = dns.resolver.Resolver(configure=not address)
        if address:
            self._resolver.nameservers = [address]
            self._resolver.port = port
        self._resolver.lifetime = TIMEOUT

    def texts(self, name: str) -> list[str]:
        """Return the TXT records of a name, each put together from its parts."""
        return [
            b"".join(found.strings).decode("utf-8", "replace") for found in self._ask(name, "TXT")
        ]

    def addresses(self, name: str) -> list[str]:
        """Return the addresses of a host, of both kinds."""
        return [str(found) for kind in ("A", "AAAA") for found in self._ask(name, kind)]

    def mail_hosts(self, name: str) -> list[str]:
        """Return who takes mail for a domain; `[""]` for one that takes none (RFC 7505)."""
        found = sorted(self._ask(name, "MX"), key=lambda mx: mx.preference)
        return [str(mx.exchange).rstrip(".") for mx in found]

    def pointers(self, address: str) -> list[str]:
        """Return the names to which an address points back."""
        name = dns.reversename.from_address(address).to_text()
        return [str(found).rstrip(".") for found in self._ask(name, "PTR")]

    def _ask(self, name: str, kind: str) -> Sequence[Any]:
        try:
            return list(self._resolver.resolve(name, kind))
        except NOT_THERE:
            return []
        except dns.exception.DNSException as error:
            raise NobodyAnswers(f"The DNS does not answer for {name} ({kind}).") from error
