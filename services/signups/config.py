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
    address_key: str = setting(
        help="Under it erased addresses are known again, as HMACs; the same in signups and "
        "notifications; at least 32 characters.",
        default="",
        secret=True,
        check=long_enough,
    )
    erasures_path: str = setting(
        help="Where erasures are also noted, outside the databases and their backups; default: "
        "in DATA.",
        default="",
    )
    signups_kept_days: int = setting(
        help="Days after a shift that its sign-ups name anybody who agreed to nothing more.",
        default=90,
    )
    people_kept_days: int = setting(
        help="Days after the last sign-up that people are known who agreed to hear of future days.",
        default=730,
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
    flood_signups: int = setting(
        help="Sign-ups for one shift within ten minutes, by people who proved no address, above "
        "which browsers have to work for a while before their form is taken.",
        default=200,
    )
    flood_suspects: int = setting(
        help="Forms for one shift within ten minutes that wait for a review; above it the same.",
        default=20,
    )
    form_seconds: int = setting(
        help="Seconds a person needs at least to fill in the form; faster ones wait for a review.",
        default=2,
    )
