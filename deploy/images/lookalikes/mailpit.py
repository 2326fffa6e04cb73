#!/usr/bin/python3
# ruff: noqa: N802, S104, S311 - names are the libraries'; it serves a container
"""Stand-in for axllent/mailpit: SMTP on 1025; on 8025 a plain inbox page and part of its API v1.

GET / /livez /readyz /api/v1/info /api/v1/messages /api/v1/search?query=
GET /api/v1/message/{ID|latest}[/raw|/headers]      DELETE /api/v1/messages
GET|PUT /api/v1/chaos (with MP_ENABLE_CHAOS=true)   MP_MAX_MESSAGES=0 keeps everything
"""

import sys

if sys.argv[1:2] == ["readyz"]:  # the health check comes often, so it loads nothing else
    import socket

    with socket.create_connection(("127.0.0.1", 8025), timeout=3) as server:
        server.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
        sys.exit(b" 200 " not in server.recv(64))

import email
import email.policy
import email.utils
import html
import json
import os
import random
import threading
import uuid
from collections import deque
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from urllib.parse import parse_qs, urlsplit

LOCK = threading.Lock()
MAIL = deque(maxlen=int(os.environ.get("MP_MAX_MESSAGES", 500)) or None)  # newest first
CHAOS_ON = os.environ.get("MP_ENABLE_CHAOS", "").lower() in ("1", "true", "yes")
QUIET = {k: {"ErrorCode": 451, "Probability": 0} for k in ("Sender", "Recipient", "Authentication")}
CHAOS = dict(QUIET)


def chaos(which):
    c = CHAOS[which]
    unlucky = random.randrange(100) < c["Probability"]
    return f"{c['ErrorCode']} Chaos {which.lower()} error" if unlucky else None


def addresses(values):
    pairs = email.utils.getaddresses([str(v) for v in values])
    return [{"Name": name, "Address": address} for name, address in pairs if address]


def body(mail, kind):
    part = mail.get_body((kind,))
    try:
        return part.get_content() if part else ""
    except (LookupError, ValueError):  # an unknown character set: the raw message is kept anyhow
        return ""


def kept(envelope):
    """One mail as the API tells it."""
    mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
    to, cc = addresses(mail.get_all("To", [])), addresses(mail.get_all("Cc", []))
    seen = {a["Address"].lower() for a in to + cc}
    nobody = [{"Name": "", "Address": envelope.mail_from or ""}]
    sender = addresses(mail.get_all("From", [])) or nobody
    return {
        "ID": uuid.uuid4().hex[:22],
        "MessageID": str(mail.get("Message-ID", "")).strip("<> "),
        "Read": False,
        "From": sender[0],
        "To": to,
        "Cc": cc,
        "Bcc": [{"Name": "", "Address": r} for r in envelope.rcpt_tos if r.lower() not in seen],
        "ReplyTo": addresses(mail.get_all("Reply-To", [])),
        "Subject": str(mail.get("Subject", "")),
        "Created": datetime.now(UTC).isoformat(),
        "Tags": [],
        "Size": len(envelope.content),
        "Attachments": sum(1 for _ in mail.iter_attachments()) if mail.is_multipart() else 0,
        "Text": body(mail, "plain"),
        "HTML": body(mail, "html"),
        "Raw": envelope.content,
        "Return": envelope.mail_from or "",
    }


class Sink:
    async def handle_MAIL(self, server, session, envelope, address, options):
        if refused := chaos("Sender"):
            return refused
        envelope.mail_from = address
        return "250 2.1.0 Ok"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if refused := chaos("Recipient"):
            return refused
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server, session, envelope):
        mail = kept(envelope)
        with LOCK:
            MAIL.appendleft(mail)
        return f"250 2.0.0 Ok: queued as {mail['ID']}"


def matches(m, query):
    def who(*fields):
        people = [a for f in fields for a in (m[f] if isinstance(m[f], list) else [m[f]])]
        return " ".join(f"{a['Address']} {a['Name']}" for a in people)

    for term in query.split():
        key, _, value = term.partition(":") if ":" in term else ("", "", term)
        hay = {
            "to": lambda: who("To"),
            "from": lambda: who("From"),
            "addressed": lambda: who("To", "Cc", "Bcc", "From"),
            "subject": lambda: m["Subject"],
            "message-id": lambda: m["MessageID"],
        }.get(key, lambda: " ".join((m["Subject"], m["Text"], who("From", "To"))))
        if value.strip('"').lower() not in hay().lower():
            return False
    return True


