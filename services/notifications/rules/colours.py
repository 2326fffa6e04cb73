"""Colours of mails that everybody can read, by day and by night (WCAG 2.2: contrast of 4.5)."""

from __future__ import annotations

import re
from colorsys import hls_to_rgb, rgb_to_hls

STANDARD = "#7c4121"
COLOUR = re.compile(r"#[0-9a-f]{6}")
ON_BUTTON = "#fff8ec"
"""The words on a button by day; paper is lighter still, so links stand out from it even more."""

ON_BUTTON_AT_NIGHT = "#2a1709"
PAPER_AT_NIGHT = "#25211c"
ENOUGH = 4.5
ENOUGH_AT_NIGHT = 7
"""More than must be: light letters seem thinner."""

STEPS = 200
"""Degrees of lightness that are tried."""


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour like #7c4121, from 0 to 1, as WCAG defines it."""
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return how much two colours differ, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def is_readable(colour: str) -> bool:
    """Tell whether the words on a button of this colour, and links in it, can be read by day."""
    return contrast(colour, ON_BUTTON) >= ENOUGH


def nearest_readable(colour: str) -> str:
    """Return the same hue, darker until it can be read; the colour itself when it can be."""
    return next(shade for shade in _shades(colour, end=0.0) if is_readable(shade))


def at_night(colour: str) -> str:
    """Return the same hue, lighter until it can be read on dark paper and under dark words."""
    return next(shade for shade in _shades(colour, end=1.0) if _is_readable_at_night(shade))


def _is_readable_at_night(colour: str) -> bool:
    least = min(contrast(colour, PAPER_AT_NIGHT), contrast(colour, ON_BUTTON_AT_NIGHT))
    return least >= ENOUGH_AT_NIGHT


def _shades(colour: str, *, end: float) -> list[str]:
    """Return the colour and its shades on the way to black (0) or white (1)."""
    hue, light, saturation = rgb_to_hls(
        *(int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    )
    steps = (light + (end - light) * step / STEPS for step in range(1, STEPS + 1))
    return [colour, *(_hex(*hls_to_rgb(hue, step, saturation)) for step in steps)]


def _hex(*parts: float) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)
