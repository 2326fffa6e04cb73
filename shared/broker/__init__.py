"""RabbitMQ: the only room that speaks to it."""

from shared.broker.consuming import Delivery, Queue
from shared.broker.publishing import EXCHANGE, Publisher

__all__ = ["EXCHANGE", "Delivery", "Publisher", "Queue"]
