"""Records made of tags, like `v=DMARC1; p=none` (RFC 6376, 3.2)."""

from __future__ import annotations


def read_tags(text: str) -> dict[str, str]:
    """Return the tags of a record, in their order and without the space around them."""
    pairs = (tag.partition("=") for tag in text.split(";"))
    return {name.strip(): value.strip() for name, mark, value in pairs if mark}
