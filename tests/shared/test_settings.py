"""Settings are read once, from variables or files, and every problem is named at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from shared import keys
from shared.settings import ServiceSettings, SettingsError, setting

PUBLIC_KEY = keys.new_pair()[1]


@dataclass(frozen=True, kw_only=True)
class LampSettings(ServiceSettings):
    """Settings of a service with some of its own."""

    colour: str = setting(help="What the lamp shines in.", default="white")
    bulbs: int = setting(help="How many bulbs it has.", default=1)
    password: str = setting(help="Opens the lamp.", default="", secret=True)


@pytest.fixture(autouse=True)
def only_these_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin with nothing but a good minimum in the environment."""
    for finding in LampSettings.examine("lamp"):
        monkeypatch.delenv(finding.name, raising=False)
        monkeypatch.delenv(f"{finding.name}_FILE", raising=False)
    monkeypatch.setenv("DATABASE_URL", "postgresql://lamp:hush@db/lamp")
    monkeypatch.setenv("SESSION_PUBLIC_KEY", PUBLIC_KEY)


def test_what_is_not_set_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BULBS", "7")

    settings = LampSettings.from_environment("lamp")

    assert (settings.bulbs, settings.colour, settings.amqp_url) == (7, "white", "")


def test_a_setting_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(PUBLIC_KEY + "\n")
    monkeypatch.delenv("SESSION_PUBLIC_KEY")
    monkeypatch.setenv("SESSION_PUBLIC_KEY_FILE", str(tmp_path / "key"))

    assert LampSettings.from_environment("lamp").session_public_key == PUBLIC_KEY.strip()


def test_the_embedded_databases_lie_in_data(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("DATA", str(tmp_path))

    assert LampSettings.from_environment("lamp").database_url == f"sqlite:///{tmp_path}/lamp.sqlite"


def test_every_problem_is_named_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("SESSION_PUBLIC_KEY", keys.new_pair()[0])
    monkeypatch.setenv("BULBS", "many")
    monkeypatch.setenv("AMQP_URL", "http://broker")
    monkeypatch.setenv("PUBLIC_URL", "muster.example")
    monkeypatch.setenv("LOG_LEVEL", "loud")
    monkeypatch.setenv("PASSWORD_FILE", str(tmp_path / "nowhere"))

    with pytest.raises(SettingsError) as raised:
        LampSettings.from_environment("lamp")

    wrong = (
        "DATABASE_URL",
        "SESSION_PUBLIC_KEY",
        "BULBS",
        "AMQP_URL",
        "PUBLIC_URL",
        "LOG_LEVEL",
        "PASSWORD",
    )
    named = [line.split(":")[0].strip() for line in str(raised.value).splitlines()[1:]]
    assert sorted(named) == sorted(wrong)


def test_a_missing_setting_says_what_it_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SESSION_PUBLIC_KEY")

    with pytest.raises(SettingsError, match=r"SESSION_PUBLIC_KEY: is missing\. Proves"):
        LampSettings.from_environment("lamp")


def test_the_doctor_hides_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSWORD", "open-sesame")

    findings = list(LampSettings.examine("lamp"))

    assert not [finding for finding in findings if finding.problem]
    shown = " ".join(finding.shown for finding in findings)
    assert "open-sesame" not in shown
    assert "hush" not in shown


@pytest.mark.parametrize(
    "url", ["postgresql://lamp:open-sesame@db/lamp", "postgresql://db/lamp?password=open-sesame"]
)
def test_the_doctor_hides_the_password_in_an_address(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    shown = {finding.name: finding.shown for finding in LampSettings.examine("lamp")}

    assert shown["DATABASE_URL"] == "(hidden)"
