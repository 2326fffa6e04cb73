"""Give the running broker the definitions of this version: the topology and the accounts.

Runs in a container of its own with nothing but Python. What is there already stays as it is; what
was removed from the definitions is not removed from the broker.
"""

import base64
import urllib.request
from pathlib import Path

BROKER = "http://rabbitmq:15672"


def main():
    password = Path("/run/secrets/rabbitmq-password").read_text(encoding="utf-8")
    credentials = base64.b64encode(f"operator:{password}".encode()).decode()
    for path in sorted(Path("/srv/definitions").glob("*.json")):
        request = urllib.request.Request(  # noqa: S310 - the broker's own address
            f"{BROKER}/api/definitions",
            data=path.read_bytes(),
            headers={
                "Authorization": f"Basic {credentials}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=20):  # noqa: S310
            print(f"imported {path.name}")


if __name__ == "__main__":
    main()
