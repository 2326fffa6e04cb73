"""One sender process: mails a second to a catcher on this machine, over a kept connection."""

from __future__ import annotations

import smtplib
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.notifications import sender
from services.notifications.config import Settings
from services.notifications.mail.composing import Mail, compose
from services.notifications.operations import sending
from services.notifications.smtp import Line, Server
from shared import consumer, keys
from shared.database import Database

from .bare import catching_mail, read_arrivals
from .carrying import Reader
from .effort import Effort
from .report import Report, Target
from .system import System

SENT = "mails/s of one sender, text, HTML and calendar"
SIGNED = f"{SENT}, signed with DKIM"
DUE = "a batch that is due among a million planned notices, found and claimed"
MAKE_PLANNED = """
INSERT INTO notices (key, kind, subject, revision, state, reason, recipient, details, message_id,
                     calendar_sequence, attempts, doubts, created_at, due_at)
SELECT 'bench:' || n, CASE n %% 2 WHEN 0 THEN 'mailing' ELSE 'confirmation' END, 'bench/' || n, 0,
       'planned', '', '', '{}', gen_random_uuid(), 0, 0, 0, now(),
       now() + make_interval(secs => %(soonest)s + n)
FROM generate_series(1, %(number)s) AS n
"""


def measure_sender(system: System, reader: Reader, effort: Effort, report: Report) -> None:
    """Send due notices with the real sender, and ready-made mails by smtplib, taking turns."""
    report.progress("sender: making notices")
    measure = report.measure(SENT, "/s", Target(least=300))
    signing = report.measure(SIGNED, "/s")
    with TemporaryDirectory() as folder, catching_mail(Path(folder, "arrivals")) as port:
        settings = Settings(
            database_url=system.databases["notifications"],
            session_public_key=keys.new_pair()[1],
            address_key="a" * 40,
            smtp_url=f"smtp://127.0.0.1:{port}?tls=never",
        )
        signed = replace(settings, dkim_key=new_signing_key())
        with closing(Database(settings.database_url)) as db:
            db.info["settings"] = settings
            for turn in range(effort.rounds):
                sample = make_due(db, reader, effort.notices, settings)
                measure.values.append(send_real(db, settings, effort, Path(folder, "arrivals")))
                measure.raw.append(send_raw(port, sample, effort))
                report.progress(
                    f"round {turn + 1}/{effort.rounds}, {SENT}: {measure.values[-1]:.0f}, "
                    f"raw {measure.raw[-1]:.0f}"
                )
                make_due(db, reader, effort.notices, settings)
                signing.values.append(send_real(db, signed, effort, Path(folder, "arrivals")))
                report.progress(f"signed: {signing.values[-1]:.0f}")


def measure_due(system: System, effort: Effort, report: Report) -> None:
    """Find and claim what is due among notices that wait for a later hour, in milliseconds."""
    measure = report.measure(DUE, "ms", Target(most=10))
    with psycopg.connect(system.databases["notifications"], autocommit=True) as connection:
        connection.execute("DELETE FROM notices")
        report.progress(f"due: planning {effort.planned:,} notices")
        for soonest, number in ((3600, effort.planned), (-86400, sending.AT_A_TIME * 2)):
            numbers = {"soonest": soonest, "number": number}
            made = MAKE_PLANNED.replace("bench", f"bench{soonest}")
            connection.execute(made, numbers)  # type: ignore[call-overload]
        connection.execute("VACUUM ANALYZE notices")
        with closing(Database(system.databases["notifications"])) as db:
            measure.values += [claim_once(db) for _ in range(1 + 10 * effort.rounds)][1:]
        connection.execute("TRUNCATE notices CASCADE")


def claim_once(db: Database) -> float:
    """Find and claim a batch, and undo it; return the milliseconds."""
    with db.writing() as session:
        way, now = sending.Way(), db.now(session)
        started = time.perf_counter()
        assert sending.is_anything_due(session, way, now=now)
        batch = sending.claim_due(session, way, now=now)
        took = time.perf_counter() - started
        assert len(batch.notice_ids) == sending.AT_A_TIME
        session.rollback()
    return took * 1000


def new_signing_key() -> str:
    """Return a key as most sign with: RSA, 2048 bits, in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def make_due(db: Database, reader: Reader, count: int, settings: Settings) -> Mail:
    """Leave exactly so many notices due; return one of them as a finished mail."""
    address = settings.database_url
    with psycopg.connect(address) as connection:
        connection.execute("DELETE FROM notices")
    for start in range(0, count + 1, consumer.BATCH):
        bodies = [e.body for e in reader.envelopes(min(consumer.BATCH, count + 1 - start))]
        consumer.receive(db, reader.handlers, bodies)
    with db.writing() as session:
        now = db.now(session)
        batch = sending.claim_due(session, sending.Way(), now=now, limit=1)
        letter = sending.begin(session, batch.notice_ids[0], batch.claim, now=now)
        assert letter, "the notice is not to be sent"
        return compose(letter, settings)


def send_real(db: Database, settings: Settings, effort: Effort, arrivals: Path) -> float:
    """Run the sender until its time is up or all is sent; return mails a second."""
    line = Line(Server.from_url(settings.smtp_url), own_name="bench.example", timeout=20)
    stop = threading.Event()
    timer = threading.Timer(effort.seconds * 2, stop.set)
    timer.start()
    before = len(read_arrivals(arrivals))
    with closing(line):
        started = time.monotonic()
        while not stop.is_set() and sender.work_off(db, settings, line, stop):
            pass
        seconds = time.monotonic() - started
    timer.cancel()
    return (len(read_arrivals(arrivals)) - before) / seconds


def send_raw(port: int, mail: Mail, effort: Effort) -> float:
    """Hand over the same mail again and again by smtplib alone; return mails a second."""
    done = 0
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        started = time.monotonic()
        while time.monotonic() - started < effort.seconds:
            smtp.sendmail(mail.sender, mail.recipient, mail.body)
            done += 1
        return done / (time.monotonic() - started)
