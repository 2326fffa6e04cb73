"""The picture that goes with a link to an event: drawn by Pillow, or written as SVG."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1200, 630
EDGE = 80
ROOM = WIDTH - 2 * EDGE
PAPER, INK, INK_SOFT = "#faf6ee", "#2a2520", "#625849"
CHESTNUT, CREAM, HONEY, BAD = "#7c4121", "#fdf3e3", "#f0b45f", "#8f2318"
TITLE_SIZES = (84, 72, 62, 54)
MOST_LINES = 3
SMALL = 36
FAMILIES = "'Source Serif Pro', 'Iowan Old Style', Palatino, Georgia, serif"
SMOOTH = 4
"""The logo is drawn so many times larger and then made smaller, for smooth edges."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the picture says: each a line, the title as many as it needs."""

    kind: str
    title: str
    when: str
    where: str
    group: str
    cancelled: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of text, with the place of its baseline's left end."""

    text: str
    y: int
    x: int = EDGE
    size: int = SMALL
    bold: bool = False
    colour: str = INK


def draw_png(said: Said) -> bytes:
    """Return the picture as PNG, 1200 by 630 pixels, as the networks want it."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, 16), fill=CHESTNUT)
    for line in lay_out(said):
        draw.text(
            (line.x, line.y),
            line.text,
            fill=line.colour,
            font=_font(line.size, bold=line.bold),
            anchor="ls",
        )
    image.paste(_logo(64), (EDGE, HEIGHT - 118))
    written = BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue()


def write_svg(said: Said) -> bytes:
    """Return the picture as SVG, with attributes alone: no style, no script, nothing to load."""
    svg = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {HEIGHT}",
            "width": str(WIDTH),
            "height": str(HEIGHT),
            "role": "img",
        },
    )
    SubElement(svg, "title").text = f"{said.title}, {said.when}"
    SubElement(svg, "rect", {"width": "100%", "height": "100%", "fill": PAPER})
    SubElement(svg, "rect", {"width": "100%", "height": "16", "fill": CHESTNUT})
    for line in lay_out(said):
        text = SubElement(
            svg,
            "text",
            {
                "x": str(line.x),
                "y": str(line.y),
                "font-size": str(line.size),
                "font-family": FAMILIES,
                "font-weight": "600" if line.bold else "400",
                "fill": line.colour,
                # A font that is wider than the one measured must not run out of the picture.
                "textLength": str(round(_width(line.text, line.size, bold=line.bold))),
                "lengthAdjust": "spacingAndGlyphs",
            },
        )
        text.text = line.text
    svg.append(_logo_in_svg(64, EDGE, HEIGHT - 118))
    written: bytes = ElementTree.tostring(svg, encoding="utf-8", xml_declaration=True)
    return written


def lay_out(said: Said) -> list[Line]:
    """Return the lines of the picture, none of which leaves it."""
    kind, colour = ("Cancelled", BAD) if said.cancelled else (said.kind, CHESTNUT)
    size, title = _fit_title(said.title)
    top, step = 112 + round(size * 1.3), round(size * 1.14)
    below = top + (len(title) - 1) * step + 74
    lines = [
        Line(text=kind, y=112, bold=True, colour=colour),
        *(
            Line(text=part, y=top + number * step, size=size, bold=True)
            for number, part in enumerate(title)
        ),
        Line(text=said.when, y=below),
        Line(text=said.where, y=below + 50, colour=INK_SOFT),
        Line(text=said.group, x=EDGE + 88, y=HEIGHT - 74),
    ]
    return [_shorten(line) for line in lines if line.text]


def _shorten(line: Line) -> Line:
    room = WIDTH - EDGE - line.x
    return replace(line, text=_cut(line.text, line.size, bold=line.bold, room=room))


def _fit_title(title: str) -> tuple[int, list[str]]:
    """Return the largest size at which the title fits, and its lines; the rest is cut off."""
    for size in TITLE_SIZES:
        lines = list(_wrap(title, size))
        if len(lines) <= MOST_LINES:
            return size, lines
    rest = " ".join(lines[MOST_LINES - 1 :])
    return size, [*lines[: MOST_LINES - 1], _cut(rest, size, bold=True, room=ROOM)]


def _wrap(text: str, size: int) -> Iterator[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and _width(longer, size, bold=True) > ROOM:
            yield line
            longer = word
        while _width(longer, size, bold=True) > ROOM:
            part = _head(longer, size, bold=True, room=ROOM)
            yield part
            longer = longer[len(part) :]
        line = longer
    yield line


def _cut(text: str, size: int, *, bold: bool, room: int) -> str:
    if _width(text, size, bold=bold) <= room:
        return text
    dots = _width("…", size, bold=bold)
    return _head(text, size, bold=bold, room=room - round(dots)).rstrip(" ,.;:·") + "…"


def _head(text: str, size: int, *, bold: bool, room: int) -> str:
    """Return as many characters from the start as there is room for, at least one."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if _width(text[:middle], size, bold=bold) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low]


def _width(text: str, size: int, *, bold: bool) -> float:
    # The ink, not the advance: the dots at a line's end reach beyond theirs.
    return _font(size, bold=bold).getbbox(text, anchor="ls")[2]


@lru_cache(maxsize=16)
def _font(size: int, *, bold: bool) -> ImageFont.FreeTypeFont:
    name = f"SourceSerifPro-{'Semibold' if bold else 'Regular'}.ttf"
    found = files("font_source_serif_pro") / "files" / name
    # The basic layout is there on every machine, and measures alike on all.
    return ImageFont.truetype(
        BytesIO(found.read_bytes()), size, layout_engine=ImageFont.Layout.BASIC
    )


@lru_cache(maxsize=2)
def _logo(size: int) -> Image.Image:
    """Return the logo, drawn from the same measures as shared/static/logo.svg."""
    unit = size * SMOOTH / 32
    image = Image.new("RGB", (size * SMOOTH, size * SMOOTH), PAPER)
    draw = ImageDraw.Draw(image)

    def scaled(*measures: float) -> tuple[float, ...]:
        return tuple(measure * unit for measure in measures)

    draw.rounded_rectangle(scaled(0, 0, 32, 32), radius=9 * unit, fill=CHESTNUT)
    for left in (6, 16):
        draw.arc(scaled(left - 1.7, 15.3, left + 11.7, 28.7), 180, 360, CREAM, round(3.4 * unit))
        for side in (left, left + 10):
            draw.rectangle(scaled(side - 1.7, 22, side + 1.7, 26), fill=CREAM)
            draw.ellipse(scaled(side - 1.7, 24.3, side + 1.7, 27.7), fill=CREAM)
    draw.ellipse(scaled(7.6, 6.6, 14.4, 13.4), fill=CREAM)
    draw.ellipse(scaled(17.6, 6.6, 24.4, 13.4), fill=HONEY)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def _logo_in_svg(size: int, x: int, y: int) -> Element:
    group = Element("g", {"transform": f"translate({x} {y}) scale({size / 32})"})
    SubElement(group, "rect", {"width": "32", "height": "32", "rx": "9", "fill": CHESTNUT})
    people = {"fill": "none", "stroke": CREAM, "stroke-width": "3.4", "stroke-linecap": "round"}
    SubElement(group, "path", {"d": "M6 26v-4a5 5 0 0 1 10 0v4m0-4a5 5 0 0 1 10 0v4", **people})
    SubElement(group, "circle", {"cx": "11", "cy": "10", "r": "3.4", "fill": CREAM})
    SubElement(group, "circle", {"cx": "21", "cy": "10", "r": "3.4", "fill": HONEY})
    return group
