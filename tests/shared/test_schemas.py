"""What forms and JSON accept: tidied where that is safe, otherwise refused with a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields

from shared.schemas import Email, LocalTime, Phone, Postcode, Text, Zone


def load(field: fields.Field[Any], value: object) -> Any:
    """Return what a schema with this one field makes of `value`."""
    return Schema.from_dict({"it": field})().load({"it": value})["it"]


@pytest.mark.parametrize(
    "field, typed, kept",
    [
        (Text(), "  Zoë  ", "Zoë"),
        (Text(), "Zoe\u0308", "Zoë"),
        (Text(multiline=True), "one\r\ntwo", "one\ntwo"),
        (Email(), " Zoe@People.EXAMPLE ", "Zoe@people.example"),
        (Email(), "zoe@bücher.example", "zoe@xn--bcher-kva.example"),
        (Phone(), "020 7946 0018", "+442079460018"),
        (Phone(), "+33 1 09 75 83 51", "+33109758351"),
        (Phone(), "", ""),
        (Postcode(), "ng241du", "NG24 1DU"),
        (Postcode(), " sw1a  1aa", "SW1A 1AA"),
        (Postcode(), "Newark", "Newark"),
        (Postcode(), "", ""),
        (Zone(), "Europe/London", "Europe/London"),
    ],
)
def test_what_people_type_is_tidied(field: fields.Field[Any], typed: str, kept: str) -> None:
    assert load(field, typed) == kept


@pytest.mark.parametrize(
    "field, typed",
    [
        (Text(), "a\x00b"),
        (Text(), "a\ud800b"),
        (Text(), "one\ntwo"),
        (Text(), "a\x1b[31mred"),
        (Text(), "invoice\u202egpj.exe"),
        (Text(multiline=True), "one\u2028two"),
        (Text(multiline=True), "a\x00b"),
        (Text(max=5), "sixsix"),
        (Text(required=True), "   "),
        (Text(), 7),
        (Text(), ["a"]),
        (Email(), "zoe"),
        (Email(), "zoe@"),
        (Email(), "zoe@people.example\nBcc: all@people.example"),
        (Email(), "Zoe <zoe@people.example>"),
        (Email(), "zoë@people.example"),
        (Email(), "z" * 300 + "@people.example"),
        (Phone(), "call me"),
        (Phone(), "12"),
        (Zone(), "Europe/Atlantis"),
        (Zone(), "../../etc/passwd"),
        (LocalTime(), "tomorrow"),
        (LocalTime(), "2026-12-05T10:00Z"),
        (LocalTime(), "2026-12-05T10:00+01:00"),
        (LocalTime(), "1026-12-05T10:00"),
        (LocalTime(), "2026-02-30T10:00"),
        (LocalTime(), 7),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(field: fields.Field[Any], typed: object) -> None:
    with pytest.raises(ValidationError) as raised:
        load(field, typed)

    (sentence,) = raised.value.messages["it"]
    assert sentence.endswith(".")


def test_a_local_time_stays_naive() -> None:
    assert load(LocalTime(), "2026-12-05T10:00").isoformat() == "2026-12-05T10:00:00"


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
@pytest.mark.parametrize("make", [Text, Email, Phone, Postcode, Zone, LocalTime])
def test_no_text_makes_a_field_fail_otherwise(make: Any, typed: str) -> None:
    try:
        kept = load(make(), typed)
    except ValidationError:
        return
    if isinstance(kept, str):
        kept.encode()
        assert "\x00" not in kept
