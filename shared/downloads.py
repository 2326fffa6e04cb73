"""Answers that a browser stores as a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response

from shared.lists import write_csv


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Return the answer that downloads a list under a name like `events-of-fosse-neighbours`."""
    answer = Response(write_csv(header, rows), mimetype="text/csv")
    file_name = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "list"
    answer.headers["Content-Disposition"] = f'attachment; filename="{file_name}.csv"'
    return answer
