"""Signing mails with DKIM (RFC 6376, RFC 8463), relaxed/relaxed, so that others know who sent them.

The canonical forms are dkimpy's; the key is read once and used by cryptography, as dkimpy's own
arithmetic would take longer for the signature than everything else for the mail.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable
from functools import lru_cache

import dkim
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from dkim.canonicalization import Relaxed

LEAST_BITS = 2048
SIGNED = (
    *(b"From", b"From", b"To", b"Subject", b"Date", b"Message-ID", b"MIME-Version"),
    *(b"Content-Type", b"Reply-To", b"Auto-Submitted", b"List-Unsubscribe"),
    b"List-Unsubscribe-Post",
)
"""One named once more than it is there cannot be added on the way (RFC 6376, 5.4.2)."""

Key = RSAPrivateKey | Ed25519PrivateKey


class Signer:
    """Signs mails of one domain with one key."""

    def __init__(self, pem: str, *, selector: str, domain: str) -> None:
        self._head, self._sign = _way_of_signing(read_key(pem))
        self._head += f"c=relaxed/relaxed; d={domain}; s={selector}".encode()

    def sign(self, message: bytes) -> bytes:
        """Return a mail with CRLF line ends with its signature above its other headers."""
        head, gap, body = message.partition(b"\r\n\r\n")
        headers, _ = dkim.rfc822_parse(head + gap)
        digest = hashlib.sha256(Relaxed.canonicalize_body(body)).digest()
        unsigned = b"; ".join(
            (
                b"v=1; " + self._head,
                b"t=%d" % time.time(),
                b"h=" + b" : ".join(SIGNED),
                b"bh=" + base64.b64encode(digest),
                b"b=",
            )
        )
        field = dkim.fold(b"DKIM-Signature: " + unsigned)
        signed = [*_choose(headers), [b"DKIM-Signature", field.partition(b":")[2]]]
        said = b"".join(n + b":" + value for n, value in Relaxed.canonicalize_headers(signed))
        signature = base64.b64encode(self._sign(said.removesuffix(b"\r\n")))
        whole: bytes = dkim.fold(field + signature)
        return whole + b"\r\n" + message


@lru_cache(maxsize=8)
def signer_of(pem: str, selector: str, domain: str) -> Signer:
    """Return the signer of a domain, with its key read."""
    return Signer(pem, selector=selector, domain=domain)


@lru_cache(maxsize=8)
def read_key(pem: str) -> Key:
    """Read a private key for signing. Raises ValueError when it is too short or of another kind."""
    key = load_pem_private_key(pem.encode(), password=None)
    if isinstance(key, Ed25519PrivateKey):
        return key
    if isinstance(key, RSAPrivateKey) and key.key_size >= LEAST_BITS:
        return key
    raise ValueError("neither an Ed25519 key nor one of RSA with 2048 bits")


def wrong_signing_key(pem: str) -> str:
    """Say what is wrong with a key in the settings, if anything; none at all is right."""
    try:
        if pem:
            read_key(pem)
    except (ValueError, TypeError):
        return "must be an RSA private key of 2048 bits or more, or an Ed25519 one, in PEM."
    return ""


def record_of(pem: str) -> str:
    """Return the TXT record that goes with a key, as the domain has to publish it."""
    key = read_key(pem)
    if isinstance(key, Ed25519PrivateKey):
        kind, public = "ed25519", key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    else:
        kind = "rsa"
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k={kind}; p={base64.b64encode(public).decode()}"


def _way_of_signing(key: Key) -> tuple[bytes, Callable[[bytes], bytes]]:
    if isinstance(key, Ed25519PrivateKey):
        # RFC 8463: the signature is one of the hash.
        return b"a=ed25519-sha256; ", lambda said: key.sign(hashlib.sha256(said).digest())
    return b"a=rsa-sha256; ", lambda said: key.sign(said, padding.PKCS1v15(), SHA256())


def _choose(headers: list[list[bytes]]) -> list[list[bytes]]:
    """Return the headers in the order in which they are signed, each from the bottom up."""
    left: dict[bytes, list[list[bytes]]] = {}
    for name, value in headers:
        left.setdefault(name.lower(), []).append([name, value])
    return [left[name.lower()].pop() for name in SIGNED if left.get(name.lower())]
