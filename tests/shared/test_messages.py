"""Every message ever sent stays readable, and is written exactly as it was declared."""

from __future__ import annotations

import copy
import json
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import wire
from shared.messages import CATALOGUE, Message
from tests.shared.making import NOON

GOLDEN = Path(__file__).parent / "golden"
SAMPLES = sorted(GOLDEN.glob("*.json"), key=lambda path: path.name)

st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))


@settings(max_examples=40)
@given(data=st.data())
@pytest.mark.parametrize("message_type", CATALOGUE.values(), ids=CATALOGUE)
def test_a_message_reads_back_as_it_was_written(
    message_type: type[Message], data: st.DataObject
) -> None:
    message = data.draw(st.builds(message_type))

    assert wire.unseal(wire.seal(message, now=NOON).body).message == message


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_message_has_a_golden_sample(name: str) -> None:
    assert (GOLDEN / f"{name}.json").exists(), "add one; CONTRIBUTING.md says how"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_golden_sample_is_still_readable(sample: Path) -> None:
    opened = wire.unseal(sample.read_bytes())

    assert sample.stem.split("+")[0] == opened.message.NAME
    assert str(opened.message_id) == json.loads(sample.read_bytes())["id"]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_golden_sample_is_written_again_with_all_it_said(sample: Path) -> None:
    golden = json.loads(sample.read_bytes())

    rewritten = json.loads(wire.seal(wire.unseal(sample.read_bytes()).message, now=NOON).body)

    for attribute in ("type", "source", "subject", "data"):
        assert said_again(golden[attribute], rewritten[attribute])


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_unknown_fields_are_ignored_at_every_depth(sample: Path) -> None:
    golden = json.loads(sample.read_bytes())

    extended = json.dumps(with_unknown_fields(golden)).encode()

    assert wire.unseal(extended) == wire.unseal(sample.read_bytes())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_message_without_one_of_its_fields_is_undecodable(sample: Path) -> None:
    golden = json.loads(sample.read_bytes())
    declared = {field.name: field for field in fields(CATALOGUE[golden["type"]])}

    for field in (name for name in golden["data"] if declared[name].default is MISSING):
        shortened = copy.deepcopy(golden)
        del shortened["data"][field]
        with pytest.raises(wire.Undecodable, match=field):
            wire.unseal(json.dumps(shortened).encode())


@pytest.mark.parametrize("message_type", CATALOGUE.values(), ids=CATALOGUE)
def test_personal_fields_stand_in_the_object_person_only(message_type: type[Message]) -> None:
    personal = {"first_name", "email", "link", "phone", "person"}

    for path in field_paths(
        json.loads((GOLDEN / f"{message_type.NAME}.json").read_bytes())["data"]
    ):
        assert path[0] == "person" or not personal & set(path), path


def said_again(before: Any, after: Any) -> bool:
    """Tell whether all that was said is said again; fields that came later may stand beside it."""
    if isinstance(before, dict):
        return all(key in after and said_again(part, after[key]) for key, part in before.items())
    if isinstance(before, list):
        return len(before) == len(after) and all(map(said_again, before, after))
    return bool(before == after)


def with_unknown_fields(value: Any) -> Any:
    """Return the JSON value with a field more in each of its objects."""
    if isinstance(value, dict):
        return {
            **{key: with_unknown_fields(part) for key, part in value.items()},
            "later": [1, {"a": None}],
        }
    if isinstance(value, list):
        return [with_unknown_fields(part) for part in value]
    return value


def field_paths(value: Any, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the path of every field in the JSON value."""
    if isinstance(value, list):
        return [path for part in value for path in field_paths(part, above)]
    if not isinstance(value, dict):
        return [above]
    return [path for key, part in value.items() for path in field_paths(part, (*above, key))]
