"""Making words of others safe to stand in a mail: no control characters, no broken letters."""

from __future__ import annotations

import re
import unicodedata

LONE_SURROGATES = re.compile("[\ud800-\udfff]")
INVISIBLE = ("Cc", "Cf", "Zl", "Zp")
"""Control characters, reversers of the direction of writing, and separators of lines."""

JOINERS = "\u200c\u200d"
"""Invisible, but some scripts cannot be written without them."""


def one_line(text: str) -> str:
    """Return `text` on one line, without anything that could end a header or hide in it.

    What would begin an encoded word (RFC 2047) is broken: mail programs, and the library that folds
    long headers, would read such a word and find in it whatever somebody hid there.

    >>> one_line("Leaflets\\r\\nBcc: everybody@list.example")
    'Leaflets Bcc: everybody@list.example'
    >>> one_line("=?utf-8?q?Leaflets?=")
    '= ?utf-8?q?Leaflets?='
    """
    return " ".join(_printable(text, keep="").split()).replace("=?", "= ?")


def many_lines(text: str) -> str:
    """Return `text` with its line breaks, without other control characters."""
    unbroken = text.replace("\r\n", "\n").replace("\r", "\n")
    return _printable(unbroken, keep="\n").strip()


def _printable(text: str, *, keep: str) -> str:
    # Nearly every text is, and asking is a hundred times faster than looking at each character.
    if text.replace(keep, "").isprintable():
        return text
    whole = LONE_SURROGATES.sub("\ufffd", text)
    return "".join(
        character
        if character in keep or character in JOINERS or not _is_invisible(character)
        else " "
        for character in whole
    )


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in INVISIBLE
