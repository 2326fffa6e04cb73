"""SPF: whether the domain says that our server may send for it (RFC 7208)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .findings import OK, WARN, WRONG, Finding, record
from .names import Names
from .spf_terms import Network, Term, read_terms

MOST_LOOKUPS = 10
LOOKED_UP = ("include", "a", "mx", "ptr", "exists", "redirect")
SOME = 16
"""Networks no larger than so many addresses are those of servers of one's own."""

LETS, REFUSES, NEUTRAL, BROKEN, GOES_ON = "+", "-", "?", "broken", "goes on"
"""What a record can say of an address, and that one of its words leaves it to the next."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass
class Rule:
    """One word of a record with what the DNS says of it."""

    term: Term
    networks: Sequence[Network] = ()
    record: Record | None = None
    """The record that it names in place of networks."""

    def outcomes(self, address: Address) -> set[str]:
        """Return what it may say of an address: one thing, unless it cannot be followed."""
        if self.record is None:
            return {self.term.sign if any(address in n for n in self.networks) else GOES_ON}
        found = self.record.outcomes(address)
        if self.term.name == "redirect":
            return found
        says = {LETS: self.term.sign, BROKEN: BROKEN}
        return {says.get(outcome, GOES_ON) for outcome in found}


@dataclass
class Record:
    """The SPF record of a domain, followed to its end."""

    domain: str
    text: str = ""
    fault: str = ""
    """Why whoever gets mail takes it for broken, as what is said of the domain."""
    is_open: bool = False
    """Whether it depends on the mail, or on the name of who sends it."""
    rules: list[Rule] = field(default_factory=list)

    def outcomes(self, address: Address) -> set[str]:
        """Return what it may say of an address: one thing, unless it cannot be followed."""
        if self.fault or self.is_open:
            return {BROKEN} if self.fault else {LETS, REFUSES}
        possible: set[str] = set()
        for rule in self.rules:
            found = rule.outcomes(address)
            possible |= found - {GOES_ON}
            if GOES_ON not in found:
                return possible
        return possible | {NEUTRAL}

    def all_named(self) -> Iterator[Record]:
        """Return this record and all that it names."""
        yield self
        for rule in self.rules:
            yield from rule.record.all_named() if rule.record else ()

    def last(self) -> Record:
        """Return the record that decides on everybody else: this one, or where it redirects to."""
        rule = self.rules[-1] if self.rules else None
        return rule.record.last() if rule and rule.record and rule.term.name == "redirect" else self

    def networks(self) -> Iterator[Network]:
        """Return those who may send."""
        for rule in self.rules:
            if rule.term.sign == LETS:
                yield from rule.record.networks() if rule.record else rule.networks

    def servers(self) -> list[str]:
        """Return the single addresses among those who may send."""
        small = (network for network in self.networks() if network.num_addresses <= SOME)
        return [str(address) for network in small for address in network][:SOME]


@dataclass
class Follower:
    """Reads a record with all that it names, and counts them."""

    names: Names
    lookups: int = 0

    def read(self, domain: str) -> Record:
        """Return the record of a domain; its fault says what is wrong with it."""
        found = _texts(self.names, domain)
        if len(found) != 1:
            return Record(domain, fault="has several SPF records" if found else "has no SPF record")
        try:
            terms = read_terms(found[0])
        except ValueError as error:
            return Record(domain, found[0], fault=f"says {error}, which is no SPF")
        return Record(domain, found[0], rules=[self._look_up(term, domain) for term in terms])

    def _look_up(self, term: Term, domain: str) -> Rule:
        self.lookups += term.name in LOOKED_UP
        named = term.domain or domain
        if self.lookups > MOST_LOOKUPS:
            return Rule(term, record=Record(named, fault="is asked for too late"))
        if "%" in named or term.name in ("ptr", "exists"):
            return Rule(term, record=Record(named, term.text, is_open=True))
        if term.name in ("include", "redirect"):
            return Rule(term, record=self.read(named))
        if term.name in ("a", "mx"):
            return Rule(term, self._of_hosts(term, named))
        return Rule(term, term.networks)

    def _of_hosts(self, term: Term, domain: str) -> list[Network]:
        hosts = self.names.mail_hosts(domain) if term.name == "mx" else [domain]
        found = (address for host in hosts if host for address in self.names.addresses(host))
        return [
            ipaddress.ip_network((each, term.lengths[":" in each]), strict=False) for each in found
        ]


def examine_spf(names: Names, domain: str, servers: Sequence[str]) -> Iterator[Finding]:
    """Say whether `domain` has one SPF record, and whether it lets these addresses send."""
    what = f"SPF of {domain}"
    found = _texts(names, domain)
    if len(found) != 1:
        words = [word for text in found for word in text.split()[1:]] or map(_word, servers)
        wanted = _closed(" ".join(("v=spf1", *(dict.fromkeys(words) or ("mx",)))))
        says = "There are several SPF records." if found else "There is no SPF record."
        yield Finding(what, WRONG, says, record(domain, "TXT", wanted))
        return
    follower = Follower(names)
    followed = follower.read(domain)
    yield _judge(what, followed, follower.lookups)
    for server in servers:
        yield _judge_server(what, followed, server)


def follow(names: Names, domain: str) -> Record:
    """Read a domain's record with all that it includes."""
    return Follower(names).read(domain)


def _judge(what: str, followed: Record, lookups: int) -> Finding:
    if lookups > MOST_LOOKUPS:
        says = f"It asks for {lookups} other records; beyond 10 it counts as broken."
        return Finding(what, WRONG, says, "Name networks by ip4: and ip6: in place of includes.")
    for each in followed.all_named():
        if each.fault:
            says = f"It counts as broken: {each.domain} {each.fault}."
            return Finding(what, WRONG, says, "Correct that, or take it out.")
    last = followed.last()
    rest = last.rules[-1].term if last.rules else None
    sign = rest.sign if rest and rest.name == "all" else NEUTRAL
    if sign in (LETS, NEUTRAL) and not last.is_open:
        verdict = WRONG if sign == LETS else WARN
        says = "It lets everybody send." if sign == LETS else "It says nothing of all others."
        return Finding(what, verdict, says, record(last.domain, "TXT", _closed(last.text)))
    return Finding(what, OK, f"It is there: {followed.text}")


def _judge_server(what: str, followed: Record, server: str) -> Finding:
    possible = followed.outcomes(ipaddress.ip_address(server))
    if possible == {LETS}:
        return Finding(what, OK, f"It lets {server} send.")
    if LETS in possible:
        words = ", ".join(each.text for each in followed.all_named() if each.is_open)
        says = f"Whether it lets {server} send cannot be followed here: it says {words}."
        return Finding(what, WARN, says, "See what a mail that arrived says of SPF in its headers.")
    if BROKEN in possible:
        return Finding(what, WRONG, f"It is broken, and does not let {server} send.")
    wanted = f"v=spf1 {_word(server)}{followed.text[len('v=spf1') :]}"
    says = f"It does not let {server} send."
    return Finding(what, WRONG, says, record(followed.domain, "TXT", wanted))


def _closed(text: str) -> str:
    """Return a record that refuses all others."""
    kept = (word for word in text.split() if word.lower().lstrip("+-~?") != "all")
    return f"{' '.join(kept)} -all"


def _word(server: str) -> str:
    return f"ip{ipaddress.ip_address(server).version}:{server}"


def _texts(names: Names, domain: str) -> list[str]:
    return [text for text in names.texts(domain) if text.lower().split(" ")[0] == "v=spf1"]
