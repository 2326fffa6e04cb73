"""SPF: whether the domain says that our server may send for it (RFC 7208)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .findings import OK, WARN, WRONG, Finding, record
from .names import Names

MOST_LOOKUPS = 10
LOOKED_UP = ("include", "a", "mx", "ptr", "exists", "redirect")
SOME = 16
"""Networks no larger than so many addresses are those of servers of one's own."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass
class Allowed:
    """Whom a record lets send, followed to its end."""

    networks: list[Network] = field(default_factory=list)
    lookups: int = 0
    rest: str = ""
    """What it says of everybody else, as in `-all`."""

    def covers(self, address: str) -> bool:
        """Tell whether a server may send."""
        ip = ipaddress.ip_address(address)
        return any(ip.version == network.version and ip in network for network in self.networks)

    def servers(self) -> list[str]:
        """Return the single addresses among them."""
        small = (network for network in self.networks if network.num_addresses <= SOME)
        return [str(address) for network in small for address in network][:SOME]


def examine_spf(names: Names, domain: str, servers: Sequence[str]) -> Iterator[Finding]:
    """Say whether `domain` has one SPF record, and whether it lets these addresses send."""
    what = f"SPF of {domain}"
    found = _records(names, domain)
    if len(found) != 1:
        sources = [f"ip{ipaddress.ip_address(server).version}:{server}" for server in servers]
        wanted = " ".join(("v=spf1", *(sources or ("mx",)), "-all"))
        says = "There is no SPF record." if not found else "There are several SPF records."
        yield Finding(what, WRONG, says, record(domain, "TXT", wanted))
        return
    allowed = follow(names, domain)
    yield _judge(what, domain, found[0], allowed)
    for server in servers:
        if allowed.covers(server):
            yield Finding(what, OK, f"It lets {server} send.")
        else:
            change = f"ip{ipaddress.ip_address(server).version}:{server}"
            wanted = found[0].replace("v=spf1", f"v=spf1 {change}", 1)
            says = f"It does not let {server} send."
            yield Finding(what, WRONG, says, record(domain, "TXT", wanted))


def follow(names: Names, domain: str) -> Allowed:
    """Read a domain's record with all that it includes."""
    allowed = Allowed()
    _follow(names, domain, allowed, is_first=True)
    return allowed


def _judge(what: str, domain: str, text: str, allowed: Allowed) -> Finding:
    if allowed.lookups > MOST_LOOKUPS:
        says = f"It asks for {allowed.lookups} other records; beyond 10 it counts as broken."
        return Finding(what, WRONG, says, "Name networks by ip4: and ip6: in place of includes.")
    if allowed.rest in ("", "?all", "+all", "all"):
        verdict = WRONG if allowed.rest in ("+all", "all") else WARN
        kept = " ".join(term for term in text.split() if not term.lower().endswith("all"))
        says = "It lets everybody send." if verdict == WRONG else "It says nothing of all others."
        return Finding(what, verdict, says, record(domain, "TXT", f"{kept} -all"))
    return Finding(what, OK, f"It is there: {text}")


def _records(names: Names, domain: str) -> list[str]:
    return [text for text in names.texts(domain) if text.lower().split(" ")[0] == "v=spf1"]


def _follow(names: Names, domain: str, allowed: Allowed, *, is_first: bool = False) -> None:
    found = _records(names, domain)
    if len(found) != 1 or allowed.lookups > MOST_LOOKUPS:
        return
    for term in found[0].lower().split()[1:]:
        name, _, value = term.lstrip("+").replace("=", ":", 1).partition(":")
        if name in LOOKED_UP:
            allowed.lookups += 1
        if name in ("include", "redirect"):
            _follow(names, value, allowed, is_first=is_first and name == "redirect")
        elif name in ("ip4", "ip6"):
            allowed.networks += _network(value)
        elif name in ("a", "mx"):
            allowed.networks += _of_hosts(names, name, value or domain)
        elif name.lstrip("-~?") == "all" and is_first:
            allowed.rest = term


def _network(text: str) -> list[Network]:
    try:
        return [ipaddress.ip_network(text, strict=False)]
    except ValueError:
        return []


def _of_hosts(names: Names, kind: str, domain: str) -> list[Network]:
    host = domain.partition("/")[0]
    hosts = names.mail_hosts(host) if kind == "mx" else [host]
    return [n for each in hosts if each for a in names.addresses(each) for n in _network(a)]
