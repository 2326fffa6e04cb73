"""One line of the doctor's report."""

from __future__ import annotations

from dataclasses import dataclass

OK, WARN, WRONG = "ok", "warn", "wrong"


@dataclass(frozen=True)
class Finding:
    """What was looked at, what is to be thought of it, and what to do."""

    what: str
    """As SPF or DKIM, with whose it is."""
    verdict: str
    """`ok`, `warn` for what works but could be better, `wrong` for what costs mails."""
    says: str
    change: str = ""
    """What to do about it, with the exact record to publish."""


def record(name: str, kind: str, value: str) -> str:
    """Return a DNS record as a zone file has it; a long text is cut as RFC 1035 asks."""
    if kind == "TXT":
        value = " ".join(f'"{value[start : start + 255]}"' for start in range(0, len(value), 255))
    return f"Publish: {name}. IN {kind} {value}"
