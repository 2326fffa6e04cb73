"""Write the parts of the documentation that follow from the code.

python -m docs.generate          writes messages.md, api.md, mails.md, and tables in others

`make generate` does so; a test fails when one of them lags behind.
"""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from services.notifications.rules.kinds import KINDS
from services.notifications.rules.occasions import OCCASIONS
from services.notifications.rules.standard_words import STANDARD, allowed_in
from services.notifications.rules.wordings import MEANINGS
from shared.database import Database
from shared.handlers import Handlers
from shared.messages import CATALOGUE, Message
from shared.settings import ServiceSettings

FOLDER = Path(__file__).resolve().parent
SERVICES = ("events", "signups", "notifications")
BEGIN, END = "<!-- {} -->", "<!-- end of {} -->"


def main() -> None:
    for path, text in generated().items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(FOLDER.parent)}")


def generated() -> dict[Path, str]:
    """Return each generated file with what it has to say."""
    operations, readme = FOLDER / "operations.md", FOLDER.parent / "README.md"
    return {
        readme: with_part(
            readme.read_text(encoding="utf-8"), "messages", "\n".join(message_rows())
        ),
        FOLDER / "messages.md": messages_page(),
        FOLDER / "api.md": api_page(),
        FOLDER / "mails.md": mails_page(),
        operations: with_part(operations.read_text(encoding="utf-8"), "settings", settings_table()),
    }


def with_part(text: str, name: str, part: str) -> str:
    """Return the text with what stands between the marks of `name` replaced."""
    begin, end = BEGIN.format(name), END.format(name)
    before, _, rest = text.partition(begin)
    return f"{before}{begin}\n{part}\n{end}{rest.partition(end)[2]}"


def readers_of(message: type[Message]) -> list[str]:
    """Return the services whose handlers read a message."""
    tables: dict[str, Handlers] = {
        name: import_module(f"services.{name}.handlers").HANDLERS for name in SERVICES
    }
    return [name for name in SERVICES if message in tables[name]]


def message_rows() -> Iterator[str]:
    """Yield the message table, which README.md and messages.md share."""
    yield "| message | from | read by | says |"
    yield "|---|---|---|---|"
    for name, message in CATALOGUE.items():
        readers = ", ".join(readers_of(message)) or "nobody yet"
        yield f"| `{name}` | {message.SENDER} | {readers} | {first_sentence(message)} |"


def messages_page() -> str:
    """Return docs/messages.md."""
    return "\n".join(
        [
            "# Messages",
            "",
            "Written by `make generate` from `shared/messages`; do not edit.",
            "",
            "Every message is a CloudEvents 1.0 event in structured JSON "
            "(`application/cloudevents+json`) on the topic exchange `messages`, with its name as "
            "`type` and as routing key. Its fields stand in `data`; instants are RFC 3339 in UTC. "
            "Unknown fields are to be ignored. A sample of each lies in `tests/shared/golden`.",
            "",
            *message_rows(),
            "",
            *(line for message in CATALOGUE.values() for line in message_section(message)),
            *(line for part in parts_of_messages() for line in part_section(part)),
        ]
    )


def message_section(message: type[Message]) -> Iterator[str]:
    yield f"## {message.NAME}"
    yield ""
    yield f"{words(message)}"
    yield ""
    yield from field_table(message)


def part_section(part: type[Any]) -> Iterator[str]:
    yield f"## {part.__name__}"
    yield ""
    yield words(part)
    yield ""
    yield from field_table(part)


def field_table(declared: type[Any]) -> Iterator[str]:
    hints = typing.get_type_hints(declared)
    yield "| field | type |"
    yield "|---|---|"
    for field in dataclasses.fields(declared):
        yield f"| `{field.name}` | {type_words(hints[field.name])} |"
    yield ""


def type_words(hint: Any) -> str:
    """Say a field's type as JSON has it."""
    simple = {str: "text", int: "number", bool: "true or false"}
    if hint in simple:
        return simple[hint]
    if typing.get_origin(hint) is tuple:
        return f"list of {type_words(typing.get_args(hint)[0])}"
    if inner := [part for part in typing.get_args(hint) if part is not type(None)]:
        return f"{type_words(inner[0])} or null"
    if dataclasses.is_dataclass(hint):
        name = getattr(hint, "__name__", "")
        return f"[{name}](#{name.lower()})"
    return "instant"


def parts_of_messages() -> list[type[Any]]:
    """Return the dataclasses that messages are made of, each once, in the order of their use."""
    found: dict[type[Any], None] = {}

    def visit(declared: type[Any]) -> None:
        for hint in typing.get_type_hints(declared).values():
            for part in (hint, *typing.get_args(hint)):
                if dataclasses.is_dataclass(part) and isinstance(part, type) and part not in found:
                    found[part] = None
                    visit(part)

    for message in CATALOGUE.values():
        visit(message)
    return list(found)


def first_sentence(declared: type[Any]) -> str:
    return words(declared).split(". ")[0].rstrip(".") + "."


def words(declared: type[Any]) -> str:
    """Return a docstring as one paragraph."""
    return " ".join((inspect.getdoc(declared) or "").split())


