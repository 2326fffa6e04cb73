"""Write the broker's topology from the services' tables of handlers.

python -m deploy.rabbitmq.topology    writes definitions/10-topology.json
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from shared.broker import EXCHANGE
from shared.handlers import names_of

ROOT = Path(__file__).resolve().parent.parent.parent
PATH = Path(__file__).resolve().parent / "definitions" / "10-topology.json"
DELIVERY_LIMIT = 20
UNLIMITED = -1


def main() -> None:
    PATH.write_text(text(), encoding="utf-8")
    print(f"wrote {PATH.relative_to(ROOT)}")


def text() -> str:
    """Return what the committed file has to say."""
    return json.dumps(topology(bindings()), indent=2) + "\n"


def bindings() -> dict[str, list[str]]:
    """Return each service with the names of the messages that it reads."""
    names = sorted(path.parent.name for path in ROOT.glob("services/*/__init__.py"))
    return {name: names_of(import_module(f"services.{name}.handlers").HANDLERS) for name in names}


def topology(reads: dict[str, list[str]], vhost: str = "/") -> dict[str, Any]:
    """Return RabbitMQ definitions: one exchange, and for each service its queue and what is parked.

    What a queue delivered in vain too often goes to `<service>.parked` by the broker itself, which
    keeps it until that queue has it (dead-lettering "at least once" demands reject-publish).
    """
    parked = {service: f"{service}.parked" for service in reads}
    return {
        "vhosts": [{"name": vhost}],
        "exchanges": [
            {
                "name": EXCHANGE,
                "vhost": vhost,
                "type": "topic",
                "durable": True,
                "auto_delete": False,
                "internal": False,
                "arguments": {},
            }
        ],
        "queues": [
            {
                "name": name,
                "vhost": vhost,
                "durable": True,
                "auto_delete": False,
                "arguments": {"x-queue-type": "quorum"},
            }
            for service in reads
            for name in (service, parked[service])
        ],
        "bindings": [
            {
                "source": EXCHANGE,
                "vhost": vhost,
                "destination": service,
                "destination_type": "queue",
                "routing_key": name,
                "arguments": {},
            }
            for service, names in reads.items()
            for name in names
        ],
        "policies": [
            policy
            for service in reads
            for policy in (
                _policy(
                    vhost,
                    service,
                    {
                        "delivery-limit": DELIVERY_LIMIT,
                        "dead-letter-exchange": "",
                        "dead-letter-routing-key": parked[service],
                        "dead-letter-strategy": "at-least-once",
                        "overflow": "reject-publish",
                    },
                ),
                _policy(vhost, parked[service], {"delivery-limit": UNLIMITED}),
            )
        ],
    }


def _policy(vhost: str, queue: str, definition: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": queue,
        "vhost": vhost,
        "pattern": f"^{queue.replace('.', chr(92) + '.')}$",
        "apply-to": "quorum_queues",
        "priority": 1,
        "definition": definition,
    }


if __name__ == "__main__":
    main()
