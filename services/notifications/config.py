"""What the notifications service is told by its environment."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from standardwebhooks import Webhook

from shared.settings import OWN_NAMES, ServiceSettings, long_enough, setting

from .mail.signing import wrong_signing_key
from .rules.kinds import BULK, MAIL
from .rules.pacing import Limits, wrong_pace
from .rules.return_path import LONGEST_LOCAL

SCHEMES = ("smtp", "smtps")
IMAP_SCHEMES = ("imap", "imaps")
TLS_WISHES = ("required", "when-offered", "never")


def _names_a_mail_server(url: str) -> str:
    """Refuse an address of a mail server that would be misread."""
    parts = urlsplit(url)
    tls = parse_qs(parts.query).get("tls", ["required"])[0]
    if not url or (parts.scheme in SCHEMES and tls in TLS_WISHES and parts.hostname):
        return ""
    return (
        "must look like smtp://host:25 or smtps://user:password@host, with ?tls=required, "
        "when-offered or never where that is wanted."
    )


def _names_a_mailbox(url: str) -> str:
    """Refuse an address of a mailbox that would be misread."""
    parts = urlsplit(url)
    if not url or (parts.scheme in IMAP_SCHEMES and parts.hostname and parts.username):
        return ""
    return "must look like imaps://user:password@host/INBOX."


def _is_an_address(address: str) -> str:
    local, _, domain = address.rpartition("@")
    fits = not address or (local and domain and address.isascii() and "+" not in local)
    if not fits:
        return "must be a mail address without a plus, like bounces@lists.example."
    if len(local) > LONGEST_LOCAL:
        return f"may have {LONGEST_LOCAL} characters before the @; a return path needs the rest."
    return ""


def _signs_webhooks(secret: str) -> str:
    """Refuse a secret that Standard Webhooks cannot read."""
    try:
        return "" if not secret or Webhook(secret) else "is empty."
    except Exception:
        return "must be base64, with or without whsec_ before it, as the sender shows it."


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """What every service is told, and how mail leaves."""

    smtp_url: str = setting(
        help="Where mail goes, smtp://user:password@host:587 or smtps://…; add ?tls=required, "
        "when-offered or never. Empty: mail stays in the local mailbox.",
        default="",
        secret=True,
        check=_names_a_mail_server,
    )
    smtp_per_second: float = setting(
        help="Mails a second that its mail server takes, from all senders together; 0: no limit.",
        default=0.0,
        check=wrong_pace,
    )
    smtp_per_domain_second: float = setting(
        help="Mails a second to the addresses of one domain; 0: no limit.",
        default=0.0,
        check=wrong_pace,
    )
    bulk_smtp_url: str = setting(
        help="Another mail server for mails that invite: schedule mails and mailings; empty: "
        "SMTP_URL.",
        default="",
        secret=True,
        check=_names_a_mail_server,
    )
    bulk_smtp_per_second: float = setting(
        help="As SMTP_PER_SECOND, of BULK_SMTP_URL.", default=0.0, check=wrong_pace
    )
    bulk_smtp_per_domain_second: float = setting(
        help="As SMTP_PER_DOMAIN_SECOND, of BULK_SMTP_URL.", default=0.0, check=wrong_pace
    )
    dkim_key: str = setting(
        help="Signs every mail: a private key, RSA of 2048 bits or Ed25519, in PEM; empty: no "
        "signature of ours.",
        default="",
        secret=True,
        check=wrong_signing_key,
    )
    dkim_selector: str = setting(
        help="Below which name the domain publishes the key: <selector>._domainkey.",
        default="muster",
    )
    dkim_domain: str = setting(
        help="The domain that signs; empty: that of the sender's address.", default=""
    )
    bounce_address: str = setting(
        help="Where mails come back to; each gets a return path of its own below it, as in "
        "bounces+…@lists.example. Empty: to the sender's address.",
        default="",
        check=_is_an_address,
    )
    bounce_imap_url: str = setting(
        help="The mailbox of BOUNCE_ADDRESS, imaps://user:password@host/INBOX, read every minute.",
        default="",
        secret=True,
        check=_names_a_mailbox,
    )
    bounce_webhook_secret: str = setting(
        help="Signs what is posted to /mail/bounces by Standard Webhooks; empty: nothing is taken.",
        default="",
        secret=True,
        check=_signs_webhooks,
    )
    address_key: str = setting(
        help="Under it erased addresses are known again, as HMACs; the same in signups and "
        "notifications; at least 32 characters.",
        default="",
        secret=True,
        check=long_enough,
    )
    notices_kept_days: int = setting(
        help="Days after a shift that it is known who was sent which mail about it.", default=90
    )
    mail_from: str = setting(
        help="Sender's address of every mail; empty: noreply at the public address.", default=""
    )
    network_name: str = setting(
        help="Who signs mails that no group sends, like those with links to sign in.",
        default="Muster",
    )
    change_notice_wait: int = setting(
        help="Seconds of quiet after an edit before people hear of it: one mail for many edits.",
        default=600,
    )
    asks_per_week: int = setting(
        help="How many mails that invite somebody gets a week at most, over all groups.",
        default=3,
    )
    form_seconds: int = setting(
        help="Seconds a person needs at least to fill in the form; faster ones wait for a review.",
        default=2,
    )
    smtp_timeout: float = setting(
        help="Seconds to wait for each reply of the mail server.", default=20.0
    )

    @property
    def shows_mailbox(self) -> bool:
        """Whether everybody who reaches this site may read what it would mail.

        That is who tries Muster out on this machine: elsewhere it is others' post, and even where
        nobody has named a mail server yet the public comes by a broker's or a proxy's side.
        """
        reached = self.amqp_url or self.trusted_proxies
        here = urlsplit(self.public_url).hostname in OWN_NAMES
        return here and not self.smtp_url and not reached

    def limits_of(self, channel: str) -> Limits:
        """Return how fast mail may leave over a channel."""
        if channel == BULK:
            return Limits(self.bulk_smtp_per_second, self.bulk_smtp_per_domain_second)
        return Limits(self.smtp_per_second, self.smtp_per_domain_second)

    def channel_of(self, stream: str) -> str:
        """Return by which channel a stream of mail leaves: `bulk` where it has a server."""
        return BULK if stream == BULK and self.bulk_smtp_url else MAIL

    def server_of(self, channel: str) -> str:
        """Return the URL of a channel's mail server; empty when there is none."""
        return self.bulk_smtp_url if channel == BULK else self.smtp_url
