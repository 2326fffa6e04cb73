"""Lists as CSV, for spreadsheets: a header, UTF-8, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of cells that a spreadsheet may take for a formula."""

MOST = 50_000
"""Rows that a list is cut off at: what a process holds in memory for one stays bounded."""


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return the rows as CSV (RFC 4180) below a header."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([disarmed(name) for name in header])
    writer.writerows([disarmed(cell) for cell in row] for row in rows)
    return written.getvalue()


def disarmed(cell: Any) -> str:
    """Return a cell as text; one that a spreadsheet may take for a formula gets an apostrophe.

    Numbers of ours are no formulas, negative ones included.
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int | float):
        return str(cell)
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    text = str(cell)
    return f"'{text}" if text.startswith(DANGEROUS) else text
