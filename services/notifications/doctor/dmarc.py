"""DMARC: what the domain asks for, and whether mail proves to be the sender's (RFC 7489)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .findings import OK, WARN, WRONG, Finding, record
from .names import Names
from .sender import Sender
from .tags import read_tags

NONE = "none"
ASKS = (NONE, "quarantine", "reject")
ASKED_BY = ("p", "sp")
STRICT = "s"


@dataclass(frozen=True)
class Policy:
    """What those who get mail from a domain find."""

    sender: str
    domain: str
    """Where it stands: the domain itself, or the nearest one above that has any."""
    organisation: str
    """The highest domain above that has one; all below it belong together."""
    texts: list[str] = field(default_factory=list)

    @property
    def tags(self) -> dict[str, str]:
        """Return what it says; nothing unless it is the only one."""
        return _tags(self.texts[0]) if len(self.texts) == 1 else {}

    @property
    def decides(self) -> str:
        """Return the tag that counts: a domain may ask for something else of those below it."""
        return "sp" if self.domain != self.sender and "sp" in self.tags else "p"

    @property
    def asks(self) -> str:
        """Return what is to become of forged mail; nothing where no policy counts."""
        return "" if self.fault() else self.tags.get(self.decides, "").lower()

    def fault(self) -> str:
        """Say why it does not count, if it does not; that there is none is no fault."""
        if len(self.texts) != 1:
            return "There are several policies, so that none counts" if self.texts else ""
        if self.tags["v"] != "DMARC1":
            return "It does not begin with v=DMARC1"
        for name in ASKED_BY:
            asked = self.tags.get(name, "" if name == "p" else NONE)
            if asked.lower() not in ASKS:
                return f"It may count for nothing without {name}=none, quarantine or reject"
        return ""

    def aligns(self, domain: str, tag: str) -> bool:
        """Tell whether what is proven for a domain is proven for the sender.

        `tag` is the one that says how strictly: `aspf` or `adkim`.
        """
        if self.tags.get(tag, "").lower() == STRICT:
            return domain == self.sender
        is_above = f".{self.sender}".endswith(f".{domain}")
        return is_above or f".{domain}".endswith(f".{self.organisation}")

    def with_tag(self, name: str, value: str) -> str:
        """Return its text with one tag changed, and without words that ask for nothing known."""
        known = {
            name: value
            for name, value in self.tags.items()
            if name not in ASKED_BY or value.lower() in ASKS
        }
        tags = {"v": "DMARC1", "p": NONE} | known | {name: value}
        return "; ".join(f"{each}={tags[each]}" for each in tags)


def find_policy(names: Names, domain: str) -> Policy:
    """Look at the domain itself, and at those above it."""
    labels = domain.split(".")
    above = [".".join(labels[start:]) for start in range(max(1, len(labels) - 1))]
    found = {each: texts for each in above if (texts := _policies(names, each))}
    # psd=y: a domain like gov.uk, below which everybody is somebody else (RFC 9091).
    owned = [each for each in found if _tags(found[each][0]).get("psd", "").lower() != "y"]
    nearest = next(iter(found), domain)
    return Policy(domain, nearest, owned[-1] if owned else domain, found.get(nearest, []))


def examine_dmarc(names: Names, sender: Sender) -> Iterator[Finding]:
    """Say what the policy is, and whether SPF or our signature proves what it asks for."""
    policy = find_policy(names, sender.domain)
    yield _judge(f"DMARC of {sender.domain}", policy)
    is_proven = bool(sender.signs_as) and policy.aligns(sender.signs_as, "adkim")
    if sender.signs_as:
        yield _judge_signature(sender, is_proven=is_proven)
    if not is_proven and not policy.aligns(sender.returns_to, "aspf"):
        yield _judge_return(policy, sender)


def _judge(what: str, policy: Policy) -> Finding:
    name = f"_dmarc.{policy.domain}"
    text, fault = " or ".join(policy.texts), policy.fault()
    if not text:
        says = "There is no policy; large providers ask for one of whoever sends many mails."
        wanted = f"v=DMARC1; p=none; rua=mailto:postmaster@{policy.sender}"
        return Finding(what, WRONG, says, record(name, "TXT", wanted))
    if len(policy.texts) > 1:
        return Finding(what, WRONG, f"{fault}.", f"Keep one of those at {name}: {text}")
    if fault:
        change = record(name, "TXT", policy.with_tag("v", "DMARC1"))
        return Finding(what, WRONG, f"{fault}: {text}", change)
    if policy.asks == NONE:
        says = f"It is there, and asks for nothing yet: {text}"
        stricter = policy.with_tag(policy.decides, "quarantine")
        return Finding(what, WARN, says, record(name, "TXT", stricter))
    return Finding(what, OK, f"It is there: {text}")


def _judge_signature(sender: Sender, *, is_proven: bool) -> Finding:
    what, signs, sends = f"DKIM of {sender.signs_as}", sender.signs_as, sender.domain
    if is_proven:
        return Finding(what, OK, f"It is aligned with the sender's domain {sends}.")
    says = f"It signs for {signs}, and the mail is from {sends}: that proves nothing."
    return Finding(what, WRONG, says, "Let DKIM_DOMAIN be empty, or the domain of MAIL_FROM.")


def _judge_return(policy: Policy, sender: Sender) -> Finding:
    """Judge a return path that proves nothing, where no signature of ours does either."""
    becomes = {"reject": "refused", "quarantine": "taken for spam"}.get(policy.asks)
    follows = f"{policy.decides}={policy.asks} has them {becomes}"
    says = (
        f"It is not aligned: mails come back to {sender.returns_to} and are from {sender.domain}. "
        f"Unless they are signed for {sender.domain}, "
        f"{follows if becomes else 'nothing proves whose they are'}."
    )
    change = f"Sign them by DKIM_KEY_FILE, or let BOUNCE_ADDRESS be one at {sender.domain}."
    return Finding(f"SPF of {sender.returns_to}", WRONG if becomes else WARN, says, change)


def _policies(names: Names, domain: str) -> list[str]:
    texts = names.texts(f"_dmarc.{domain}")
    return [text for text in texts if _is_policy(text)]


def _is_policy(text: str) -> bool:
    name, value = next(iter(_tags(text).items()), ("", ""))
    return (name, value.lower()) == ("v", "dmarc1")


def _tags(text: str) -> dict[str, str]:
    return {name.lower(): value for name, value in read_tags(text).items()}
