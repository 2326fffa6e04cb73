"""deploy/make-secrets: written once, for the owner alone, least privilege for each account."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import stat
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from shared import keys
from shared.messages import CATALOGUE

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("events", "notifications", "signups")


def make_secrets(folder: Path, **environment: str) -> str:
    done = subprocess.run(
        [ROOT / "deploy/make-secrets", folder],
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("x") / "secrets"
    make_secrets(made)
    return made


@pytest.fixture(scope="module")
def accounts(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "20-accounts.json").read_text())
    return read


def test_only_the_owner_enters_the_folder_and_containers_can_read_each_file(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir() if p.is_file()} == {0o444}
    assert stat.S_IMODE((folder / "tls").stat().st_mode) == 0o755


def test_a_second_run_changes_nothing(folder: Path) -> None:
    before = contents(folder)

    said = make_secrets(folder)

    assert contents(folder) == before
    assert "complete already" in said


def test_what_is_missing_is_added_and_the_rest_is_kept(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    before = contents(tmp_path)
    (tmp_path / "secret-key").unlink()

    said = make_secrets(tmp_path)

    after = contents(tmp_path)
    assert after.pop("secret-key") != before.pop("secret-key")
    assert after == before
    assert said.strip().endswith("wrote secret-key")


def test_secrets_are_long_and_no_two_are_alike(folder: Path) -> None:
    names = ("secret-key", "address-key", "postgres-password", "rabbitmq-password")
    passwords = [contents(folder)[name] for name in names]
    passwords += [
        urlsplit(contents(folder)[f"{s}-{kind}-url"]).password or ""
        for s in SERVICES
        for kind in ("database", "amqp")
    ]

    assert len(set(passwords)) == len(passwords) == 10
    assert all(re.fullmatch(r"[0-9a-f]{64}", password) for password in passwords)


def test_the_keys_of_sessions_are_a_pair(folder: Path) -> None:
    private, public = contents(folder)["session-key"], contents(folder)["session-public-key"]

    assert keys.public_of_pem(private) == public
    assert keys.private_key(private).sign(b"x") != keys.private_key(keys.new_pair()[0]).sign(b"x")


def test_the_public_key_follows_a_new_private_one(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    old = contents(tmp_path)["session-public-key"]
    (tmp_path / "session-key").unlink()

    said = make_secrets(tmp_path)

    assert said.strip().endswith("wrote session-key, session-public-key")
    assert contents(tmp_path)["session-public-key"] != old


def test_the_broker_knows_each_services_password_by_its_hash(
    folder: Path, accounts: dict[str, Any]
) -> None:
    for user in accounts["users"]:
        name = user["name"]
        password = (
            contents(folder)["rabbitmq-password"]
            if name == "operator"
            else urlsplit(contents(folder)[f"{name}-amqp-url"]).password or ""
        )
        stored = base64.b64decode(user["password_hash"])
        assert hashlib.sha256(stored[:4] + password.encode()).digest() == stored[4:]


def test_a_service_declares_nothing_and_reads_only_its_own_queues(accounts: dict[str, Any]) -> None:
    of = {permission["user"]: permission for permission in accounts["permissions"]}

    for service in SERVICES:
        assert not re.search(of[service]["configure"], "anything")
        assert re.search(of[service]["write"], "messages")
        assert not re.search(of[service]["write"], "amq.default")
        for queue in [q for s in SERVICES for q in (s, f"{s}.parked")]:
            own = queue.split(".")[0] == service
            assert bool(re.search(of[service]["read"], queue)) == own


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_send_its_own_messages_only(accounts: dict[str, Any], service: str) -> None:
    (allowed,) = (t["write"] for t in accounts["topic_permissions"] if t["user"] == service)

    for name, message in CATALOGUE.items():
        assert bool(re.search(allowed, name)) == (service == message.SENDER)


def test_accounts_follow_the_catalogue_without_new_passwords(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    before = contents(tmp_path)
    older = json.loads(before["20-accounts.json"])
    older["topic_permissions"][0]["write"] = "^older$"
    (tmp_path / "20-accounts.json").unlink()
    (tmp_path / "20-accounts.json").write_text(json.dumps(older))

    said = make_secrets(tmp_path)

    assert contents(tmp_path) == before
    assert said.strip().endswith("wrote 20-accounts.json")


def test_where_mail_goes_can_be_given_at_the_start(tmp_path: Path) -> None:
    make_secrets(tmp_path, SMTP_URL="smtp://relay.example:587")

    assert contents(tmp_path)["smtp-url"] == "smtp://relay.example:587"
