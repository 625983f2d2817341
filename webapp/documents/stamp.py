"""What is seen where the electronic signature lies: words drawn as outlines, without a font.

A signature is added to a finished PDF/A; outlines bring in nothing that would have to be embedded,
tagged or validated anew.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
from fontTools.pens.basePen import BasePen
from fontTools.pens.boundsPen import ControlBoundsPen
from fontTools.svgLib.path import parse_path
from fontTools.ttLib import TTFont

INK = "0.64 0.16 0.13"
FRAME_PT = 0.75
MARGIN_PT = 5.0
LEADING = 1.45
SIZE_MAX_PT = 9.0
CAPTION_MAX_PT = 6.5
PEN = "0.07 0.09 0.2"  # blue-black ink
PEN_WIDTH_PX = 2.4
SCALE_MAX = 0.6  # points a CSS pixel: a short name is not blown up


class _Operators(BasePen):
    """Collects a glyph's outline as PDF drawing operators."""

    def __init__(self, glyphs: Any) -> None:
        super().__init__(glyphs)
        self.found: list[str] = []

    def _moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802 - fontTools' own name
        self.found.append(f"{_told(point)} m")

    def _lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self.found.append(f"{_told(point)} l")

    def _curveToOne(self, *points: tuple[float, float]) -> None:  # noqa: N802
        self.found.append(f"{' '.join(map(_told, points))} c")

    def _endPath(self) -> None:  # noqa: N802
        return

    def _closePath(self) -> None:  # noqa: N802
        self.found.append("h")


def blank(width: float, height: float) -> bytes:
    """Return a page with nothing on it: the signature lies over a seal that is printed already."""
    return _page(width, height, "")


def words(lines: Sequence[str], width: float, height: float, font: Path) -> bytes:
    """Return a framed page of these lines, as large as fits."""
    glyphs = _font(font)
    widest = max(_width(glyphs, line) for line in lines)
    size = min(
        SIZE_MAX_PT,
        (width - 2 * MARGIN_PT) / widest,
        (height - MARGIN_PT) / (LEADING * len(lines)),
    )
    top = (height + size * LEADING * len(lines)) / 2
    drawn = [_frame(width, height), f"{INK} rg"]
    for place, line in enumerate(lines):
        baseline = top - size * LEADING * (place + 0.75)
        drawn.append(_line(glyphs, line, MARGIN_PT, baseline, size))
    return _page(width, height, "\n".join(drawn))


def ink(
    strokes: Mapping[str, Any], lines: Sequence[str], width: float, height: float, font: Path
) -> bytes:
    """Return a page with finger-drawn strokes, as vectors, and words in small print below.

    ``strokes`` has SVG path data in a box of ``width`` by ``height`` CSS pixels.
    """
    low = _caption_height(lines, width, height, font)
    bounds, pen = ControlBoundsPen(None), _Operators(None)
    for each in (bounds, pen):
        parse_path(strokes["path"], each)
    x1, y1, x2, y2 = bounds.bounds or (0, 0, float(strokes["width"]), float(strokes["height"]))
    scale = min((width - 4) / (x2 - x1 + 1), (height - low - 3) / (y2 - y1 + 1), SCALE_MAX)
    left = (width - (x1 + x2) * scale) / 2
    top = (height + low + (y1 + y2) * scale) / 2
    drawn = f"q {scale:.5f} 0 0 {-scale:.5f} {left:.3f} {top:.3f} cm"
    drawn += f" {PEN} RG {PEN_WIDTH_PX} w 1 J 1 j {' '.join(pen.found)} S Q"
    return _page(width, height, "\n".join([drawn, *_caption(lines, width, low, font)]))


def _caption_height(lines: Sequence[str], width: float, height: float, font: Path) -> float:
    return _caption_size(lines, width, height, font) * LEADING * len(lines)


def _caption_size(lines: Sequence[str], width: float, height: float, font: Path) -> float:
    widest = max(_width(_font(font), line) for line in lines)
    return min(CAPTION_MAX_PT, width / widest, height * 0.3 / (LEADING * len(lines)))


def _caption(lines: Sequence[str], width: float, low: float, font: Path) -> list[str]:
    size = low / (LEADING * len(lines))
    glyphs, drawn = _font(font), [f"{PEN} rg"]
    for place, line in enumerate(lines):
        left = (width - _width(glyphs, line) * size) / 2
        drawn.append(_line(glyphs, line, left, low - size * LEADING * (place + 0.75), size))
    return drawn


def _frame(width: float, height: float) -> str:
    inset = FRAME_PT / 2
    return (
        f"q {INK} RG {FRAME_PT} w {inset} {inset}"
        f" {width - FRAME_PT:.2f} {height - FRAME_PT:.2f} re S Q"
    )


def _line(font: TTFont, text: str, left: float, baseline: float, size: float) -> str:
    cmap, glyphs, metrics = font.getBestCmap(), font.getGlyphSet(), font["hmtx"]
    scale, x = size / font["head"].unitsPerEm, left
    drawn = []
    for character in text:
        name = cmap.get(ord(character), ".notdef")
        pen = _Operators(glyphs)
        glyphs[name].draw(pen)
        outline = " ".join(pen.found)
        if outline:
            drawn.append(f"q {scale:.6f} 0 0 {scale:.6f} {x:.3f} {baseline:.3f} cm {outline} f Q")
        x += metrics[name][0] * scale
    return "\n".join(drawn)


def _width(font: TTFont, text: str) -> float:
    """Return a line's width at a size of 1."""
    cmap, metrics = font.getBestCmap(), font["hmtx"]
    units = sum(metrics[cmap.get(ord(character), ".notdef")][0] for character in text)
    return float(units) / float(font["head"].unitsPerEm)


def _told(point: tuple[float, float]) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"


def _page(width: float, height: float, drawn: str) -> bytes:
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(width, height))
        pdf.pages[0].Contents = pdf.make_stream(drawn.encode("ascii"))
        out = BytesIO()
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


@cache
def _font(path: Path) -> TTFont:
    return TTFont(path, lazy=True)
