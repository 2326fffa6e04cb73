"""Lists that are typed as a text with one thing on each line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import ValidationError, fields

from shared.refusals import Refusal
from shared.schemas import Text


class Lines(fields.Field[list[str]]):
    """A list of short texts, or a text with one on each line; each stands there once."""

    def __init__(
        self, *, most: int, line: Callable[[str], str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.most = most
        self.line = line
        self.text = Text(max=200)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> list[str]:
        typed = value.splitlines() if isinstance(value, str) else value
        if not isinstance(typed, list) or not all(isinstance(one, str) for one in typed):
            raise ValidationError("Enter a list of texts.")
        texts = [str(self.text.deserialize(one)) for one in typed]
        found = list(dict.fromkeys(self._read(text) for text in texts if text))
        if len(found) > self.most:
            raise ValidationError(f"These are too many: {self.most} are the most.")
        return found

    def _read(self, text: str) -> str:
        try:
            return self.line(text) if self.line else text
        except Refusal as refusal:
            raise ValidationError(f"“{text}”: {refusal.sentence}") from refusal

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str:
        return value if isinstance(value, str) else "\n".join(value or ())
