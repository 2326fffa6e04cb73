"""Fields of forms and JSON that several services ask for, with what each refuses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from marshmallow import ValidationError, fields

from shared import times

UNSEEN = ("Cc", "Cs", "Zl", "Zp")
"""Control characters, halves of characters, separators of lines and of paragraphs."""

TURNERS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They turn the direction of writing, so that a text reads otherwise than it is."""

WEB_ADDRESS = re.compile(r"[/\\@<>]|www\.|\w{2}\.\w{2}", re.IGNORECASE)
"""Also of the short kind, which mail programs make into a link: win.example, but not J.Smith."""

POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?) ?([0-9][A-Z]{2})")


class Text(fields.String):
    """A text without control characters, stripped and in Unicode's NFC; `max` counts characters."""

    def __init__(self, *, max: int = 200, multiline: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max = max
        self.multiline = multiline

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text = unicodedata.normalize(
            "NFC", super()._deserialize(value, attr, data, **kwargs)
        ).strip()
        text = text.replace("\r\n", "\n")
        allowed = "\n\t" if self.multiline else ""
        if any(_is_unseen(char) and char not in allowed for char in text):
            raise ValidationError("This has characters that cannot be shown. Please type it again.")
        if len(text) > self.max:
            raise ValidationError(f"This is too long: {self.max} characters are the most.")
        if self.required and not text:
            raise ValidationError(self.error_messages["required"])
        return text


def _is_unseen(char: str) -> bool:
    return char in TURNERS or unicodedata.category(char) in UNSEEN


def refuse_web_addresses(name: str) -> None:
    """Refuse a name that would carry advertising into a mail; raises ValidationError."""
    if WEB_ADDRESS.search(name):
        raise ValidationError("Enter your name without web or email addresses.")


class Email(Text):
    """An e-mail address as RFC 5321 allows, its domain in IDNA form.

    Whether it exists is not asked.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max=254, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not text:
            return text
        try:
            found = validate_email(text, check_deliverability=False, test_environment=True)
        except EmailNotValidError as error:
            raise ValidationError("Enter an email address in the form name@example.org.") from error
        if found.ascii_email is None:
            raise ValidationError("Enter an email address with plain letters before the @.")
        return found.ascii_email


class Phone(Text):
    """A telephone number, kept in E.164; numbers without a country are British."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max=40, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not text:
            return text
        try:
            number = phonenumbers.parse(text, "GB")
        except phonenumbers.NumberParseException as error:
            raise ValidationError("Enter a telephone number, like 020 7946 0018.") from error
        if not phonenumbers.is_possible_number(number):
            raise ValidationError("Enter a telephone number, like 020 7946 0018.")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class Postcode(Text):
    """A postcode, in capitals with its space when it looks British; never a reason to refuse."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max=20, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        found = POSTCODE.fullmatch(re.sub(r"\s+", "", text.upper()))
        return f"{found[1]} {found[2]}" if found else text


class Zone(Text):
    """A time zone by its IANA name."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        name = super()._deserialize(value, attr, data, **kwargs)
        if not times.is_zone(name):
            raise ValidationError("Enter a time zone by its IANA name, like Europe/London.")
        return name


class LocalTime(fields.NaiveDateTime):
    """A local wall time, as in 2026-12-05T10:00; the zone stands beside it."""

    default_error_messages = {  # noqa: RUF012 - marshmallow declares it, and not as a ClassVar
        "invalid": "Enter a date and time like 2026-12-05T10:00."
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> datetime:
        wall = super()._deserialize(value, attr, data, **kwargs)
        if not 2000 <= wall.year <= 2100:
            raise ValidationError("Enter a year between 2000 and 2100.")
        return wall
