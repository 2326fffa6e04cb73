"""What a mail server's answers mean, by code and stage."""

from __future__ import annotations

import pytest

from services.notifications.rules.replies import Meaning, Reply, Stage, describe, read_reply

LATER, NEVER, TAKEN = Meaning.LATER, Meaning.NEVER, Meaning.TAKEN
BOUNCED, CLOSED, UNKNOWN = Meaning.NO_SUCH_ADDRESS, Meaning.CHANNEL_CLOSED, Meaning.UNKNOWN


@pytest.mark.parametrize(
    "stage,code,text,meaning",
    [
        (Stage.CONNECT, 0, "", LATER),
        (Stage.CONNECT, 421, "4.3.2 busy", LATER),
        (Stage.CONNECT, 554, "5.7.1 go away", LATER),
        (Stage.HELLO, 0, "", LATER),
        (Stage.HELLO, 550, "no", LATER),
        (Stage.LOGIN, 454, "4.7.0 later", LATER),
        (Stage.LOGIN, 535, "5.7.8 wrong password", CLOSED),
        (Stage.LOGIN, 550, "no", CLOSED),
        (Stage.MAIL, 0, "", LATER),
        (Stage.MAIL, 250, "ok", TAKEN),
        (Stage.MAIL, 421, "4.4.2 closing", LATER),
        (Stage.MAIL, 451, "4.3.0 error", LATER),
        (Stage.MAIL, 530, "5.7.0 log in first", CLOSED),
        (Stage.MAIL, 550, "5.1.8 bad sender", CLOSED),
        (Stage.MAIL, 553, "not your address", CLOSED),
        (Stage.MAIL, 553, "5.6.7 needs SMTPUTF8", NEVER),
        (Stage.RCPT, 0, "", LATER),
        (Stage.RCPT, 250, "2.1.5 ok", TAKEN),
        (Stage.RCPT, 251, "2.1.5 forwarded", TAKEN),
        (Stage.RCPT, 450, "4.2.0 greylisted", LATER),
        (Stage.RCPT, 452, "4.2.2 full", LATER),
        (Stage.RCPT, 550, "5.1.1 no such user", BOUNCED),
        (Stage.RCPT, 550, "5.1.10 null mx", BOUNCED),
        (Stage.RCPT, 550, "5.2.1 disabled", BOUNCED),
        (Stage.RCPT, 550, "5.1.8 bad sender", NEVER),
        (Stage.RCPT, 552, "5.2.2 full", NEVER),
        (Stage.RCPT, 550, "5.7.1 blocked", NEVER),
        (Stage.RCPT, 550, "no such user", NEVER),
        (Stage.DATA, 0, "", LATER),
        (Stage.DATA, 354, "go on", TAKEN),
        (Stage.DATA, 451, "4.3.0 error", LATER),
        (Stage.DATA, 554, "5.5.1 no valid recipients", NEVER),
        (Stage.BODY, 0, "", UNKNOWN),
        (Stage.BODY, 250, "2.0.0 taken", TAKEN),
        (Stage.BODY, 451, "4.7.1 later", LATER),
        (Stage.BODY, 550, "5.1.1 late bounce", NEVER),
        (Stage.BODY, 550, "5.7.1 spam", NEVER),
        (Stage.BODY, 554, "no", NEVER),
    ],
)
def test_an_answer_is_read_by_its_code_and_its_stage(
    stage: Stage, code: int, text: str, meaning: Meaning
) -> None:
    assert read_reply(Reply(stage, code, text)) is meaning


def test_a_reason_repeats_the_answer_but_no_address() -> None:
    reason = describe(Reply(Stage.RCPT, 550, "5.1.1 <ada@posts.example>:\nno such user"))

    assert reason == (
        "The mail server answered 550 5.1.1 (address) no such user when naming the recipient."
    )


def test_what_cannot_be_kept_or_shown_of_an_answer_is_left_out() -> None:
    assert "550 no pe\u00e9 when" in describe(Reply(Stage.RCPT, 550, "no\0pe\u00e9\ud800"))


def test_silence_is_named_with_its_stage() -> None:
    assert describe(Reply(Stage.BODY, 0)) == (
        "The mail server did not answer when handing over the text."
    )
