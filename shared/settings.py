"""Settings: declared as fields, read once from the environment, every problem named together."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from environs import EnvError, FileAwareEnv

from shared.keys import wrong_public_key

OWN_NAMES = ("127.0.0.1", "localhost", "::1")
"""By which only programs on this machine reach it."""

MINIMUM_SECRET = 32
"""Characters; shorter secrets can be guessed."""


class SettingsError(Exception):
    """The settings do not allow a start; the text names each problem on a line of its own."""


def setting(
    *,
    help: str,
    default: Any = MISSING,
    secret: bool = False,
    check: Callable[[Any], str] | None = None,
) -> Any:
    """Declare a setting: its environment variable is the field's name in capitals.

    A variable `<NAME>_FILE` that holds the path of a file with the value serves as well. `check`
    takes the value and returns what is wrong with it, or nothing.
    """
    return dataclasses.field(
        default=default, metadata={"help": help, "secret": secret, "check": check}
    )


def long_enough(value: str) -> str:
    """Say what is wrong with a secret that could be guessed."""
    least = f"is too short: {MINIMUM_SECRET} characters are the least."
    return "" if len(value) >= MINIMUM_SECRET else least


def _begins_with(*schemes: str) -> Callable[[str], str]:
    words = " or ".join(f"{scheme}://" for scheme in schemes if scheme)
    return lambda value: "" if urlsplit(value).scheme in schemes else f"must begin with {words}."


def _one_of(*words: str) -> Callable[[str], str]:
    return lambda value: "" if value in words else f"must be one of {', '.join(words)}."


@dataclass(frozen=True)
class Finding:
    """One setting as `muster doctor` shows it: `problem` is empty when all is well."""

    name: str
    shown: str
    help: str
    problem: str


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """What every service needs to know; each service's Settings adds its own."""

    data: str = setting(
        help="Folder of the embedded databases; used when DATABASE_URL is not set.", default=""
    )
    database_url: str = setting(
        help="The service's own database, postgresql://… or sqlite:///…; default: in DATA.",
        check=_begins_with("postgresql", "sqlite"),
    )
    amqp_url: str = setting(
        help="RabbitMQ with the service's own account, amqp://…; empty: embedded.",
        default="",
        check=_begins_with("amqp", "amqps", ""),
    )
    public_url: str = setting(
        help="Where people reach this installation, as in https://muster.example.",
        default="http://127.0.0.1:8000",
        check=_begins_with("http", "https"),
    )
    session_public_key: str = setting(
        help="Proves that an organiser's session was signed by events: an Ed25519 public key, PEM.",
        check=wrong_public_key,
    )
    log_level: str = setting(
        help="debug, info, warning or error.",
        default="info",
        check=_one_of("debug", "info", "warning", "error"),
    )
    web_workers: int = setting(help="Web processes of one container.", default=2)
    web_threads: int = setting(
        help="Threads of each web process; more than one pays where requests wait for another"
        " machine, be it the database or that of POSTCODES_URL.",
        default=1,
    )
    trusted_proxies: int = setting(
        help="How many proxies in front set X-Forwarded-For and -Proto.", default=0
    )

    @classmethod
    def from_environment(cls, service: str) -> Self:
        """Read every setting of `service`; raise SettingsError that names all that is wrong."""
        values, problems = _read(cls, service)
        if problems:
            lines = "\n".join(f"  {name}: {problem}" for name, problem in problems.items())
            raise SettingsError(f"{service} cannot start; these settings are wrong:\n{lines}")
        return cls(**values)

    @classmethod
    def examine(cls, service: str) -> Iterator[Finding]:
        """Yield each setting with its value (secrets hidden) and what is wrong with it."""
        values, problems = _read(cls, service)
        for field in dataclasses.fields(cls):
            name = field.name.upper()
            value = values.get(field.name)
            # An address may carry a password before the "@", or in its query.
            hidden = field.metadata["secret"] or any(s in str(value) for s in ("@", "password"))
            shown = "(hidden)" if hidden and value else repr(value)
            yield Finding(name, shown, field.metadata["help"], problems.get(name, ""))


def _read(cls: type[ServiceSettings], service: str) -> tuple[dict[str, Any], dict[str, str]]:
    env = FileAwareEnv(strip_whitespace=True)
    readers: dict[str, Callable[[str], Any]] = {
        "str": env.str,
        "int": env.int,
        "bool": env.bool,
        "float": env.float,
    }
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field in dataclasses.fields(cls):
        name = field.name.upper()
        if name not in os.environ and f"{name}_FILE" not in os.environ:
            fallback = _fallback(field, service)
            if fallback is MISSING:
                problems[name] = f"is missing. {field.metadata['help']}"
            else:
                values[field.name] = fallback
            continue
        try:
            values[field.name] = readers[str(field.type)](name)
        except (EnvError, ValueError, OSError) as error:
            problems[name] = f"cannot be read: {error}"
    for field in dataclasses.fields(cls):
        check, name = field.metadata["check"], field.name.upper()
        if check is not None and field.name in values and (problem := check(values[field.name])):
            problems[name] = problem
    return values, problems


def _fallback(field: dataclasses.Field[Any], service: str) -> Any:
    data = os.environ.get("DATA", "")
    if field.name == "database_url" and data:
        return f"sqlite:///{os.path.abspath(data)}/{service}.sqlite"
    return field.default
