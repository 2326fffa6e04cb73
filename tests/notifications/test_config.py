"""Settings that would be misread are refused at the start."""

from __future__ import annotations

from uuid import UUID

import pytest

from services.notifications.config import Settings
from services.notifications.rules.return_path import return_path
from services.notifications.smtp import Server
from shared.settings import SettingsError

from .making import make_settings


@pytest.mark.parametrize(
    "url", ["post.example", "http://post.example", "smtp://", "smtp://post.example?tls=maybe"]
)
def test_an_address_that_would_be_misread_is_refused(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_URL", url)

    with pytest.raises(SettingsError, match="SMTP_URL: must look like"):
        Settings.from_environment("notifications")


@pytest.mark.parametrize(
    "url,port,wrapped,tls",
    [
        ("smtp://post.example", 25, False, "when-offered"),
        ("smtp://me:pass%40word@post.example:587", 587, False, "required"),
        ("smtp://me:pass%40word@post.example:587?tls=never", 587, False, "never"),
        ("smtps://me:pass%40word@post.example", 465, True, "required"),
    ],
)
def test_a_password_asks_for_encryption(url: str, port: int, wrapped: bool, tls: str) -> None:
    server = Server.from_url(make_settings(smtp_url=url).smtp_url)

    assert (server.host, server.port, server.wrapped, server.tls) == (
        *("post.example", port, wrapped, tls),
    )
    assert server.password in ("", "pass@word")


@pytest.mark.parametrize("address", ["no-at", "a+b@lists.example", f"{'b' * 22}@lists.example"])
def test_an_address_that_makes_no_return_path_is_refused(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOUNCE_ADDRESS", address)

    with pytest.raises(SettingsError, match=r"BOUNCE_ADDRESS: (must|may)"):
        Settings.from_environment("notifications")


def test_the_longest_return_path_is_as_long_as_mail_servers_take() -> None:
    made = return_path(f"{'b' * 21}@lists.example", UUID(int=1), key="k" * 40)

    assert len(made.partition("@")[0]) == 64
