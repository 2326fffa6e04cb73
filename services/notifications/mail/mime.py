"""Writing a mail down as it travels (RFC 5322, RFC 2045): much faster than the library's builder.

Headers that are plain, and short or a single word, are written directly; all others go through the
library's folding, which would encode an address of the web that is longer than a line.
"""

from __future__ import annotations

import binascii
import re
from base64 import encodebytes
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.headerregistry import Address
from email.policy import SMTP, SMTPUTF8

LONGEST_LINE = 78
ONE_HEADER = re.compile(r"[^\r\n]+(?:\r\n[ \t][^\r\n]+)*\r\n")


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
    fits = len(name) + 2 + len(text) <= LONGEST_LINE or " " not in text
    if text.isascii() and text.isprintable() and fits:
        return f"{name}: {text}\r\n".encode()
    address = value.addr_spec if isinstance(value, Address) else ""
    policy = SMTP if address.isascii() else SMTPUTF8
    folded: str = policy.fold(name, policy.header_factory(name, text))
    if not ONE_HEADER.fullmatch(folded):
        raise ValueError(f"what was to stand in {name} would be more than this header")
    return folded.encode()


def _encode(part: Part) -> bytes:
    text = "\r\n".join(part.text.splitlines()).encode() + b"\r\n"
    if part.encoding == "base64":
        return encodebytes(text).replace(b"\n", b"\r\n")
    return binascii.b2a_qp(text, istext=True)
