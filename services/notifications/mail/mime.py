"""Writing a mail down as it travels (RFC 5322, RFC 2045): much faster than the library's builder.

Headers of plain ASCII are written directly, folded between words; all others go through the
library's folding, which would encode an address of the web that is longer than a line.
"""

from __future__ import annotations

import binascii
from base64 import encodebytes
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.headerregistry import Address
from email.policy import SMTP, SMTPUTF8
from textwrap import wrap

LONGEST_LINE = 78
ENCODED_WORD = "=?"
"""How words begin that stand for others (RFC 2047): the library and mail programs decode them."""


@dataclass(frozen=True)
class Part:
    """One way of showing the mail; the last one that a program understands is shown."""

    content_type: str
    text: str
    encoding: str = "quoted-printable"


def write_mail(
    headers: Iterable[tuple[str, str | Address]], parts: Iterable[Part], *, boundary: str
) -> bytes:
    """Return the mail with CRLF line ends; `boundary` is letters and digits, new for each mail."""
    # "=_" stands in neither encoding, so that no text can hold the boundary.
    mark = f"=_{boundary}"
    head = [_header(name, value) for name, value in headers]
    head.append(b"MIME-Version: 1.0\r\n")
    head.append(f'Content-Type: multipart/alternative;\r\n boundary="{mark}"\r\n'.encode())
    return b"".join((*head, *_body(parts, mark.encode())))


def _body(parts: Iterable[Part], mark: bytes) -> Iterator[bytes]:
    for part in parts:
        yield b"\r\n--" + mark + b"\r\n"
        yield f"Content-Type: {part.content_type}; charset=UTF-8\r\n".encode()
        yield f"Content-Transfer-Encoding: {part.encoding}\r\n\r\n".encode()
        yield _encode(part)
    yield b"\r\n--" + mark + b"--\r\n"


def _header(name: str, value: str | Address) -> bytes:
    text = str(value)
    if ENCODED_WORD in text:
        raise ValueError(f"{name} would hold what programs read as something else")
    if text.isascii() and text.isprintable():
        return f"{_fold(f'{name}: ', text)}\r\n".encode()
    address = value.addr_spec if isinstance(value, Address) else ""
    policy = SMTP if address.isascii() else SMTPUTF8
    folded: str = policy.fold(name, policy.header_factory(name, text))
    return folded.encode()


def _fold(start: str, text: str) -> str:
    """Return a header on lines that are not too long, broken between words only."""
    if len(start) + len(text) <= LONGEST_LINE:
        return start + text
    lines = wrap(
        text,
        LONGEST_LINE,
        initial_indent=start,
        subsequent_indent=" ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\r\n".join(lines)


def _encode(part: Part) -> bytes:
    text = "\r\n".join(part.text.splitlines()).encode() + b"\r\n"
    if part.encoding == "base64":
        return encodebytes(text).replace(b"\n", b"\r\n")
    return binascii.b2a_qp(text, istext=True)
