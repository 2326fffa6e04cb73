"""The doctor looks at a real DNS server and a real mail server, and says what to change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from services.notifications.commands.mail import mail
from services.notifications.mail.signing import record_of

from .certificates import make_certificate
from .post_office import DROP, PostOffice, open_post_office
from .test_signing import key_of
from .zone import Zone, open_zone

OURS = "192.0.2.25"
GOOD = (
    'muster.example. IN TXT "v=spf1 ip4:192.0.2.25 -all"',
    'muster.example. IN TXT "something else"',
    "muster.example. IN MX 10 mail.muster.example.",
    "mail.muster.example. IN A 192.0.2.25",
    '_dmarc.muster.example. IN TXT "v=DMARC1; p=quarantine"',
    "25.2.0.192.in-addr.arpa. IN PTR mail.muster.example.",
)
OFFERS_TLS = "250-post.example\r\n250-AUTH PLAIN\r\n250 STARTTLS"
OFFERS_LOGIN = "250-post.example\r\n250 AUTH PLAIN"


def dkim_record(name: str = "muster._domainkey.muster.example") -> str:
    """Return the record that goes with the key of these tests, in parts as a zone file has it."""
    value = record_of(key_of("rsa"))
    return f'{name}. IN TXT "{value[:200]}" "{value[200:]}"'


@pytest.fixture
def zone() -> Iterator[Zone]:
    """The DNS of a domain where all is well."""
    with open_zone(*GOOD, dkim_record()) as opened:
        yield opened


@pytest.fixture
def office(muster: CliRunner, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    """The settings, and the mail server that they name."""
    with open_post_office() as opened:
        monkeypatch.setenv("SMTP_URL", opened.url)
        monkeypatch.setenv("SMTP_TIMEOUT", "1")
        monkeypatch.setenv("PUBLIC_URL", "https://muster.example")
        monkeypatch.setenv("DKIM_KEY", key_of("rsa"))
        yield opened


def examine(muster: CliRunner, zone: Zone, *more: str) -> tuple[int, dict[str, list[Any]]]:
    """Run the doctor; return its exit status and what it found, by what it looked at."""
    done = muster.invoke(mail, ("doctor", "--resolver", zone.address, "--json", *more))
    assert isinstance(done.exception, SystemExit | None), done.output
    found: dict[str, list[Any]] = {}
    for finding in json.loads(done.output):
        found.setdefault(finding["what"].split(" ")[0].split(",")[0], []).append(finding)
    return done.exit_code, found


def verdicts(findings: list[Any]) -> list[str]:
    return [finding["verdict"] for finding in findings]


def test_where_all_is_well_nothing_is_wrong(
    muster: CliRunner, zone: Zone, office: PostOffice
) -> None:
    status, found = examine(muster, zone)

    assert status == 0
    for what in ("SPF", "DKIM", "DMARC", "PTR", "MX"):
        assert set(verdicts(found[what])) == {"ok"}, found[what]
    assert found["PTR"][0]["what"] == f"PTR of {OURS}"
    assert office.senders == [], "nothing is sent"


def test_it_says_it_in_words_too(muster: CliRunner, zone: Zone, office: PostOffice) -> None:
    zone.lines = [line for line in zone.lines if "_dmarc" not in line]

    done = muster.invoke(mail, ("doctor", "--resolver", zone.address))

    assert "✓ SPF of muster.example: It is there: v=spf1 ip4:192.0.2.25 -all" in done.output
    assert "✗ DMARC of muster.example: There is no policy" in done.output
    assert (
        'Publish: _dmarc.muster.example. IN TXT "v=DMARC1; p=none; '
        'rua=mailto:postmaster@muster.example"' in done.output
    )
    assert done.exit_code == 1


@pytest.mark.parametrize(
    "gone,new,what,verdict,change",
    [
        ("v=spf1", (), "SPF", "wrong", '"v=spf1 mx -all"'),
        ("v=spf1", ('muster.example. IN TXT "v=spf1 +all"',), "SPF", "wrong", '"v=spf1 -all"'),
        ("v=spf1", ('muster.example. IN TXT "v=spf1 a"',), "SPF", "warn", '"v=spf1 a -all"'),
        ("", ('muster.example. IN TXT "v=spf1 -all"',), "SPF", "wrong", "v=spf1"),
        ("DKIM1", (), "DKIM", "wrong", "muster._domainkey.muster.example. IN TXT"),
        (
            "DKIM1",
            ('muster._domainkey.muster.example. IN TXT "v=DKIM1; p=QUJD"',),
            "DKIM",
            "wrong",
            "v=DKIM1; k=rsa; p=",
        ),
        ("DMARC1", (), "DMARC", "wrong", "v=DMARC1; p=none"),
        (
            "DMARC1",
            ('_dmarc.muster.example. IN TXT "v=DMARC1; p=none"',),
            "DMARC",
            "warn",
            '"v=DMARC1; p=quarantine"',
        ),
        (" PTR ", (), "PTR", "wrong", "reverse name"),
        ("IN A 192", (), "PTR", "wrong", "mail.muster.example. IN A 192.0.2.25"),
        (" MX ", (), "MX", "warn", "muster.example. IN MX 10 mail.muster.example."),
        (" MX ", ("muster.example. IN A 192.0.2.25",), "MX", "warn", ""),
        (" MX ", ("muster.example. IN MX 0 .",), "MX", "warn", "IN MX"),
    ],
)
def test_what_is_wrong_is_named_with_what_to_publish(
    muster: CliRunner,
    zone: Zone,
    office: PostOffice,
    gone: str,
    new: tuple[str, ...],
    what: str,
    verdict: str,
    change: str,
) -> None:
    zone.lines = [*(line for line in zone.lines if not gone or gone not in line), *new]

    status, found = examine(muster, zone)

    worst = next(finding for finding in found[what] if finding["verdict"] != "ok")
    assert worst["verdict"] == verdict, worst
    assert change in worst["change"]
    assert status == (verdict == "wrong")


def test_a_record_that_it_asks_to_publish_is_right_once_it_is_there(
    muster: CliRunner, zone: Zone, office: PostOffice
) -> None:
    zone.lines = [line for line in zone.lines if "DKIM1" not in line]
    _, found = examine(muster, zone)
    (missing,) = (f for f in found["DKIM"] if f["verdict"] == "wrong")

    zone.lines.append(missing["change"].removeprefix("Publish: "))

    _, found = examine(muster, zone)
    assert verdicts(found["DKIM"]) == ["ok", "ok"]


@pytest.mark.parametrize(
    "server,verdict", [(OURS, "ok"), ("198.51.100.7", "wrong"), ("2001:db8::7", "ok")]
)
def test_spf_has_to_let_our_own_server_send(
    muster: CliRunner, zone: Zone, office: PostOffice, server: str, verdict: str
) -> None:
    zone.lines = [line for line in zone.lines if "spf1" not in line]
    zone.lines += [
        'muster.example. IN TXT "v=spf1 include:spf.provider.example mx -all"',
        'spf.provider.example. IN TXT "v=spf1 ip6:2001:db8::/32 ~all"',
    ]

    _, found = examine(muster, zone, "--server", server)

    assert found["SPF"][-1]["verdict"] == verdict
    if verdict == "wrong":
        assert "v=spf1 ip4:198.51.100.7 include:" in found["SPF"][-1]["change"]


def test_an_spf_that_asks_for_too_much_is_broken(
    muster: CliRunner, zone: Zone, office: PostOffice
) -> None:
    includes = " ".join(f"include:spf{number}.example" for number in range(11))
    zone.lines = [line for line in zone.lines if "spf1" not in line]
    zone.lines.append(f'muster.example. IN TXT "v=spf1 {includes} -all"')

    _, found = examine(muster, zone)

    assert "It asks for 11 other records" in found["SPF"][0]["says"]


def test_a_signature_of_another_domain_proves_nothing(
    muster: CliRunner, zone: Zone, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DKIM_DOMAIN", "elsewhere.example")
    zone.lines.append(dkim_record("muster._domainkey.elsewhere.example"))

    _, found = examine(muster, zone)

    assert verdicts(found["DKIM"]) == ["ok", "wrong"]


def test_what_comes_back_needs_a_server_that_takes_it(
    muster: CliRunner, zone: Zone, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOUNCE_ADDRESS", "bounces@lists.muster.example")

    status, found = examine(muster, zone)

    assert [f["what"] for f in found["SPF"]] == ["SPF of lists.muster.example"]
    assert verdicts(found["MX"]) == ["ok", "wrong"]
    assert status == 1


def test_a_dns_that_does_not_answer_is_said(
    muster: CliRunner, zone: Zone, office: PostOffice
) -> None:
    zone.is_broken = True

    status, found = examine(muster, zone)

    assert status == 1
    assert {finding["verdict"] for finding in found["DNS"]} == {"wrong"}
    assert "does not answer for muster.example" in found["DNS"][0]["says"]


# -- the mail server


@pytest.fixture
def trusted(tmp_path: Path, office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> PostOffice:
    """A mail server with a certificate that this machine trusts."""
    certificate = make_certificate(tmp_path)
    office.tls = certificate.for_server()
    office.script["ehlo"] = [OFFERS_TLS, OFFERS_LOGIN]
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    monkeypatch.setenv("SMTP_URL", f"smtp://me:secret@127.0.0.1:{office.port}")
    return office


def test_a_server_that_encrypts_and_lets_us_in_is_well(
    muster: CliRunner, zone: Zone, trusted: PostOffice
) -> None:
    status, found = examine(muster, zone)

    assert (status, verdicts(found["SMTP_URL"])) == (0, ["ok", "ok", "ok"])
    assert "its certificate is good until" in found["SMTP_URL"][1]["says"]
    assert trusted.senders == []


def test_a_wrong_password_is_told_with_the_answer(
    muster: CliRunner, zone: Zone, trusted: PostOffice
) -> None:
    trusted.script["auth"] = ["535 5.7.8 wrong"] * 3

    status, found = examine(muster, zone)

    assert (status, found["SMTP_URL"][-1]["verdict"]) == (1, "wrong")
    assert "535 5.7.8 wrong" in found["SMTP_URL"][-1]["says"]


def test_a_certificate_that_ends_soon_is_told(
    muster: CliRunner,
    zone: Zone,
    trusted: PostOffice,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    certificate = make_certificate(tmp_path, days=7)
    trusted.tls = certificate.for_server()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))

    _, found = examine(muster, zone)

    assert verdicts(found["SMTP_URL"]) == ["ok", "warn", "ok"]


@pytest.mark.parametrize(
    "how",
    [{"days": -1}, {"address": "192.0.2.1"}, {}],
    ids=["expired", "another name", "not trusted"],
)
def test_a_certificate_that_is_not_to_be_trusted_is_told(
    muster: CliRunner,
    zone: Zone,
    trusted: PostOffice,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    how: dict[str, Any],
) -> None:
    certificate = make_certificate(tmp_path, **how)
    trusted.tls = certificate.for_server()
    if how:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    else:
        monkeypatch.delenv("SSL_CERT_FILE")

    status, found = examine(muster, zone)

    assert (status, verdicts(found["SMTP_URL"])) == (1, ["ok", "wrong"])
    assert "not to be trusted" in found["SMTP_URL"][1]["says"]
    assert trusted.script.get("auth") is None


@pytest.mark.parametrize(
    "user,verdict", [("me:secret@", "wrong"), ("", "warn")], ids=["password", "none"]
)
def test_a_server_without_starttls_is_told(
    muster: CliRunner,
    zone: Zone,
    office: PostOffice,
    monkeypatch: pytest.MonkeyPatch,
    user: str,
    verdict: str,
) -> None:
    monkeypatch.setenv("SMTP_URL", f"smtp://{user}127.0.0.1:{office.port}")

    _, found = examine(muster, zone)

    assert verdicts(found["SMTP_URL"]) == ["ok", verdict]


def test_a_server_that_hangs_up_is_told(muster: CliRunner, zone: Zone, office: PostOffice) -> None:
    office.script["connect"] = [DROP]

    status, found = examine(muster, zone)

    assert (status, verdicts(found["SMTP_URL"])) == (1, ["wrong"])
    assert "cannot be reached" in found["SMTP_URL"][0]["says"]


def test_the_second_server_is_looked_at_too(
    muster: CliRunner, zone: Zone, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BULK_SMTP_URL", "smtp://127.0.0.1:1?tls=never")

    _, found = examine(muster, zone)

    assert verdicts(found["BULK_SMTP_URL"]) == ["wrong"]


def test_without_settings_it_says_what_to_set(
    muster: CliRunner, zone: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://muster.example")

    _, found = examine(muster, zone)

    assert "openssl genrsa 2048" in found["DKIM"][0]["change"]
    assert "Set SMTP_URL" in found["SMTP_URL"][0]["change"]


@pytest.mark.parametrize(
    "words",
    [("--resolver", "nowhere"), ("--resolver", "127.0.0.1:x"), ("--server", "mail.example")],
)
def test_what_is_no_address_is_refused(muster: CliRunner, words: tuple[str, str]) -> None:
    assert muster.invoke(mail, ("doctor", *words)).exit_code == 2
