"""What the signups service is told by its environment."""

from __future__ import annotations

from dataclasses import dataclass

from shared.settings import ServiceSettings, long_enough, setting


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """What every service is told, and how much is taken from one side before somebody looks."""

    secret_key: str = setting(
        help="Signs links and forms; at least 32 characters.", secret=True, check=long_enough
    )
    signups_per_email_hour: int = setting(
        help="Sign-ups for one email address in an hour; more wait for a review.", default=6
    )
    signups_per_email_day: int = setting(
        help="Sign-ups for one email address in a day; more wait for a review.", default=10
    )
    signups_per_ip_hour: int = setting(
        help="Forms from one network address in an hour; more wait for a review.", default=60
    )
    form_seconds: int = setting(
        help="Seconds a person needs at least to fill in the form; faster ones wait for a review.",
        default=2,
    )
