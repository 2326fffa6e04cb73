"""The words of an SPF record (RFC 7208, 4.6, 5 and 6), as far as the DNS is not needed for them."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

DOMAIN = r"(?P<domain>(?:[!-$&-.0-~]|%\{[a-z]\d*r?[-.+,/_=]*\}|%[%_-])+)"
LENGTHS = r"(?:/(?P<v4>\d|[1-9]\d))?(?://(?P<v6>\d|[1-9]\d{1,2}))?"
SHAPES = {
    "all": "",
    "include": f":{DOMAIN}",
    "redirect": f"={DOMAIN}",
    "exists": f":{DOMAIN}",
    "a": f"(?::{DOMAIN})?{LENGTHS}",
    "mx": f"(?::{DOMAIN})?{LENGTHS}",
    "ptr": f"(?::{DOMAIN})?",
    "ip4": r":(?P<network>[\d.]+(?:/\d{1,2})?)",
    "ip6": r":(?P<network>[\da-f:.]+(?:/\d{1,3})?)",
}
"""What may stand behind the name of each."""
SIGN = "(?P<sign>[-+?~]?)"
WORDS = {
    name: re.compile(("" if name == "redirect" else SIGN) + name + shape, re.ASCII)
    for name, shape in SHAPES.items()
}
HOST = re.compile(r"[!-~]*\.(?=[a-z\d-]*[a-z-])[a-z\d](?:[a-z\d-]*[a-z\d])?\.?", re.ASCII)
"""A name whose last part is no number: an address is not the name of a host."""
EVERYBODY = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))


@dataclass(frozen=True)
class Term:
    """One word of a record: whom it means, and by its sign what it says of them."""

    text: str
    sign: str
    """`+` for those who may send, `-`, `~` or `?` for others."""
    name: str
    domain: str = ""
    """Whose records it means; empty for those of the domain itself."""
    lengths: tuple[int, int] = (32, 128)
    """How much of an address of either kind has to agree."""
    networks: tuple[Network, ...] = ()


def read_terms(text: str) -> list[Term]:
    """Return the words of a record that count, in their order; `redirect` is the last.

    Raises ValueError with the word for which the whole record counts as broken.
    """
    words = [word for word in text.split(" ")[1:] if word]
    terms = [_read(word) for word in words if not _is_foreign(word)]
    others = [term for term in terms if term.name == "redirect"]
    if len(others) > 1:
        raise ValueError(others[1].text)
    means = [term for term in terms if term.name != "redirect"]
    for number, term in enumerate(means):
        if term.name == "all":
            return means[: number + 1]
    return means + others


def _is_foreign(word: str) -> bool:
    """Tell whether it is a modifier that says nothing of who may send."""
    return bool(re.fullmatch(r"(?!redirect=)[a-z][\w.-]*=.*", word, re.IGNORECASE | re.ASCII))


def _read(word: str) -> Term:
    text = word.lower()
    name = re.split("[:/=]", text.lstrip("+-?~"), maxsplit=1)[0]
    found = WORDS[name].fullmatch(text) if name in WORDS else None
    if not found:
        raise ValueError(word)
    parts = found.groupdict()
    domain = parts.get("domain") or ""
    lengths = int(parts.get("v4") or 32), int(parts.get("v6") or 128)
    if lengths[0] > 32 or lengths[1] > 128 or (domain and not _is_name(domain)):
        raise ValueError(word)
    networks = _networks(word, name, parts.get("network"))
    return Term(word, parts.get("sign") or "+", name, domain, lengths, networks)


def _is_name(domain: str) -> bool:
    return "%" in domain or bool(HOST.fullmatch(domain))


def _networks(word: str, name: str, value: str | None) -> tuple[Network, ...]:
    if value is None:
        return EVERYBODY if name == "all" else ()
    kind = ipaddress.IPv4Network if name == "ip4" else ipaddress.IPv6Network
    try:
        return (kind(value, strict=False),)
    except ValueError:
        raise ValueError(word) from None