def inbox(mail):
    rows = "".join(
        "<tr><td>{}<td>{}<td><a href='/api/v1/message/{}/raw'>{}</a>".format(
            m["Created"][11:19],
            html.escape(", ".join(a["Address"] for a in m["To"])),
            m["ID"],
            html.escape(m["Subject"]) or "(no subject)",
        )
        for m in islice(mail, 200)
    )
    title = f"Inbox ({len(mail)})"
    head = f"<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1>"
    return f"{head}<table>{rows}</table>"


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self, content, code=200, kind="application/json"):
        text = content if isinstance(content, (bytes, str)) else json.dumps(content)
        data = text.encode() if isinstance(text, str) else text
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def sent(self):
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")

    def missing(self):
        self.reply({"Error": "not found"}, 404)

    def do_GET(self):
        url = urlsplit(self.path)
        query = {k: v[0] for k, v in parse_qs(url.query).items()}
        with LOCK:
            mail = list(MAIL)
        pages = {
            "/": lambda: self.reply(inbox(mail), kind="text/html"),
            "/livez": lambda: self.reply("ok", kind="text/plain"),
            "/readyz": lambda: self.reply("ok", kind="text/plain"),
            "/api/v1/info": lambda: self.reply({"Version": "look-alike", "Messages": len(mail)}),
            "/api/v1/chaos": lambda: self.reply(CHAOS) if CHAOS_ON else self.missing(),
            "/api/v1/messages": lambda: self.listing(mail, query),
            "/api/v1/search": lambda: self.listing(mail, query),
        }
        pages.get(url.path, lambda: self.one(mail, url.path))()

    def listing(self, mail, query):
        hits = [m for m in mail if matches(m, query.get("query", ""))]
        start, limit = int(query.get("start", 0)), int(query.get("limit", 50))
        hidden = ("Text", "HTML", "Raw", "Return")
        page = [
            {k: v for k, v in m.items() if k not in hidden} | {"Snippet": m["Text"][:250]}
            for m in hits[start : start + limit]
        ]
        self.reply(
            {
                "total": len(mail),
                "unread": len(mail),
                "count": len(page),
                "messages_count": len(hits),
                "start": start,
                "tags": [],
                "messages": page,
            }
        )

    def one(self, mail, path):
        ident, _, part = path.removeprefix("/api/v1/message/").partition("/")
        m = next((m for m in mail if ident in ("latest", m["ID"])), None)
        if m is None:
            self.missing()
        elif part == "raw":
            self.reply(m["Raw"], kind="text/plain; charset=utf-8")
        elif part == "headers":
            found = {}
            parsed = email.message_from_bytes(m["Raw"], policy=email.policy.default)
            for name, value in parsed.items():
                found.setdefault(name, []).append(str(value))
            self.reply(found)
        else:
            full = {k: v for k, v in m.items() if k not in ("Raw", "Read", "Created", "Return")}
            more = {"Date": m["Created"], "ReturnPath": m["Return"], "Inline": []}
            self.reply(full | more | {"Attachments": []})

    def do_PUT(self):
        if self.path == "/api/v1/chaos" and CHAOS_ON:
            CHAOS.update(QUIET | self.sent())
            self.reply(CHAOS)
        else:
            self.missing()

    def do_DELETE(self):
        if self.path != "/api/v1/messages":
            self.missing()
            return
        ids = self.sent().get("IDs")
        with LOCK:
            left = [m for m in MAIL if ids and m["ID"] not in ids]
            MAIL.clear()
            MAIL.extend(left)
        self.reply("ok", kind="text/plain")

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128


if __name__ == "__main__":
    from aiosmtpd.controller import Controller

    Controller(Sink(), hostname="0.0.0.0", port=1025, auth_require_tls=False).start()
    print("smtp :1025  http :8025", flush=True)
    Server(("0.0.0.0", 8025), Api).serve_forever()