def settings_table() -> str:
    """Return the table of all settings of all services."""
    rows: dict[str, tuple[str, str, list[str]]] = {}
    for service in SERVICES:
        for field in dataclasses.fields(settings_of(service)):
            default = "*needed*" if field.default is dataclasses.MISSING else f"`{field.default}`"
            row = (default.replace("``", "empty"), field.metadata["help"], [])
            rows.setdefault(field.name.upper(), row)[2].append(service)
    lines = ["| setting | default | read by | meaning |", "|---|---|---|---|"]
    for name, (default, meaning, readers) in rows.items():
        who = "all" if len(readers) == len(SERVICES) else ", ".join(readers)
        lines.append(f"| `{name}` | {default} | {who} | {meaning} |")
    return "\n".join(lines)


def settings_of(service: str) -> type[ServiceSettings]:
    settings: type[ServiceSettings] = import_module(f"services.{service}.config").Settings
    return settings


AUDIENCES = {
    "person": "whoever signed up",
    "seeker": "whoever asked",
    "contact": "the group’s contact",
    "organiser": "organisers and administrators",
    "writer": "the organiser who writes",
    "asker": "whoever asked",
    "subscriber": "whoever subscribed",
}


def mails_page() -> str:
    """Return docs/mails.md."""
    return "\n".join(
        [
            "# Mails",
            "",
            "Written by `make generate` from `services/notifications/rules`; do not edit.",
            "",
            "Every mail is a notice first: a row with its state, and why it was not sent, in the "
            "ledger at `/organise/notices`. Immediately before it is sent the facts are read "
            "again; what is no longer true is not sent. When a mail server took a mail and never "
            "said so, what is sent *at least once* goes out a second time with the same "
            "Message-ID, and what is sent *at most once* does not.",
            "",
            "Where a kind can be *reworded*, organisers of a group write its subject and words "
            "themselves, on the page “Words” of their group’s mail. Facts, button, imprint and the "
            "line that says why somebody gets the mail stay as they are. Text and HTML are made "
            "from the same words.",
            "",
            "A name that looks like a link is never echoed: the greeting is “Hello,” then, and a "
            "group’s contact reads it with spaces in place of its dots.",
            "",
            "| kind | sent when | to | how often | reworded |",
            "|---|---|---|---|---|",
            *mail_rows(),
            "",
            "## Placeholders",
            "",
            "A placeholder stands in braces, as in `{first_name}`; a brace has no other meaning.",
            "",
            "| placeholder | in | stands for |",
            "|---|---|---|",
            *placeholder_rows(),
            "",
        ]
    )


def mail_rows() -> Iterator[str]:
    """Yield the table of the kinds of mail."""
    for name, kind in KINDS.items():
        often = "at most once" if kind.at_most_once else "at least once"
        reworded = "yes" if name in STANDARD else "no"
        to = AUDIENCES.get(kind.audience, kind.audience)
        yield f"| {kind.label} (`{name}`) | {OCCASIONS[name]} | {to} | {often} | {reworded} |"


def placeholder_rows() -> Iterator[str]:
    """Yield the table of placeholders."""
    for name, meaning in MEANINGS.items():
        having = [f"`{kind}`" for kind in STANDARD if name in allowed_in(kind)]
        where = "all" if len(having) == len(STANDARD) else ", ".join(having)
        yield f"| `{{{name}}}` | {where} | {meaning} |"


def api_page() -> str:
    """Return docs/api.md."""
    lines = [
        "# The API for programs",
        "",
        "Written by `make generate` from the services' own descriptions; do not edit.",
        "",
        "Every service describes its part as OpenAPI 3.1. Send a token as "
        "`Authorization: Bearer …`. What is wrong comes as RFC 9457 `application/problem+json`, "
        "with each field's problem under `errors` (`pointer`, `detail`).",
        "",
    ]
    for service in SERVICES:
        lines += [f"## {service}", "", *operations_of(service), ""]
    return "\n".join(lines)


def operations_of(service: str) -> Iterator[str]:
    """Yield the table of a service's operations, from its OpenAPI description."""
    url, described = description_of(service)
    yield f"Described at `{url}`."
    yield ""
    yield "| request | does |"
    yield "|---|---|"
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if method in ("get", "post", "put", "patch", "delete"):
                yield f"| `{method.upper()} {path}` | {operation.get('summary', '')} |"


def description_of(service: str) -> tuple[str, dict[str, Any]]:
    """Ask a service's app where its description is, and for it."""
    db = Database("sqlite://")
    known = settings_of(service)
    needed = {
        f.name: "s" * 32 for f in dataclasses.fields(known) if f.default is dataclasses.MISSING
    }
    settings = known(**needed | {"database_url": db.url})
    app = import_module(f"services.{service}.app").create_app(settings, db)
    url = next(rule.rule for rule in app.url_map.iter_rules() if "openapi.json" in rule.rule)
    with app.test_client() as client:
        described: dict[str, Any] = client.get(url).get_json()
    db.close()
    return url, described


if __name__ == "__main__":
    main()
