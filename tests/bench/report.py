"""What was measured, beside its target: as a table to read and as JSON to compare."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Target:
    """At least, or at most, so much: of the figure itself or of its ratio to the raw arm."""

    least: float | None = None
    most: float | None = None
    of_ratio: bool = False

    def __str__(self) -> str:
        bound = f"≥ {self.least:g}" if self.least is not None else f"≤ {self.most:g}"
        return f"ratio {bound}" if self.of_ratio else bound

    def is_met(self, value: float) -> bool:
        """Tell whether the value reaches the target."""
        above = self.least is None or value >= self.least
        return above and (self.most is None or value <= self.most)


@dataclass(kw_only=True)
class Measure:
    """One line of the table: a value for each round, beside it the raw arm's of the same round."""

    what: str
    unit: str
    target: Target | None = None
    values: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    client: list[float] = field(default_factory=list)
    """The load client's share of all processors, from 0 to 1."""

    @property
    def ratio(self) -> float | None:
        """The median of the rounds' ratios."""
        pairs = [value / raw for value, raw in zip(self.values, self.raw, strict=False) if raw]
        return median(pairs) if pairs else None

    @property
    def is_met(self) -> bool | None:
        """Whether the target is reached; nothing where there is none."""
        value = self.ratio if self.target and self.target.of_ratio else median(self.values)
        return None if self.target is None or value is None else self.target.is_met(value)


class Report:
    """All measures, in the order in which they were first told."""

    def __init__(self, say: Callable[[str], None] | None = None) -> None:
        self.measures: dict[str, Measure] = {}
        self.started = datetime.now(UTC)
        self.load_before = os.getloadavg()[0]
        self._began = time.monotonic()
        self._say = say or self._to_terminal

    def measure(self, what: str, unit: str, target: Target | None = None) -> Measure:
        """Return the measure of this name, made when it is asked for first."""
        return self.measures.setdefault(what, Measure(what=what, unit=unit, target=target))

    def progress(self, text: str) -> None:
        """Tell what goes on."""
        self._say(f"[{time.monotonic() - self._began:5.0f} s] {text}")

    def as_markdown(self) -> str:
        """Return the table."""
        lines = [
            "| what | Muster | raw | ratio | p50 / p99 | target | met | load client |",
            "|---|--:|--:|--:|--:|---|---|--:|",
        ]
        for measure in self.measures.values():
            if measure.values:
                lines.append(f"| {' | '.join(cells(measure))} |")
        rounds = max((len(m.values) for m in self.measures.values()), default=0)
        return "\n".join(
            (
                *lines,
                "",
                f"Medians of up to {rounds} rounds, in brackets least and most; ratios are medians "
                f"of the rounds' own. {self.started:%Y-%m-%d %H:%M} UTC, "
                f"Python {platform.python_version()}, {os.cpu_count()} processors, "
                f"load before {self.load_before:.1f}.",
            )
        )

    def as_json(self) -> dict[str, Any]:
        """Return everything that was measured."""
        return {
            "started": self.started.isoformat(),
            "seconds": time.monotonic() - self._began,
            "load_before": self.load_before,
            "processors": os.cpu_count(),
            "python": platform.python_version(),
            "measures": [
                {**asdict(m), "median": median(m.values), "ratio": m.ratio, "met": m.is_met}
                for m in self.measures.values()
                if m.values
            ],
        }

    def write(self, folder: Path) -> Path:
        """Write both into `folder`; return the path of the JSON."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.started:%Y%m%d-%H%M%S}.json"
        path.write_text(json.dumps(self.as_json(), indent=1) + "\n", encoding="utf-8")
        path.with_suffix(".md").write_text(self.as_markdown() + "\n", encoding="utf-8")
        return path

    @staticmethod
    def _to_terminal(text: str) -> None:
        print(text, file=sys.stderr, flush=True)


def cells(measure: Measure) -> list[str]:
    """Return what stands in the columns of one line."""
    met = {True: "yes", False: "**no**", None: ""}[measure.is_met]
    times = f"{median(measure.p50):.1f} / {median(measure.p99):.1f} ms" if measure.p50 else ""
    return [
        measure.what,
        shown(measure.values, measure.unit),
        shown(measure.raw, measure.unit) if measure.raw else "",
        "" if measure.ratio is None else f"{measure.ratio:.2f}",
        times,
        str(measure.target or ""),
        met,
        f"{median(measure.client):.0%}" if measure.client else "",
    ]


def shown(values: list[float], unit: str) -> str:
    """Return the median with least and most."""
    middle = f"{number(median(values))} {unit}".rstrip()
    if len(values) == 1:
        return middle
    return f"{middle} ({number(min(values))}–{number(max(values))})"


def number(value: float) -> str:
    """Return three digits where they matter, and whole numbers without a fraction."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
