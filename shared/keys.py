"""The pair of keys by which organisers' sessions are signed and checked: Ed25519, in PEM."""

from __future__ import annotations

from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)


def new_pair() -> tuple[str, str]:
    """Return a new private key and its public key."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode(), public_of(key)


def public_of(key: Ed25519PrivateKey) -> str:
    """Return the public key that goes with a private one, in PEM."""
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


def public_of_pem(private: str) -> str:
    """Return the public key that goes with a private one in PEM."""
    return public_of(private_key(private))


@lru_cache(maxsize=4)
def private_key(pem: str) -> Ed25519PrivateKey:
    """Read a private key. Raises ValueError when it is none of Ed25519."""
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("not an Ed25519 key")
    return key


@lru_cache(maxsize=4)
def public_key(pem: str) -> Ed25519PublicKey:
    """Read a public key. Raises ValueError when it is none of Ed25519."""
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 key")
    return key


def wrong_private_key(pem: str) -> str:
    """Say what is wrong with a private key in the settings, if anything."""
    try:
        private_key(pem)
    except (ValueError, TypeError):
        return "must be an Ed25519 private key in PEM, as deploy/make-secrets writes it."
    return ""


def wrong_public_key(pem: str) -> str:
    """Say what is wrong with a public key in the settings, if anything."""
    try:
        public_key(pem)
    except (ValueError, TypeError):
        return "must be an Ed25519 public key in PEM, as deploy/make-secrets writes it."
    return ""
