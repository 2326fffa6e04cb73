"""Settings that would be misread are refused at the start."""

from __future__ import annotations

import pytest

from services.notifications.config import Settings
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
