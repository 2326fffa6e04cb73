"""What is read out of a report of a mail that came back."""

from __future__ import annotations

import time
from uuid import UUID

import pytest

from services.notifications.rules.reports import Report, kind_of, read_report, without_addresses
from services.notifications.rules.return_path import read_token, return_path, token_of

from .returned import as_mail, bounced, complained

NUMBER = UUID("6b1f2a52-3f3a-4a4b-9d3f-1f6f3d0f7a11")
KEY = "k" * 40
MAIL_FROM = return_path("bounces@lists.example", NUMBER, key=KEY)


def read(raw: bytes) -> Report:
    report = read_report(raw)
    assert report is not None
    return report


def tokens_in(report: Report) -> list[UUID | None]:
    return [read_token(token, key=KEY) for token in report.tokens]


def test_a_report_says_which_mail_and_why() -> None:
    report = read(bounced(MAIL_FROM, original="Ada@Posts.example"))

    assert (report.kind, report.code) == ("hard", "5.1.1")
    assert tokens_in(report) == [NUMBER]
    assert report.reason == "550 5.1.1 (address) no such user"


def test_a_report_may_quote_headers_alone() -> None:
    quoted = f"<1@elsewhere.example>\nReturn-Path: <{MAIL_FROM}>"

    assert tokens_in(read(bounced(message_id=quoted, quoting="text/rfc822-headers"))) == [NUMBER]


@pytest.mark.parametrize(
    "status,why,code,kind",
    [
        ("5.1.1", "no such user", "5.1.1", "hard"),
        ("5.1.10", "null mx", "5.1.10", "hard"),
        ("5.2.1", "disabled", "5.2.1", "hard"),
        ("5.2.2", "full", "5.2.2", "soft"),
        ("5.7.1", "spam", "5.7.1", "soft"),
        ("5.1.8", "bad sender", "5.1.8", "soft"),
        ("4.4.7", "expired", "4.4.7", "soft"),
        ("5.0.0", "said 550 5.1.1 unknown", "5.1.1", "hard"),
        ("5.0.0 (permanent failure)", "no", "5.0.0", "soft"),
    ],
)
def test_only_an_address_that_takes_no_mail_is_a_hard_bounce(
    status: str, why: str, code: str, kind: str
) -> None:
    report = read(bounced(status=status, why=why).replace(b"550 5.0.0", b"550"))

    assert (report.code, report.kind) == (code, kind)


def test_a_code_that_nobody_gave_is_soft() -> None:
    assert kind_of("") == "soft"


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_what_is_only_late_or_arrived_is_no_bounce(action: str) -> None:
    assert read_report(bounced(action=action)) is None


@pytest.mark.parametrize("kind", ["abuse", "Fraud", "other", "opt-out"])
def test_a_complaint_names_the_mail(kind: str) -> None:
    report = read(complained(kind=kind, mail_from=MAIL_FROM))

    assert (report.kind, tokens_in(report)) == ("complained", [NUMBER])


def test_a_message_id_in_a_mail_proves_nothing() -> None:
    for report in (bounced, complained):
        read_out = read(report(message_id=f"<{NUMBER}@muster.example>"))
        assert (read_out.tokens, read_out.message_ids) == ((), ())


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure", ""])
def test_other_feedback_is_no_complaint(kind: str) -> None:
    assert read_report(complained(kind=kind)) is None


def test_what_is_no_report_is_known_by_its_subject_without_addresses() -> None:
    report = read(as_mail("From: x@y.example\nSubject: failure notice for ada@posts.example\n\nHi"))

    assert (report.kind, report.subject) == ("unknown", "failure notice for (address)")


@pytest.mark.parametrize("raw", [b"", b"\x00\xff\xfe", b"Content-Type: multipart/report\r\n\r\n--"])
def test_nonsense_is_read_as_nothing_known(raw: bytes) -> None:
    assert read(raw).kind == "unknown"


def test_a_report_without_its_parts_is_read_as_far_as_it_goes() -> None:
    whole = bounced(MAIL_FROM)

    for end in range(0, len(whole), 40):
        read_report(whole[:end])


@pytest.mark.parametrize(
    "layer", [b"Content-Type: message/rfc822\r\n\r\n", b"Content-Type: multipart/mixed; boundary="]
)
def test_mails_within_mails_are_read_as_nothing_known(layer: bytes) -> None:
    multipart = layer.endswith(b"=")
    layers = (layer + b"%d\r\n\r\n--%d\r\n" % (n, n) if multipart else layer for n in range(2000))

    assert read(b"".join(layers)).kind == "unknown"


@pytest.mark.parametrize(
    "charset", ["\0a", "x\0", "idna", "punycode", "undefined", "rot13", "zlib"]
)
def test_a_boundary_that_cannot_be_decoded_is_read_as_nothing_known(charset: str) -> None:
    raw = f"Content-Type: multipart/mixed; boundary*={charset}'en'%E2\n\n--x\n\nHello\n"

    assert read(raw.encode()).kind == "unknown"


def test_a_word_of_any_length_is_read_in_no_time() -> None:
    began = time.process_time()

    assert read(as_mail(f"Subject: {'x' * 200_000}\n\nHi")).subject == "x" * 200
    assert time.process_time() - began < 5


def test_a_field_of_any_length_is_read_in_no_time() -> None:
    for head in (
        'Content-Type: multipart/report; x="',
        'X: y\nContent-Type: a/b; x="\n ',
        # A lone CR ends a line for the parser, too.
        'X: y\rContent-Type: multipart/report; x="',
    ):
        began = time.process_time()
        assert read(as_mail(f'{head}{";" * 250_000}"\n\nHi')).kind == "unknown"
        assert time.process_time() - began < 1


def test_control_characters_leave_a_subject() -> None:
    assert without_addresses("a\r\nb\x00 c@d e" + "x" * 300)[:16] == "a b (address) ex"
    assert len(without_addresses("x" * 300)) == 200


# -- return paths


def test_a_return_path_names_its_mail() -> None:
    local, _, domain = MAIL_FROM.partition("@")
    name, _, token = local.partition("+")

    assert (name, domain) == ("bounces", "lists.example")
    assert len(local) <= 64, "RFC 5321 has no more"
    assert token.isalnum()
    assert token == token.lower()
    assert read_token(token.upper(), key=KEY) == NUMBER


@pytest.mark.parametrize("where", ["to", "mail_from"])
def test_a_return_path_is_found_wherever_it_stands(where: str) -> None:
    report = read(complained(**{where: MAIL_FROM.upper()}))  # type: ignore[arg-type]

    assert tokens_in(report) == [NUMBER]


def test_a_token_that_is_not_ours_names_nothing() -> None:
    token = token_of(NUMBER, key=KEY)

    for at in range(len(token)):
        bent = token[:at] + ("a" if token[at] != "a" else "b") + token[at + 1 :]
        assert read_token(bent, key=KEY) != NUMBER or at == len(token) - 1
    for other in ("", "a", token[:-2], token + "aa", "!" * 42, "1" * 42):
        assert read_token(other, key=KEY) is None
    assert read_token(token, key="other" * 8) is None
