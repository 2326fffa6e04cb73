"""A stand-in for a service behind the front door: it tells what it was asked, and can break off.

GET /seen counts the requests so far; a path that ends in /broken is read and never answered.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SEEN = []
LOCK = threading.Lock()


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path != "/seen":
            with LOCK:
                SEEN.append(f"{self.command} {self.path}")
        if self.path.endswith("/broken"):
            self.close_connection = True
            return
        body = json.dumps({"seen": SEEN, "headers": dict(self.headers)}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - the library's name

    def log_message(self, *args):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", 8000), Echo).serve_forever()  # noqa: S104 - in a container
